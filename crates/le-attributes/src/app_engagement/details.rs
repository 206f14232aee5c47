//! The device of an app's visitor.

use std::net::IpAddr;

use le_core::{Error, Result};

use crate::generated::enums::{DeviceFamily, OperatingSystem};
use crate::payload::payload;

payload! {
    /// The device and the application of the visitor.
    pub struct AppDetails {
        /// Version of the application.
        app_version: Option<String> = "appVersion" [safe],
        /// Desktop, tablet or phone.
        device_family: Option<DeviceFamily> = "deviceFamily" [safe],
        /// The visitor's address, IPv4 or IPv6.
        ip_address: Option<String> = "ipAddress",
        /// Operating system.
        os: Option<OperatingSystem> = "os" [safe],
        /// Version of the operating system.
        os_version: Option<String> = "osVersion" [safe],
    }
}

impl AppDetails {
    pub(super) fn check(&self) -> Result<()> {
        match &self.ip_address {
            Some(address) if address.parse::<IpAddr>().is_err() => {
                Err(Error::validation("`appDetails.ipAddress` is not an IP address")
                    .with_advice("leave it out where it is not known"))
            }
            _ => Ok(()),
        }
    }
}
