//! Where an address is. The simulator has no data on addresses, so each one lies somewhere, and always in the same place.

use std::net::IpAddr;

use serde::Serialize;

use crate::account::{fold_text, mix};

/// `geo` of Visit Information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    pub(super) country: &'static str,
    pub(super) country_code: &'static str,
    pub(super) state: &'static str,
    pub(super) city: &'static str,
    pub(super) isp: &'static str,
    pub(super) org: &'static str,
}

const fn place(country: &'static str, country_code: &'static str, state: &'static str, city: &'static str) -> Place {
    Place {
        country,
        country_code,
        state,
        city,
        isp: "ExampleNet",
        org: "ExampleNet",
    }
}

const PLACES: &[Place] = &[
    place("Norway", "NO", "Oslo", "Oslo"),
    place("Germany", "DE", "Bayern", "München"),
    place("France", "FR", "Bretagne", "Rennes"),
    place("United States", "US", "Ohio", "Columbus"),
    place("Japan", "JP", "Osaka", "Osaka"),
    place("Brazil", "BR", "Bahia", "Salvador"),
    place("South Africa", "ZA", "Gauteng", "Pretoria"),
];

/// Where an address is.
pub(super) fn of(address: IpAddr) -> Place {
    let number = mix(fold_text(&address.to_string()), 0x67_656f);
    PLACES[number as usize % PLACES.len()]
}
