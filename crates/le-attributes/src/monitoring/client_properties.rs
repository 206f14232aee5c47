//! The device of the visitor.

use std::net::Ipv4Addr;

use le_core::{Error, Result};

use crate::generated::enums::{DeviceFamily, OperatingSystem};
use crate::payload::payload;

payload! {
    /// The device and the application of the visitor: for trouble-shooting, and seen by agents.
    ///
    /// <https://developers.liveperson.com/monitoring-api-methods-engagement.html>
    pub struct ClientProperties {
        /// Version of the host application.
        app_version: Option<String> = "appVersion" [safe],
        /// Desktop, tablet or phone.
        device_family: Option<DeviceFamily> = "deviceFamily" [safe],
        /// Operating system, by the name of the vendor's table. Use [`ClientProperties::system`], which sets both names.
        os: Option<OperatingSystem> = "os" [safe],
        /// Operating system, by the name of the vendor's samples.
        os_name: Option<OperatingSystem> = "osName" [safe],
        /// Version of the operating system.
        os_version: Option<String> = "osVersion" [safe],
        /// The visitor's address, an IPv4 address; the service checks it.
        ip_address: Option<String> = "ipAddress",
    }
}

impl ClientProperties {
    /// Sets the operating system under both names: the vendor's table says `os`, its samples `osName`.
    #[must_use]
    pub fn system(self, system: impl Into<OperatingSystem>) -> Self {
        let system = system.into();
        self.os(system.clone()).os_name(system)
    }

    /// The same with the operating system under both names, where one was set.
    pub(crate) fn under_both_names(mut self) -> Self {
        match (&self.os, &self.os_name) {
            (Some(system), None) => self.os_name = Some(system.clone()),
            (None, Some(system)) => self.os = Some(system.clone()),
            _ => {}
        }
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        match &self.ip_address {
            Some(address) if address.parse::<Ipv4Addr>().is_err() => {
                Err(Error::validation("`clientProperties.ipAddress` is not an IPv4 address")
                    .with_advice("the service takes real IPv4 addresses only; leave an IPv6 address out"))
            }
            _ => Ok(()),
        }
    }
}
