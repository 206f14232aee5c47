//! Glob patterns over route ids and paths.

/// Whether `text` matches `pattern`: `*` stands for any run of characters (also none), `?` for one.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at_pattern, mut at_text) = (0, 0);
    // Where the last star was, and the text position that it has swallowed up to; a mismatch lets it swallow one more.
    let mut star: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                star = Some((at_pattern, at_text));
                at_pattern += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[at_text] => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => match star {
                Some((star_at, swallowed)) => {
                    star = Some((star_at, swallowed + 1));
                    at_pattern = star_at + 1;
                    at_text = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at_pattern..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn globs() {
        for (pattern, text) in [
            ("login.*", "login.refresh"),
            ("*", ""),
            ("*/login", "/api/account/1/login"),
            (
                "/api/*/service/*/baseURI*",
                "/api/account/1/service/msgHist/baseURI.json",
            ),
            ("a?c", "abc"),
            ("*aab", "aaaab"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("login.*", "login"),
            ("a?c", "ac"),
            ("", "a"),
            ("*/login", "/login/x"),
            ("abc", "ab"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
