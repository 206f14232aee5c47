//! What a body says: attributes, impressions, identities, entry points, the client; read and checked before anything is done.

use std::{net::IpAddr, sync::Arc};

use axum::extract::Request;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::request::Parts;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    attribute::{Entry, Step, text},
    knobs::MonitoringKnobs,
    refusal::{Refusal, Refused},
    rules,
    visit::Device,
};
use crate::routing::BODY_LIMIT;

/// One attribute or impression of a body.
#[derive(Debug)]
pub(super) struct Sent<'a> {
    pub(super) entry: Entry,
    pub(super) value: Value,
    pub(super) raw: &'a str,
    /// Where it stands.
    pub(super) path: String,
}

/// Who the visitor says to be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Identities {
    /// `sub` of each identity, and the deprecated consumer id.
    pub(super) keys: Vec<Arc<str>>,
    /// One of them is vouched for by the brand.
    pub(super) authenticated: bool,
}

/// Everything that a body of the Monitoring API can hold.
#[derive(Debug)]
pub(super) struct Intake<'a> {
    pub(super) sent: Vec<Sent<'a>>,
    pub(super) identities: Identities,
    pub(super) entry_points: Vec<String>,
    pub(super) page: Option<Arc<str>>,
    pub(super) device: Device,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(borrow)]
    identities: Option<&'a RawValue>,
    #[serde(borrow)]
    consumer_id: Option<&'a RawValue>,
    #[serde(borrow)]
    engagement_attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    entry_points: Option<&'a RawValue>,
    #[serde(borrow)]
    page_id: Option<&'a RawValue>,
    #[serde(borrow)]
    client_properties: Option<&'a RawValue>,
}

/// Which of the two calls a body belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Engagement,
    Report,
}

/// Reads a body of the Monitoring API.
pub(super) fn monitoring<'a>(body: &'a [u8], call: Call, knobs: &MonitoringKnobs) -> Refused<Intake<'a>> {
    let body = whole(body, knobs)?;
    let body: Body<'_> = serde_json::from_str(if body.is_empty() && call == Call::Engagement {
        "{}"
    } else {
        body
    })
    .map_err(|error| Refusal::invalid(format!("the body is not a JSON object: {error}")))?;
    let attributes = body.engagement_attributes;
    if call == Call::Report && attributes.is_none() {
        return Err(Refusal::invalid("engagementAttributes is required"));
    }
    Ok(Intake {
        sent: sent(attributes, "engagementAttributes", call == Call::Report, knobs)?,
        identities: identities(body.identities, body.consumer_id)?,
        entry_points: texts(body.entry_points, "entryPoints")?,
        page: word(body.page_id, "pageId")?.map(Arc::from),
        device: device(body.client_properties, "clientProperties", false)?,
    })
}

/// Reads a request to its end.
pub(super) async fn read(request: Request) -> (Parts, Option<Bytes>) {
    let (parts, body) = request.into_parts();
    let mut chunks = body.into_data_stream();
    let mut whole = Some(BytesMut::new());
    while let Some(chunk) = chunks.next().await {
        // What is too long is read to its end all the same: a client that is still writing would not read the answer.
        whole = match (whole, chunk) {
            (Some(mut whole), Ok(chunk)) if whole.len() + chunk.len() <= BODY_LIMIT => {
                whole.extend_from_slice(&chunk);
                Some(whole)
            }
            (_, Ok(_)) => None,
            (_, Err(_)) => return (parts, None),
        };
    }
    (parts, whole.map(BytesMut::freeze))
}

/// The body, unless it was longer than the simulator reads.
pub(super) fn present(body: &Option<Bytes>) -> Refused<&Bytes> {
    body.as_ref()
        .ok_or_else(|| Refusal::invalid(format!("the body was cut off, or is longer than {BODY_LIMIT} bytes")))
}

/// The body as text.
pub(super) fn whole<'a>(body: &'a [u8], knobs: &MonitoringKnobs) -> Refused<&'a str> {
    if let Some(longest) = knobs.longest_body.filter(|longest| body.len() > *longest) {
        return Err(Refusal::invalid(format!("the body is longer than {longest} bytes")));
    }
    std::str::from_utf8(body).map_err(|_| Refusal::invalid("the body is not UTF-8"))
}

/// Reads a list of attributes; impressions where they are taken.
pub(super) fn sent<'a>(
    list: Option<&'a RawValue>,
    name: &str,
    impressions: bool,
    knobs: &MonitoringKnobs,
) -> Refused<Vec<Sent<'a>>> {
    let Some(list) = list.filter(|list| list.get() != "null") else {
        return Ok(Vec::new());
    };
    let elements: Vec<&'a RawValue> = serde_json::from_str(list.get())
        .map_err(|_| Refusal::invalid(format!("{name} must be an array of objects")))?;
    let mut all = Vec::with_capacity(elements.len());
    for (place, raw) in elements.into_iter().enumerate() {
        let path = format!("{name}[{place}]");
        let value: Value = serde_json::from_str(raw.get())
            .map_err(|error| Refusal::invalid(format!("{path} cannot be read: {error}")))?;
        let Some(kind) = value.get("type").and_then(Value::as_str) else {
            return Err(Refusal::invalid(format!(
                "{path}.type is required and must be a string"
            )));
        };
        let Some(entry) = Entry::named(kind) else {
            if knobs.unknown_types_ignored {
                continue;
            }
            return Err(Refusal::invalid(format!("{path}.type: no attribute has this type")));
        };
        match entry {
            Entry::Impression(_) if !impressions => {
                return Err(Refusal::invalid(format!(
                    "{path}.type: impressions are not taken here, report them"
                )));
            }
            _ => rules::check(entry, &value, &path).map_err(Refusal::invalid)?,
        }
        all.push(Sent {
            entry,
            value,
            raw: raw.get(),
            path,
        });
    }
    Ok(all)
}

/// What apps of phones cannot report is refused.
pub(super) fn check_mobile(sent: &[Sent<'_>]) -> Refused<()> {
    let refused = |one: &&Sent<'_>| matches!(one.entry, Entry::Attribute(kind) if !kind.attribute().mobile);
    match sent.iter().find(refused) {
        Some(one) => Err(Refusal::invalid(format!(
            "{}.type: {} cannot be reported from a mobile app",
            one.path,
            text(&one.value["type"]).unwrap_or_default()
        ))),
        None => Ok(()),
    }
}

fn identities(list: Option<&RawValue>, consumer: Option<&RawValue>) -> Refused<Identities> {
    #[derive(Deserialize)]
    struct Identity {
        acr: Option<Value>,
        sub: Option<Value>,
    }
    let mut known = Identities::default();
    if let Some(list) = list.filter(|list| list.get() != "null") {
        let list: Vec<Identity> =
            serde_json::from_str(list.get()).map_err(|_| Refusal::invalid("identities must be an array of objects"))?;
        for (place, identity) in list.into_iter().enumerate() {
            match identity.acr.as_ref().and_then(Value::as_str) {
                Some("0") => {}
                Some("loa1") => known.authenticated = true,
                Some(_) => {
                    return Err(Refusal::invalid(format!(
                        "identities[{place}].acr must be \"0\" or \"loa1\""
                    )));
                }
                None => return Err(Refusal::invalid(format!("identities[{place}].acr is required"))),
            }
            let key = identity
                .sub
                .as_ref()
                .and_then(Value::as_str)
                .filter(|sub| !sub.is_empty());
            let key = key.ok_or_else(|| Refusal::invalid(format!("identities[{place}].sub is required")))?;
            known.keys.push(key.into());
        }
    }
    if let Some(id) = word(consumer, "consumerId")? {
        known.keys.push(id.into());
    }
    known.keys.dedup();
    Ok(known)
}

/// A string, or what reads as one; `None` if it is missing or empty.
pub(super) fn word(raw: Option<&RawValue>, name: &str) -> Refused<Option<String>> {
    let Some(raw) = raw else { return Ok(None) };
    match serde_json::from_str::<Value>(raw.get()).unwrap_or_default() {
        Value::Null => Ok(None),
        value => match text(&value) {
            Some(text) => Ok((!text.is_empty()).then(|| text.into_owned())),
            None => Err(Refusal::invalid(format!("{name} must be a string"))),
        },
    }
}

/// A list of strings. The tables call such lists comma separated: a string is taken apart.
pub(super) fn texts(raw: Option<&RawValue>, name: &str) -> Refused<Vec<String>> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    match serde_json::from_str::<Value>(raw.get()).unwrap_or_default() {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => Ok(text
            .split(',')
            .map(|one| one.trim().to_owned())
            .filter(|one| !one.is_empty())
            .collect()),
        Value::Array(values) => values
            .iter()
            .map(|value| text(value).map(std::borrow::Cow::into_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| Refusal::invalid(format!("{name} must be an array of strings"))),
        _ => Err(Refusal::invalid(format!("{name} must be an array of strings"))),
    }
}

/// `consumerSections`, as the entry points that say the same.
pub(super) fn sections(raw: Option<&RawValue>) -> Refused<Vec<String>> {
    let names = texts(raw, "consumerSections")?;
    Ok(names.into_iter().map(|name| format!("sec://{name}")).collect())
}

/// `clientProperties`, or `appDetails` of App Engagement, which takes addresses of version 6, too.
pub(super) fn device(raw: Option<&RawValue>, name: &str, version_6: bool) -> Refused<Device> {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else {
        return Ok(Device::default());
    };
    let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
    if !value.is_object() {
        return Err(Refusal::invalid(format!("{name} must be an object")));
    }
    let member = |member: &str| text(&value[member]).map(std::borrow::Cow::into_owned);
    let one_of = |member_name: &str, given: Option<String>, known: &[&str]| match given {
        Some(given) if !known.contains(&given.as_str()) => {
            let known = known.join(", ");
            Err(Refusal::invalid(format!("{name}.{member_name} must be one of {known}")))
        }
        given => Ok(given),
    };
    let address = member("ipAddress");
    let valid = address.as_ref().is_none_or(|text| match text.parse::<IpAddr>() {
        Ok(address) => address.is_ipv4() || version_6,
        Err(_) => false,
    });
    if !valid {
        return Err(Refusal::invalid(format!("{name}.ipAddress must be an IPv4 address")));
    }
    // Tables say `os`, samples `osName`.
    let os = member("os").or_else(|| member("osName"));
    Ok(Device {
        app_version: member("appVersion"),
        family: one_of("deviceFamily", member("deviceFamily"), &["DESKTOP", "TABLET", "MOBILE"])?,
        os: one_of("os", os, &["WINDOWS", "MAC_OSX", "LINUX", "IOS", "ANDROID"])?,
        os_version: member("osVersion"),
        address,
    })
}

impl Sent<'_> {
    /// The context that an impression names.
    pub(super) fn context(&self) -> Option<String> {
        text(&self.value["eContext"][0]["id"]).map(std::borrow::Cow::into_owned)
    }

    pub(super) fn is_impression(&self) -> bool {
        matches!(self.entry, Entry::Impression(_))
    }

    /// Display and click say which offer they belong to.
    pub(super) fn needs_context(&self) -> bool {
        matches!(self.entry, Entry::Impression(Step::Display | Step::Accept))
    }
}
