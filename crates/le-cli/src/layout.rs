//! Lays JSON out for reading without touching what it says: numbers, order and escapes stay as they came.

/// The text with one member or element on each line.
pub(crate) fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut rest = json.trim().char_indices().peekable();
    let mut in_string = false;
    while let Some((_, c)) = rest.next() {
        if in_string {
            out.push(c);
            match c {
                '\\' => out.extend(rest.next().map(|(_, escaped)| escaped)),
                '"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while rest.next_if(|(_, c)| c.is_ascii_whitespace()).is_some() {}
                if let Some((_, close)) = rest.next_if(|(_, c)| matches!(c, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_stays_as_it_came() {
        let json = r#" {"z":1.50,"a":{"b":[],"c":[1 ,{ }]},"t":"x\"{,:}\\","n":123456789012345678901,"u":"\ud800"}"#;
        let expected = "{\n  \"z\": 1.50,\n  \"a\": {\n    \"b\": [],\n    \"c\": [\n      1,\n      {}\n    ]\n  },\n  \
                        \"t\": \"x\\\"{,:}\\\\\",\n  \"n\": 123456789012345678901,\n  \"u\": \"\\ud800\"\n}";
        assert_eq!(indented(json), expected);
        assert_eq!(indented(expected), expected);
    }
}
