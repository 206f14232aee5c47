//! What the catalogue does not have. It breaks no rule: newer pages may have it.

use std::fmt;

use serde_json::{Map, Value};

use crate::catalogue::{self, AttributeType, FieldType, Record};
use crate::sde::Sde;

/// A type or a member that no page names: newer than this version, or a slip of the pen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    path: String,
    message: String,
    meant: Option<String>,
}

impl Unknown {
    /// The place in the attribute, e.g. `products[1].prodct`; `type` where the type itself is not known.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What may have been meant: a type, or the place of a field.
    #[must_use]
    pub fn meant(&self) -> Option<&str> {
        self.meant.as_deref()
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.meant {
            Some(meant) => write!(f, "; did you mean `{meant}`?"),
            None => f.write_str("; it is sent as it is"),
        }
    }
}

/// The types and members of an attribute that the [`catalogue`] does not have. They are sent as they are, and break no
/// rule of [`report`](super::report); but where nothing of the kind was added by the vendor, they are mistakes that nobody else tells.
///
/// ```
/// use le_attributes::{Sde, validate};
///
/// let cart = Sde::read(r#"{"type":"cart","total":9,"numItems":1,"curency":"EUR"}"#)?;
/// let unknown = validate::unknown(&cart);
/// assert_eq!((unknown[0].path(), unknown[0].meant()), ("curency", Some("currency")));
/// # Ok::<_, serde_json::Error>(())
/// ```
#[must_use]
pub fn unknown(attribute: &Sde) -> Vec<Unknown> {
    let (Some(name), Ok(Value::Object(members))) = (attribute.type_name(), serde_json::to_value(attribute)) else {
        return Vec::new();
    };
    let Some(kind) = catalogue::find(&name) else {
        return vec![Unknown {
            path: "type".to_owned(),
            message: format!("no type is called `{}`", name.escape_debug()),
            meant: catalogue::meant(&name).map(|kind| kind.wire.to_owned()),
        }];
    };
    let mut walk = Walk {
        kind,
        found: Vec::new(),
    };
    walk.top(&members);
    walk.found
}

struct Walk {
    kind: &'static AttributeType,
    found: Vec<Unknown>,
}

impl Walk {
    fn top(&mut self, members: &Map<String, Value>) {
        let Some(payload) = self.kind.payload else {
            return self.fields(self.kind.record, members.iter().filter(|(name, _)| *name != "type"), "");
        };
        for (name, value) in members {
            match value {
                Value::Object(inner) if name == payload => {
                    self.fields(self.kind.record, inner, &format!("{payload}."));
                }
                _ if name == payload || name == "type" => {}
                _ => {
                    let field = self.kind.record.field(name).or_else(|| self.kind.record.meant(name));
                    self.add(name, "", field.map(|field| format!("{payload}.{}", field.wire)));
                }
            }
        }
    }

    fn fields<'v>(
        &mut self,
        record: &'static Record,
        members: impl IntoIterator<Item = (&'v String, &'v Value)>,
        above: &str,
    ) {
        for (name, value) in members {
            let Some(field) = record.field(name) else {
                let meant = record.meant(name);
                self.add(name, above, meant.map(|field| format!("{above}{}", field.wire)));
                continue;
            };
            match (field.kind, value) {
                (FieldType::Object(inner), Value::Object(members)) => {
                    self.fields(inner, members, &format!("{above}{name}."));
                }
                // One object stands for an array of one.
                (FieldType::Objects(inner), value) => {
                    for (at, element) in le_core::wire::elements(value).enumerate() {
                        let members = element.as_object().into_iter().flatten();
                        self.fields(inner, members, &format!("{above}{name}[{at}]."));
                    }
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, name: &str, above: &str, meant: Option<String>) {
        let path = format!("{above}{}", name.escape_debug());
        self.found.push(Unknown {
            message: format!("`{}` has no member `{path}`", self.kind.wire),
            path,
            meant,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(json: &str) -> Vec<String> {
        let attribute = Sde::read(json).unwrap();
        unknown(&attribute).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_type_of_another_family_is_told_by_the_name_to_send() {
        for name in [
            "ctmrInfo",
            "customerInfo",
            "CUSTOMER_INFO",
            "customerDetails",
            "ctmrinf",
        ] {
            let json = format!(r#"{{"type":"{name}","info":{{"ctyp":"gold"}}}}"#);
            assert_eq!(
                told(&json),
                [format!("no type is called `{name}`; did you mean `ctmrinfo`?")]
            );
        }
        assert_eq!(
            told(r#"{"type":"weather\u001b[2J"}"#),
            [r"no type is called `weather\u{1b}[2J`; it is sent as it is"]
        );
    }

    #[test]
    fn members_are_told_with_their_place_wherever_they_are() {
        let json = r#"{"type":"purchase","cart":{"products":[{"product":{}},{"product":{"Price":1,"colour":"red"}}]},"totl":1}"#;
        assert_eq!(
            told(json),
            [
                "`purchase` has no member `cart.products[1].product.Price`; did you mean `cart.products[1].product.price`?",
                "`purchase` has no member `cart.products[1].product.colour`; it is sent as it is",
                "`purchase` has no member `totl`; did you mean `total`?",
            ]
        );
    }

    #[test]
    fn a_field_beside_its_payload_is_told_where_it_belongs() {
        assert_eq!(
            told(r#"{"type":"personal","surname":"Adler"}"#),
            ["`personal` has no member `surname`; did you mean `personal.lastname`?"]
        );
        assert_eq!(
            told(r#"{"type":"ctmrinfo","ctype":"gold","info":{"cstatus":"a"}}"#),
            ["`ctmrinfo` has no member `ctype`; did you mean `info.ctype`?"]
        );
    }

    #[test]
    fn what_the_pages_have_is_known() {
        let known = [
            r#"{"type":"mrktInfo","info":{"channel":1,"Affiliate":"a","campaignID":"c"}}"#,
            r#"{"type":"personal","personal":{"contacts":{"email":"a@example.org","address":{"country":"NO"}}}}"#,
            r#"{"no":"type"}"#,
        ];
        for json in known {
            assert_eq!(told(json), [""; 0], "{json}");
        }
    }
}
