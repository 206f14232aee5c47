//! What an agent can type.

use le_bots::agent_state::Availability;

use crate::messaging::keyboard::Typed;

pub(crate) const HELP: &str = "\
  text                 say it in the conversation that was touched last
  /accept [N]          take the conversation N that rings
  /reject [N]          do not take it
  /to N                turn to conversation N
  /list                show conversations and rings
  /card FILE           send the card (structured content, JSON) of a file
  /note TEXT           tell other agents and managers, not the consumer
  /typing              show that you are typing
  /skill ID            hand the conversation to a skill
  /agent ID            hand it to an agent, by user id
  /queue               put it back into the queue of its skill
  /close               close it; a survey may follow
  /online, /away       whether new conversations ring
  /quit                leave; conversations stay yours";

/// A line, understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Command {
    Say(String),
    Accept(Option<usize>),
    Reject(Option<usize>),
    TurnTo(usize),
    List,
    Card(String),
    Note(String),
    Typing,
    ToSkill(String),
    ToAgent(String),
    ToQueue,
    Close,
    Be(Availability),
    Quit,
    Help,
}

impl Command {
    /// Reads a line; what is wrong with it otherwise.
    pub(crate) fn read(typed: Typed) -> Result<Self, String> {
        let (name, rest) = match typed {
            Typed::Text(text) => return Ok(Self::Say(text)),
            Typed::Command(name, rest) => (name, rest),
        };
        let needed = |what: &str| {
            let missing = || Err(format!("/{name} needs {what}"));
            if rest.is_empty() { missing() } else { Ok(rest.clone()) }
        };
        Ok(match name.as_str() {
            "accept" => Self::Accept(number(&name, &rest)?),
            "reject" => Self::Reject(number(&name, &rest)?),
            "to" => Self::TurnTo(number(&name, &needed("the number of a conversation")?)?.unwrap_or_default()),
            "list" => Self::List,
            "card" => Self::Card(needed("a file")?),
            "note" => Self::Note(needed("a text")?),
            "typing" => Self::Typing,
            "skill" => Self::ToSkill(needed("a skill id")?),
            "agent" => Self::ToAgent(needed("a user id")?),
            "queue" => Self::ToQueue,
            "close" => Self::Close,
            "online" => Self::Be(Availability::Online),
            "away" => Self::Be(Availability::Away),
            "quit" | "exit" => Self::Quit,
            "help" => Self::Help,
            _ => {
                return Err(format!(
                    "there is no command /{name}; /help lists them, and // begins a text with a slash"
                ));
            }
        })
    }
}

/// The number of a conversation, with or without its `#`.
fn number(name: &str, rest: &str) -> Result<Option<usize>, String> {
    if rest.is_empty() {
        return Ok(None);
    }
    let number = rest.trim_start_matches('#').parse();
    number
        .map(Some)
        .map_err(|_| format!("/{name} takes the number of a conversation, not {rest:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, rest: &str) -> Result<Command, String> {
        Command::read(Typed::Command(name.into(), rest.into()))
    }

    #[test]
    fn lines_are_understood_or_refused_with_a_reason() {
        assert_eq!(Command::read(Typed::Text("hi".into())), Ok(Command::Say("hi".into())));
        assert_eq!(read("accept", ""), Ok(Command::Accept(None)));
        assert_eq!(read("accept", "#2"), Ok(Command::Accept(Some(2))));
        assert_eq!(read("skill", "42"), Ok(Command::ToSkill("42".into())));
        assert_eq!(read("skill", "").unwrap_err(), "/skill needs a skill id");
        assert!(read("to", "two").unwrap_err().contains("not \"two\""));
        assert!(read("sell", "").unwrap_err().contains("/help"));
    }

    #[test]
    fn the_help_names_every_command() {
        let names = [
            "accept", "reject", "to", "list", "card", "note", "typing", "skill", "agent", "queue", "close",
        ];
        for name in names.iter().chain(&["online", "away", "quit"]) {
            assert!(HELP.contains(&format!("/{name}")), "{name}");
        }
    }
}
