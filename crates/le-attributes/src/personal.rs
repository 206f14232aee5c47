//! Personal info (`personal`): name, age, contacts, language.

use le_core::wire::{Float, Int, List};

use crate::generated::enums::{Gender, PhoneType};
use crate::payload::{around, payload};

around! {
    /// Personal info as it is sent: `{"type":"personal","personal":{...}}`. The payload is read under `info` too, as one page
    /// shows it.
    PersonalSde { personal: Personal = "personal" | "info" }
}

payload! {
    /// The person. Every field is optional, and all are allowed in authenticated flows.
    ///
    /// <https://developers.liveperson.com/engagement-attributes-types-of-engagement-attributes.html>
    pub struct Personal {
        /// First name. First and last name become the visitor's name that agents see.
        first_name: Option<String> = "firstname",
        /// Last name.
        last_name: Option<String> = "lastname",
        /// Age and date of birth.
        age: Option<Age> = "age" [safe],
        /// Ways to reach them. Send an array; one page shows a single object, which is read too.
        contacts: List<Contact> = "contacts" [safe],
        /// Gender.
        gender: Option<Gender> = "gender",
        /// ISO 639-1 and ISO 3166-1 alpha-2, e.g. `fr-CA` or `fr_CA`.
        language: Option<String> = "language",
        /// Company.
        company: Option<String> = "company",
    }
}

payload! {
    /// An age, or the date of birth from which it is computed.
    pub struct Age {
        /// Years.
        age: Option<Float> = "age",
        /// Year of birth; needed where the age is to be computed.
        year: Option<Int> = "year",
        /// Month of birth, from 1.
        month: Option<Int> = "month",
        /// Day of birth, from 1.
        day: Option<Int> = "day",
    }
}

payload! {
    /// One way to reach a person.
    pub struct Contact {
        /// E-mail address.
        email: Option<String> = "email",
        /// Phone number.
        phone: Option<String> = "phone",
        /// What kind of phone it is.
        phone_type: Option<PhoneType> = "phoneType",
        /// Where they live.
        address: Option<Address> = "address" [safe],
    }
}

payload! {
    /// Where a person lives.
    pub struct Address {
        /// Country.
        country: Option<String> = "country",
        /// Region.
        region: Option<String> = "region",
    }
}
