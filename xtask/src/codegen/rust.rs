//! Rust text as rustfmt would leave it, so that rendering does not depend on the installed rustfmt.

use super::MARK;

/// rustfmt's `max_width` in this repository.
const WIDTH: usize = 120;
/// rustfmt's `array_width`: 60 % of the width, for what stands between the brackets.
const ARRAY_WIDTH: usize = 72;
/// Above this length of an element, an array that does not fit has one element a line.
const SHORT_ELEMENT: usize = 10;

/// The head of a generated file.
pub(super) fn head(source: &str, doc: &str) -> String {
    let mut out = format!("{MARK}fixtures/catalogue/{source}. Do not edit by hand.\n");
    for line in wrap(doc, WIDTH - 4) {
        out.push_str(&format!("//! {line}\n"));
    }
    out.push('\n');
    out
}

/// A doc comment, wrapped, each line behind `indent` spaces. An empty string in `paragraphs` is left out.
pub(super) fn doc(paragraphs: &[&str], indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mut out = String::new();
    for paragraph in paragraphs.iter().filter(|text| !text.is_empty()) {
        if !out.is_empty() {
            out.push_str(&format!("{pad}///\n"));
        }
        for line in wrap(paragraph, WIDTH - indent - 4) {
            out.push_str(&format!("{pad}/// {line}\n"));
        }
    }
    out
}

/// A Rust string literal.
pub(super) fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// `pub const NAME: &[TYPE] = &[...];` in the layout of rustfmt.
pub(super) fn const_array(name: &str, element: &str, elements: &[String]) -> String {
    let start = format!("pub const {name}: &[{element}] = &[");
    let joined = elements.join(", ");
    if joined.len() <= ARRAY_WIDTH && start.len() + joined.len() + 2 <= WIDTH {
        return format!("{start}{joined}];\n");
    }
    let mut out = format!("{start}\n");
    if elements.iter().all(|text| text.len() <= SHORT_ELEMENT) {
        let mut line = String::new();
        for text in elements {
            // The comma and the space before it count.
            if !line.is_empty() && 4 + line.len() + 1 + text.len() + 1 > WIDTH {
                out.push_str(&format!("    {}\n", line));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&format!("{text},"));
        }
        out.push_str(&format!("    {line}\n"));
    } else {
        for text in elements {
            out.push_str(&format!("    {text},\n"));
        }
    }
    out.push_str("];\n");
    out
}

/// Breaks at spaces; a word longer than the width stays whole.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_break_as_rustfmt_breaks_them() {
        let texts = |words: &[&str]| words.iter().map(|word| literal(word)).collect::<Vec<_>>();
        assert_eq!(
            const_array("A", "&str", &texts(&["OPEN", "CLOSE"])),
            "pub const A: &[&str] = &[\"OPEN\", \"CLOSE\"];\n"
        );
        let long = const_array(
            "A",
            "&str",
            &texts(&[
                "ASSIGNED_AGENT",
                "READER",
                "MANAGER",
                "AGENT",
                "SUGGESTED_ASSIGNED_AGENT",
            ]),
        );
        assert_eq!(long.lines().count(), 7);
    }

    #[test]
    fn comments_are_wrapped() {
        let text = doc(&[&"word ".repeat(40), "", "next"], 4);
        assert!(
            text.lines()
                .all(|line| line.len() <= WIDTH && line.starts_with("    ///"))
        );
        assert!(text.ends_with("    ///\n    /// next\n"));
    }
}
