//! The many spellings of "no value".

/// The text, unless it is one of the spellings that mean "no value": `undefined`, `null`, `NA` and the empty string.
///
/// The record keeps what came; this is for reading it.
///
/// ```
/// use le_core::wire::present;
/// assert_eq!(present("Ruth"), Some("Ruth"));
/// assert_eq!(present("undefined"), None);
/// assert_eq!(present(""), None);
/// ```
#[must_use]
pub fn present(text: &str) -> Option<&str> {
    // Most texts are longer than all spellings, and it takes no trimming to see it.
    if let [first, .., last] = text.as_bytes()
        && text.len() > "undefined".len()
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return Some(text);
    }
    match text.trim() {
        "" | "undefined" | "null" | "NA" => None,
        _ => Some(text),
    }
}

/// The number, unless it is `-1`, which stands for "none" in skill, group, line-of-business and end-time fields.
///
/// ```
/// use le_core::wire::present_id;
/// assert_eq!(present_id(700_100_200), Some(700_100_200));
/// assert_eq!(present_id(-1), None);
/// ```
#[must_use]
pub fn present_id(number: i64) -> Option<i64> {
    (number != -1).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_nothing_is_nothing() {
        for text in ["", " ", "undefined", "null", "NA", "null "] {
            assert_eq!(present(text), None, "{text:?}");
        }
        for text in ["0", "-1", "Na", "UNDEFINED", "nullify", " x "] {
            assert_eq!(present(text), Some(text));
        }
    }
}
