//! Reading requests. Lenient where clients differ: numbers as text, single elements for lists, `null` for nothing.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value, value::RawValue};

use super::{Operation, change, operation, publication::event_kind};
use crate::messaging::engine::{Draft, Filter, FormReference, MessageQuery, NewConversation, Refusal, Request};

/// A request frame, as far as every one has it.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(rename = "type", borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
    #[serde(borrow, default)]
    headers: Option<&'a RawValue>,
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// `None`: it is not JSON, or no object.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        // A list would do for a struct, too.
        let object = text.trim_start().starts_with('{');
        object.then(|| serde_json::from_str(text).ok()).flatten()
    }

    /// The id for the answer, as a JSON string: a number is answered as text.
    pub(crate) fn id(&self) -> Cow<'a, str> {
        match self.id.map(RawValue::get) {
            Some(text) if text.starts_with('"') => Cow::Borrowed(text),
            Some("null") | None => Cow::Borrowed("null"),
            Some(number) => Cow::Owned(format!("\"{}\"", number.replace(['"', '\\'], ""))),
        }
    }

    pub(crate) fn type_name(&self) -> &str {
        self.name.as_deref().unwrap_or("")
    }

    /// What it asks for.
    pub(crate) fn operation(&self) -> Result<Operation, Refusal> {
        if self.kind.as_deref().is_some_and(|kind| kind != "req") {
            return Err(Refusal::bad("kind must be req"));
        }
        let longest = 64 + 2;
        let id = self.id.map_or("", RawValue::get);
        if matches!(id, "" | "null" | "\"\"") || id.len() > longest {
            return Err(Refusal::bad("id must have 1 to 64 characters"));
        }
        operation(self.type_name()).ok_or_else(|| Refusal::bad(format!("Unknown request type {:?}", self.type_name())))
    }

    /// The body; a missing one and `null` are empty.
    fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let text = match self.body.map(RawValue::get) {
            None | Some("null") => "{}",
            Some(text) => text,
        };
        serde_json::from_str(text).map_err(|error| Refusal::bad(format!("body: {}", shape_only(&error))))
    }

    fn metadata(&self) -> Result<Option<Box<RawValue>>, Refusal> {
        match self.metadata.map(RawValue::get) {
            None | Some("null") => Ok(None),
            Some(text) if text.starts_with('[') => Ok(self.metadata.map(ToOwned::to_owned)),
            Some(_) => Err(Refusal::bad("metadata must be a list")),
        }
    }
}

/// What is wrong, without the values, which are somebody's.
pub(super) fn shape_only(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line ") {
        Some((what, _)) if !what.contains('"') => what.to_owned(),
        _ => "a member is missing or of the wrong type".to_owned(),
    }
}

/// What `InitConnection` brings.
#[derive(Debug, Default)]
pub(crate) struct Init {
    pub(crate) jwt: Option<String>,
    pub(crate) properties: Option<Box<RawValue>>,
}

/// Reads the headers of `InitConnection`.
pub(crate) fn init(envelope: &Envelope<'_>) -> Init {
    #[derive(Deserialize)]
    struct Header<'a> {
        #[serde(rename = "type", borrow)]
        name: Cow<'a, str>,
        jwt: Option<String>,
    }
    let mut init = Init::default();
    let headers = envelope.headers.map_or("[]", RawValue::get);
    let Ok(headers) = serde_json::from_str::<Vec<&RawValue>>(headers) else {
        return init;
    };
    for raw in headers {
        let Ok(header) = serde_json::from_str::<Header<'_>>(raw.get()) else {
            continue;
        };
        if header.name.ends_with("ConsumerAuthentication") {
            init.jwt = header.jwt;
        } else if header.name.ends_with("ClientProperties") {
            init.properties = Some(raw.to_owned());
        }
    }
    init
}

/// Text, or a number as text.
pub(super) fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        Some(Value::String(text)) => Some(text),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    })
}

/// A list, a single element, or nothing.
pub(super) fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        Some(Value::Array(items)) => Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        Some(Value::String(item)) => Some(vec![item]),
        _ => None,
    })
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ConversationFilter {
    #[serde(deserialize_with = "one_or_more")]
    conv_state: Option<Vec<String>>,
    #[serde(deserialize_with = "one_or_more")]
    stage: Option<Vec<String>>,
    #[serde(deserialize_with = "one_or_more")]
    agent_ids: Option<Vec<String>>,
    consumer_id: Option<String>,
    brand_id: Option<String>,
    min_last_updated_time: Option<i64>,
    max_last_updated_time: Option<i64>,
    #[serde(rename = "maxETTR")]
    max_ettr: Option<i64>,
    subscription_id: Option<String>,
}

impl From<ConversationFilter> for Filter {
    fn from(read: ConversationFilter) -> Self {
        Self {
            states: read.conv_state.unwrap_or_default(),
            stages: read.stage.unwrap_or_default(),
            // An empty list is "whatever agent": clients send it where they have no id yet.
            agents: read.agent_ids.filter(|agents| !agents.is_empty()),
            consumer: read.consumer_id,
            brand: read.brand_id,
            updated_from: read.min_last_updated_time,
            updated_to: read.max_last_updated_time,
            due_before: read.max_ettr,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Named {
    subscription_id: Option<String>,
    dialog_id: Option<String>,
    conversation_id: Option<String>,
    agent_id: Option<String>,
    agent_user_id: Option<String>,
    agent_availability: Option<String>,
    availability: Option<String>,
    consumer_id: Option<String>,
    user_id: Option<String>,
    ring_id: Option<String>,
    ring_state: Option<String>,
    relative_path: Option<String>,
    file_type: Option<String>,
    #[serde(deserialize_with = "text_or_number")]
    skill_id: Option<String>,
    #[serde(deserialize_with = "text_or_number")]
    file_size: Option<String>,
    #[serde(deserialize_with = "text_or_number")]
    form_id: Option<String>,
    invitation_id: Option<String>,
    submission_id: Option<String>,
    from_seq: Option<i64>,
    newer_than_sequence: Option<i64>,
    older_than_sequence: Option<i64>,
    max_quantity: Option<usize>,
    brand_id: Option<String>,
    channel_type: Option<String>,
    ttr_def_name: Option<String>,
    campaign_info: Option<Value>,
    conversation_context: Option<Map<String, Value>>,
    conversation_field: Option<Value>,
    downloadable: Option<Box<Named>>,
}

/// The request of a frame.
pub(crate) fn request(envelope: &Envelope<'_>, operation: Operation) -> Result<Request, Refusal> {
    match operation {
        Operation::Publish => publish(envelope),
        Operation::Clock => Ok(Request::Clock),
        Operation::KeepAlive => Ok(Request::KeepAlive),
        Operation::Init => Ok(Request::InitAgain),
        Operation::SubscribeConversations => {
            let filter: ConversationFilter = envelope.body()?;
            Ok(Request::SubscribeConversations(filter.into()))
        }
        Operation::UpdateConversationSubscription => {
            let mut filter: ConversationFilter = envelope.body()?;
            Ok(Request::UpdateConversationSubscription {
                subscription: required(filter.subscription_id.take(), "subscriptionId")?,
                filter: filter.into(),
            })
        }
        Operation::GetProfile => profile(envelope),
        Operation::SetProfile => Ok(Request::SetProfile(envelope.body()?)),
        Operation::UpdateConversation => update(envelope),
        _ => named(operation, envelope.body()?),
    }
}

fn named(operation: Operation, body: Named) -> Result<Request, Refusal> {
    Ok(match operation {
        Operation::Unsubscribe => Request::Unsubscribe {
            subscription: required(body.subscription_id, "subscriptionId")?,
        },
        Operation::SubscribeMessages => Request::SubscribeMessages {
            dialog: required(body.dialog_id, "dialogId")?,
            from: body.from_seq.unwrap_or(0),
        },
        Operation::QueryMessages => Request::QueryMessages(MessageQuery {
            dialog: required(body.dialog_id, "dialogId")?,
            newer: body.newer_than_sequence.or(body.from_seq),
            older: body.older_than_sequence,
            most: body.max_quantity,
        }),
        Operation::ConsumerRequestConversation => Request::NewConversation(opening(body)),
        Operation::AgentRequestConversation => Request::ProactiveConversation {
            consumer: required(body.consumer_id.clone(), "consumerId")?,
            opening: opening(body),
        },
        Operation::SubscribeRouting => Request::SubscribeRouting {
            agent: body.agent_id,
            skill: body.skill_id,
            conversation: body.conversation_id,
        },
        Operation::UpdateRoutingSubscription => Request::UpdateRoutingSubscription {
            subscription: required(body.subscription_id, "subscriptionId")?,
            skill: body.skill_id,
            conversation: body.conversation_id,
        },
        Operation::UpdateRing => Request::AnswerRing {
            accepted: ring_answer(body.ring_state.as_deref())?,
            ring: required(body.ring_id, "ringId")?,
        },
        Operation::SetAgentState => Request::SetAgentState {
            agent: body.agent_user_id,
            availability: required(body.availability, "availability")?,
        },
        Operation::SubscribeAgentsState => Request::SubscribeAgentsState {
            agent: required(body.agent_id, "agentId")?,
            availability: body.agent_availability,
        },
        Operation::UploadUrl => Request::UploadUrl {
            size: file_size(body.file_size.as_deref())?,
            kind: required(body.file_type, "fileType")?,
        },
        Operation::DownloadUrl => Request::DownloadUrl {
            path: required(body.relative_path, "relativePath")?,
        },
        Operation::DownloadToken => {
            Request::FormDownloadToken(form(body.downloadable.map_or_else(Named::default, |it| *it))?)
        }
        Operation::UploadToken => Request::FormUploadToken(form(body)?),
        _ => return Err(Refusal::bad("This request cannot be made here")),
    })
}

fn opening(body: Named) -> NewConversation {
    NewConversation {
        brand: body.brand_id,
        channel: body.channel_type,
        skill: body.skill_id.filter(|skill| !skill.is_empty()),
        ttr: body.ttr_def_name,
        campaign: body.campaign_info,
        context: body.conversation_context,
    }
}

fn form(body: Named) -> Result<FormReference, Refusal> {
    Ok(FormReference {
        dialog: required(body.dialog_id, "dialogId")?,
        invitation: required(body.invitation_id, "invitationId")?,
        submission: body.submission_id,
        form: body.form_id,
    })
}

fn ring_answer(state: Option<&str>) -> Result<bool, Refusal> {
    match state {
        Some("ACCEPTED") => Ok(true),
        Some("REJECTED") => Ok(false),
        _ => Err(Refusal::bad("ringState must be ACCEPTED or REJECTED")),
    }
}

fn file_size(text: Option<&str>) -> Result<u64, Refusal> {
    text.and_then(|text| text.trim().parse().ok())
        .ok_or_else(|| Refusal::bad("fileSize must be a number of bytes"))
}

pub(super) fn required(value: Option<String>, name: &str) -> Result<String, Refusal> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Refusal::bad(format!("{name} is missing")))
}

/// The body is an object with `userId`, an empty one, or, as the agents' SDK sends it, a bare string.
fn profile(envelope: &Envelope<'_>) -> Result<Request, Refusal> {
    let user = match envelope.body::<Value>()? {
        Value::String(user) => Some(user),
        Value::Object(mut members) => members
            .remove("userId")
            .and_then(|user| user.as_str().map(str::to_owned)),
        _ => None,
    };
    Ok(Request::GetProfile { user })
}

fn update(envelope: &Envelope<'_>) -> Result<Request, Refusal> {
    let body: Named = envelope.body()?;
    let metadata = envelope.metadata()?;
    Ok(Request::UpdateConversation {
        conversation: required(body.conversation_id, "conversationId")?,
        changes: change::all(body.conversation_field)?,
        metadata: metadata.and_then(|metadata| serde_json::from_str(metadata.get()).ok()),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishBody<'a> {
    dialog_id: Option<String>,
    conversation_id: Option<String>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    message_audience: Option<String>,
}

fn publish(envelope: &Envelope<'_>) -> Result<Request, Refusal> {
    let text = envelope.body.map_or("{}", RawValue::get);
    let body: PublishBody<'_> =
        serde_json::from_str(text).map_err(|error| Refusal::bad(format!("body: {}", shape_only(&error))))?;
    let event = body.event.ok_or_else(|| Refusal::bad("event is missing"))?;
    let private = match body.message_audience.as_deref() {
        None | Some("ALL") => false,
        Some("AGENTS_AND_MANAGERS") => true,
        Some(_) => return Err(Refusal::bad("messageAudience must be ALL or AGENTS_AND_MANAGERS")),
    };
    Ok(Request::Publish {
        dialog: required(body.dialog_id, "dialogId")?,
        conversation: body.conversation_id.filter(|id| !id.is_empty()),
        draft: Draft {
            kind: event_kind(event.get())?,
            body: event.to_owned(),
            metadata: envelope.metadata()?,
            private,
        },
    })
}
