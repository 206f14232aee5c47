//! Attributes in a file: an array, one object, or JSON Lines of either.

use std::fmt;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use le_attributes::Sde;
use le_attributes::validate::{self, Unknown, Violation};
use serde_json::value::RawValue;

use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// What a file holds, in its order.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// The attributes that can be read, each with its place in the file.
    pub(super) attributes: Vec<(Place, Sde)>,
    /// What stands where an attribute should be.
    pub(super) misfits: Vec<(Place, Violation)>,
}

/// Where in the file an attribute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The line on which its JSON value (the array, where it stands in one) begins, from 1.
    pub(super) line: usize,
    /// Which one it is of the whole file, from 0.
    pub(super) at: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, attributes[{}]", self.line, self.at)
    }
}

/// Reads a file, or the standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Reports> {
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|e| Failure::file("read", Path::new("the standard input"), &e))?;
        text
    } else {
        fs::read_to_string(path).map_err(|e| Failure::file("read", path, &e))?
    };
    parse(&text).map_err(|failure| failure.while_(format!("cannot read attributes from {}", path.display())))
}

fn parse(text: &str) -> Result<Reports> {
    let mut reports = Reports::default();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let (mut line, mut seen) = (1, 0);
    loop {
        let begin = values.byte_offset();
        let begin = begin + text[begin..].len() - text[begin..].trim_start().len();
        line += text[seen..begin].matches('\n').count();
        seen = begin;
        match values.next() {
            None => break,
            Some(Ok(value)) => reports.add(value, line),
            Some(Err(error)) => return Err(broken(&error)),
        }
    }
    if reports.attributes.is_empty() && reports.misfits.is_empty() {
        let failure = Failure::new(Exit::Data, "there is no attribute in it");
        return Err(failure.advise("write an array of objects, one object, or one object a line"));
    }
    Ok(reports)
}

/// Where it ceases to be JSON. The parser's words hold no part of the text.
fn broken(error: &serde_json::Error) -> Failure {
    Failure::new(
        Exit::Data,
        format!("line {}, column {}: this is not JSON", error.line(), error.column()),
    )
    .advise("write an array of objects, one object, or one object a line")
}

impl Reports {
    /// What no page names, in the order of the file.
    pub(super) fn unknown(&self) -> Vec<(Place, Unknown)> {
        let of_one = |(place, attribute): &(Place, Sde)| {
            let place = *place;
            let unknown = validate::unknown(attribute).into_iter();
            unknown.map(move |unknown| (place, unknown))
        };
        self.attributes.iter().flat_map(of_one).collect()
    }

    fn add(&mut self, value: &RawValue, line: usize) {
        match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
            Ok(elements) => elements.into_iter().for_each(|element| self.add_one(element, line)),
            Err(_) => self.add_one(value, line),
        }
    }

    fn add_one(&mut self, value: &RawValue, line: usize) {
        let at = self.attributes.len() + self.misfits.len();
        let place = Place { line, at };
        match Sde::read(value.get()) {
            Ok(attribute) => self.attributes.push((place, attribute)),
            Err(_) => self.misfits.push((place, Violation::not_an_object(at, value.get()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_objects_and_lines_are_read_with_their_places() {
        for (text, expected) in [
            (r#"[{"type":"cart"},{"type":"lead"}]"#, vec![(1, 0), (1, 1)]),
            ("\n{\"type\":\"cart\"}", vec![(2, 0)]),
            (
                "{\"type\":\"cart\"}\n\n{\"type\":\n\"lead\"}\n[{},{}]\n",
                vec![(1, 0), (3, 1), (5, 2), (5, 3)],
            ),
        ] {
            let reports = parse(text).unwrap();
            let places: Vec<_> = reports
                .attributes
                .iter()
                .map(|(place, _)| (place.line, place.at))
                .collect();
            assert_eq!(places, expected, "{text}");
        }
        let mixed = parse("[7,{\"type\":\"cart\"}]\nnull").unwrap();
        assert_eq!(mixed.attributes.len(), 1);
        assert_eq!(
            mixed.misfits.iter().map(|(place, _)| place.at).collect::<Vec<_>>(),
            [0, 2]
        );
    }

    #[test]
    fn what_is_no_json_is_named_by_its_line() {
        for (text, place) in [
            ("{\"type\":\"cart\"}\n{\"type\"", "line 2"),
            ("", "no attribute"),
            ("secret", "line 1"),
        ] {
            let failure = parse(text).unwrap_err();
            assert_eq!(failure.exit(), Exit::Data);
            assert!(failure.to_string().contains(place), "{failure}");
            assert!(!failure.to_string().contains("secret"));
        }
    }
}
