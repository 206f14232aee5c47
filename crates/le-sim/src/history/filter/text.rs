//! Searching for words.

/// Words to look for: all of them, or, when the text stands in double quotes, all of them in this order.
///
/// The pages document the quotes and not what plain words mean; "all of them, whole, whatever their case" is the usual
/// reading of a search box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::history) struct Words {
    words: Vec<String>,
    phrase: bool,
}

impl Words {
    pub(in crate::history) fn parse(text: &str) -> Self {
        let text = text.trim();
        let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        Self {
            words: split(quoted.unwrap_or(text)),
            phrase: quoted.is_some(),
        }
    }

    /// Whether any of the texts has the words. No words are in no text.
    pub(in crate::history) fn within<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        !self.words.is_empty() && texts.into_iter().any(|text| self.within_one(text))
    }

    fn within_one(&self, text: &str) -> bool {
        let found = split(text);
        if self.phrase {
            found.windows(self.words.len()).any(|window| window == self.words)
        } else {
            self.words.iter().all(|word| found.contains(word))
        }
    }

    /// Whether any of the words is a number of more than three digits, which the service does not find in SDEs.
    pub(super) fn has_long_number(&self) -> bool {
        let long = |word: &String| {
            word.split(|letter: char| !letter.is_ascii_digit())
                .any(|digits| digits.len() > 3)
        };
        self.words.iter().any(long)
    }
}

/// Lower-case words; in scripts without spaces each character is one.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for letter in text.chars() {
        let stands_alone =
            matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3134f}');
        if !letter.is_alphanumeric() || stands_alone {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if stands_alone {
                words.push(letter.to_string());
            }
        } else {
            word.extend(letter.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn words_and_phrases_are_found() {
        let found = |query: &str, text: &str| Words::parse(query).within([text]);
        assert!(found("parcel LATE", "My late, late Parcel!"));
        assert!(!found("parcel", "parcels"));
        assert!(found("\"late parcel\"", "Why is this late parcel so late"));
        assert!(!found("\"late parcel\"", "parcel late"));
        assert!(found("ŁÓDŹ", "w: łódź."));
        assert!(found("荷物", "荷物が届きません。"));
        assert!(found("\"届きません\"", "荷物が届きません。"));
        assert!(!found("\"荷が\"", "荷物が"));
        assert!(!found("", "anything"));
        assert!(!found("\"\"", "anything"));
    }

    #[test]
    fn long_numbers_are_recognized() {
        assert!(Words::parse("K-1234").has_long_number());
        assert!(!Words::parse("K-123 45").has_long_number());
    }
}
