//! What a client says about itself when it connects.

pub use crate::generated::enums::{DeviceFamily, Feature, Integration, OperatingSystem};

use http::HeaderValue;
use le_core::wire::List;
use le_core::{Error, Secret};
use serde::Serialize;
use serde_json::json;

le_core::record! {
    /// The client's properties. Every field is optional; texts have at most 64 characters unless said otherwise.
    pub struct ClientProperties {
        /// Set by [`as_header`](Self::as_header) and [`in_request`](Self::in_request); the two places spell it differently.
        type_name: Option<String> = "type" [safe],
        /// Name of the application.
        app_id: Option<String> = "appId" [safe],
        /// Its version, at most 32 characters.
        app_version: Option<String> = "appVersion" [safe],
        /// IPv4 address, filled by the server.
        ip_address: Option<String> = "ipAddress",
        /// Kind of device.
        device_family: Option<DeviceFamily> = "deviceFamily" [safe],
        /// Operating system.
        os: Option<OperatingSystem> = "os" [safe],
        /// Its name in words.
        os_name: Option<String> = "osName" [safe],
        /// Its version.
        os_version: Option<String> = "osVersion" [safe],
        /// With what the client was built.
        integration: Option<Integration> = "integration" [safe],
        /// Its version.
        integration_version: Option<String> = "integrationVersion" [safe],
        /// Browser.
        browser: Option<String> = "browser" [safe],
        /// Its version.
        browser_version: Option<String> = "browserVersion" [safe],
        /// Maker of the device; the wire spells it so.
        device_manufacturer: Option<String> = "deviceManufacture" [safe],
        /// Model of the device.
        device_model: Option<String> = "deviceModel" [safe],
        /// IANA name of the time zone.
        time_zone: Option<String> = "timeZone" [safe],
        /// What the client can show.
        features: List<Feature> = "features" [safe],
    }
}

impl ClientProperties {
    /// The value of the `Client-Properties` header of an upgrade.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) naming a text that is too long or that no header can hold.
    pub fn as_header(&self) -> Result<HeaderValue, Error> {
        let text = serde_json::to_string(&self.typed(".ClientProperties")?)
            .map_err(|e| Error::validation("the client properties cannot be written as JSON").with_source(e))?;
        HeaderValue::try_from(text).map_err(|_| {
            Error::validation("the client properties hold characters that an HTTP header cannot hold")
                .with_advice("use ASCII, or send them in InitConnection")
        })
    }

    /// The header object for [`Envelope::init_connection`](crate::Envelope::init_connection).
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) naming a text that is too long.
    pub fn in_request(&self) -> Result<impl Serialize + use<>, Error> {
        self.typed(".ams.headers.ClientProperties")
    }

    fn typed(&self, name: &str) -> Result<Self, Error> {
        for (field, text, most) in [
            ("appId", &self.app_id, 64),
            ("appVersion", &self.app_version, 32),
            ("osName", &self.os_name, 64),
            ("osVersion", &self.os_version, 64),
            ("integrationVersion", &self.integration_version, 64),
            ("browser", &self.browser, 64),
            ("browserVersion", &self.browser_version, 64),
            ("deviceManufacture", &self.device_manufacturer, 64),
            ("deviceModel", &self.device_model, 64),
            ("timeZone", &self.time_zone, 64),
        ] {
            let length = text.as_ref().map_or(0, |text| text.chars().count());
            if length > most {
                let message = format!("client property `{field}` has {length} characters, the most is {most}");
                return Err(Error::validation(message).with_advice("shorten it"));
            }
        }
        Ok(Self {
            type_name: Some(name.to_owned()),
            ..self.clone()
        })
    }
}

/// The header object with a consumer's token for [`Envelope::init_connection`](crate::Envelope::init_connection).
///
/// It holds the token in the clear, since it is about to be sent.
#[must_use]
pub fn consumer_authentication(token: &Secret) -> impl Serialize + use<> {
    json!({"type": ".ams.headers.ConsumerAuthentication", "jwt": token.expose()})
}
