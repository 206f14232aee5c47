//! Halves of surrogate pairs in JSON text.

/// The text with each escape that is half of a surrogate pair replaced by the sign for what cannot be shown.
pub(super) fn mended(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let length = match escape(tail) {
            Some(0xD800..=0xDBFF) if matches!(tail.get(6..).and_then(escape), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => {
                out.push_str("\\ufffd");
                rest = &tail[6..];
                continue;
            }
            Some(_) => 6,
            // The sign behind the backslash may be longer than a byte where the text is no JSON.
            None => tail.chars().take(2).map(char::len_utf8).sum(),
        };
        out.push_str(&tail[..length]);
        rest = &tail[length..];
    }
    out.push_str(rest);
    out
}

/// The unit of a `\uXXXX` at the beginning of the text.
fn escape(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_halves_are_replaced() {
        for (json, mended_json) in [
            (
                r#""\ud83d\ude00 \u00e9 \\ud83d \" x""#,
                r#""\ud83d\ude00 \u00e9 \\ud83d \" x""#,
            ),
            (r#""a\ud83d""#, r#""a\ufffd""#),
            (r#""\ude00\ud83db""#, r#""\ufffd\ufffdb""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
        ] {
            assert_eq!(mended(json), mended_json);
            assert!(serde_json::from_str::<String>(mended_json).is_ok());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(\\\\u[dD][89abcdefABCDEF][0-9]{2}|\\\\|é|.){0,20}") {
            let once = mended(&text);
            prop_assert_eq!(mended(&once), once);
        }

        #[test]
        fn text_without_halves_stays(text in ".{0,40}") {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(mended(&json), json);
        }
    }
}
