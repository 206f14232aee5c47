//! Personal info (`personal`): name, age, contacts, language.

use crate::payload::around;

pub use crate::generated::payloads::{Address, Age, Contact, Personal};

around! {
    /// Personal info as it is sent: `{"type":"personal","personal":{...}}`. The payload is read under `info` too, as one page
    /// shows it.
    PersonalSde { personal: Personal = "personal" | "info" }
}
