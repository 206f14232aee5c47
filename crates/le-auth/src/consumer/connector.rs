//! Connectors: how an account authenticates its consumers.

use le_core::wire::{List, Trail};
use le_core::{Error, ErrorKind, RawResponse};
use serde_json::Value;
use serde_json::value::RawValue;

/// The method that marks the connector of anonymous consumers.
const ANONYMOUS: &str = "lpTag.taglets.unAuthMessaging.lpUnauthFunction";

le_core::record! {
    /// One connector of the public list.
    pub struct Connector {
        /// Its id, which came as a number or as text.
        id: Option<Value> = "id" [safe],
        /// Its name.
        name: Option<String> = "name",
        /// How it is set up.
        configuration: Option<ConnectorConfiguration> = "configuration",
    }
}

le_core::record! {
    /// How a connector is set up; what is secret in it is not in the public list.
    pub struct ConnectorConfiguration {
        /// The method of the web page that gives the token.
        js_method_name: Option<String> = "jsMethodName" [safe],
    }
}

impl Connector {
    /// The id as text, as it stands in paths.
    #[must_use]
    pub fn id_text(&self) -> Option<String> {
        match self.id.as_ref()? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Whether anonymous consumers come through it.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        let configuration = self.configuration.as_ref();
        configuration.and_then(|c| c.js_method_name.as_deref()) == Some(ANONYMOUS)
    }
}

/// Reads the list. An entry that is no object is left out: it is not the one that is looked for.
pub(super) fn connectors_of(answer: &RawResponse) -> Result<Vec<Connector>, Error> {
    let raw: &RawValue = serde_json::from_str(answer.json_text()?).map_err(|_| {
        answer.fail(
            ErrorKind::Decode,
            "the list of connectors is not JSON, or ends too early",
        )
    })?;
    let list: Option<List<Connector>> = Trail::default().read(raw);
    list.map(|list| list.to_vec())
        .ok_or_else(|| answer.fail(ErrorKind::Decode, "the list of connectors is no list"))
}

/// The id of the connector of anonymous consumers.
pub(super) fn anonymous(connectors: &[Connector]) -> Result<String, Error> {
    let found = connectors.iter().find(|connector| connector.is_anonymous());
    found.and_then(Connector::id_text).ok_or_else(|| {
        let message = "the account has no connector for anonymous consumers";
        Error::new(ErrorKind::NotFound, message).with_advice(
            "add one in the settings of the account (unauthenticated messaging), or give the id of one with `connector`",
        )
    })
}
