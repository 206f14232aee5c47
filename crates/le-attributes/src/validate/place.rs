//! Where in an attribute a check stands.

use std::fmt;

/// A place as a chain on the stack: it costs nothing until somebody asks for its text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    up: Option<&'a Self>,
    step: Step,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Top,
    Member(&'static str),
    Element(usize),
}

impl Place<'_> {
    /// The attribute itself.
    pub(crate) const TOP: Self = Self {
        up: None,
        step: Step::Top,
    };
}

impl<'a> Place<'a> {
    /// A member of the object here.
    pub(crate) fn member(&'a self, name: &'static str) -> Self {
        Self {
            up: Some(self),
            step: Step::Member(name),
        }
    }

    /// An element of the array here.
    pub(crate) fn element(&'a self, at: usize) -> Self {
        Self {
            up: Some(self),
            step: Step::Element(at),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(up) = self.up {
            up.fmt(f)?;
        }
        match self.step {
            Step::Top => Ok(()),
            Step::Element(at) => write!(f, "[{at}]"),
            Step::Member(name) if self.up.is_none_or(|up| matches!(up.step, Step::Top)) => f.write_str(name),
            Step::Member(name) => write!(f, ".{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_a_path() {
        let top = Place::TOP;
        let (cart, products) = (top.member("cart"), Place::TOP);
        let products = (products.member("x"), cart.member("products"));
        let first = products.1.element(1);
        assert_eq!(first.member("product").to_string(), "cart.products[1].product");
        assert_eq!(products.0.to_string(), "x");
        assert_eq!(top.to_string(), "");
    }
}
