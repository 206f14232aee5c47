//! Lines of the standard input: text, or a command that begins with a slash.

use std::io::{BufRead, Read as _};

use tokio::sync::mpsc::{self, Receiver};

/// A line that somebody typed, or that came through a pipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Typed {
    /// To be said.
    Text(String),
    /// `/name rest`.
    Command(String, String),
}

impl Typed {
    /// `None` for an empty line. A text that begins with a slash is written with two.
    fn read(line: &str) -> Option<Self> {
        let line = line.trim();
        if line.is_empty() {
            return None;
        }
        let Some(command) = line.strip_prefix('/').filter(|rest| !rest.starts_with('/')) else {
            let text = line.strip_prefix('/').unwrap_or(line);
            return Some(Self::Text(text.to_owned()));
        };
        let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        Some(Self::Command(name.to_lowercase(), rest.trim().to_owned()))
    }
}

/// The longest line that is read, bytes; what is longer is read as several. A message has no such length.
const LONGEST: u64 = 64 * 1024;
/// Lines that wait; a pipe that brings more is not read further.
const WAITING: usize = 64;

/// The standard input. It is read by a thread of its own, which ends with the program.
#[derive(Debug)]
pub(crate) struct Keyboard(Receiver<Typed>);

impl Keyboard {
    pub(crate) fn open() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        std::thread::spawn(move || {
            let mut input = std::io::stdin().lock();
            while let Some(line) = line(&mut input) {
                if let Some(typed) = Typed::read(&line)
                    && sender.blocking_send(typed).is_err()
                {
                    return;
                }
            }
        });
        Self(receiver)
    }

    /// The next line; `None` at the end of the input. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Option<Typed> {
        self.0.recv().await
    }
}

/// A line; `None` at the end of the input, or where it cannot be read.
fn line(input: &mut impl BufRead) -> Option<String> {
    let mut bytes = Vec::new();
    let read = input.take(LONGEST).read_until(b'\n', &mut bytes).ok()?;
    (read > 0).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_begins_a_command_and_two_a_text() {
        let command = |name: &str, rest: &str| Some(Typed::Command(name.into(), rest.into()));
        let text = |text: &str| Some(Typed::Text(text.into()));
        assert_eq!(Typed::read("/close\n"), command("close", ""));
        assert_eq!(Typed::read("/Skill  42 "), command("skill", "42"));
        assert_eq!(Typed::read(" How are you? "), text("How are you?"));
        assert_eq!(Typed::read("//etc"), text("/etc"));
        assert_eq!(Typed::read("  "), None);
    }

    #[test]
    fn input_without_an_end_of_line_is_read_in_pieces() {
        let mut endless = std::io::BufReader::new(std::io::repeat(b'a'));
        assert_eq!(line(&mut endless).unwrap().len(), 65_536);
        let mut short = &b"one\ntwo"[..];
        assert_eq!(line(&mut short).as_deref(), Some("one\n"));
        assert_eq!(line(&mut short).as_deref(), Some("two"));
        assert_eq!(line(&mut short), None);
    }
}
