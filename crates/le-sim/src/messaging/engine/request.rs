//! What a link can ask for, whatever words it used, and what it gets back.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::event::{Draft, Event};

/// One request.
#[derive(Debug)]
pub(crate) enum Request {
    Clock,
    KeepAlive,
    /// `InitConnection` on a socket that its headers have opened already.
    InitAgain,
    SubscribeConversations(Filter),
    UpdateConversationSubscription {
        subscription: String,
        filter: Filter,
    },
    Unsubscribe {
        subscription: String,
    },
    SubscribeMessages {
        dialog: String,
        from: i64,
    },
    QueryMessages(MessageQuery),
    Publish {
        dialog: String,
        conversation: Option<String>,
        draft: Draft,
    },
    NewConversation(NewConversation),
    ProactiveConversation {
        consumer: String,
        opening: NewConversation,
    },
    UpdateConversation {
        conversation: String,
        changes: Vec<Change>,
        metadata: Option<Value>,
    },
    SubscribeRouting {
        agent: Option<String>,
        skill: Option<String>,
        conversation: Option<String>,
    },
    UpdateRoutingSubscription {
        subscription: String,
        skill: Option<String>,
        conversation: Option<String>,
    },
    AnswerRing {
        ring: String,
        accepted: bool,
    },
    SetAgentState {
        agent: Option<String>,
        availability: String,
    },
    SubscribeAgentsState {
        agent: String,
        availability: Option<String>,
    },
    GetProfile {
        user: Option<String>,
    },
    SetProfile(Map<String, Value>),
    UploadUrl {
        size: u64,
        kind: String,
    },
    DownloadUrl {
        path: String,
    },
    FormDownloadToken(FormReference),
    FormUploadToken(FormReference),
}

/// Which conversations a subscription wants.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Filter {
    /// Main dialog `OPEN` or `CLOSE`; empty: both.
    pub(crate) states: Vec<String>,
    /// Conversation `OPEN` or `CLOSE`; empty: both.
    pub(crate) stages: Vec<String>,
    /// Old or public ids; `None`: whatever agent.
    pub(crate) agents: Option<Vec<String>>,
    pub(crate) consumer: Option<String>,
    pub(crate) brand: Option<String>,
    pub(crate) updated_from: Option<i64>,
    pub(crate) updated_to: Option<i64>,
    pub(crate) due_before: Option<i64>,
}

/// Which stored events are wanted.
#[derive(Debug)]
pub(crate) struct MessageQuery {
    pub(crate) dialog: String,
    pub(crate) newer: Option<i64>,
    /// Exclusive.
    pub(crate) older: Option<i64>,
    pub(crate) most: Option<usize>,
}

/// How a conversation begins.
#[derive(Debug, Default)]
pub(crate) struct NewConversation {
    pub(crate) brand: Option<String>,
    pub(crate) channel: Option<String>,
    pub(crate) skill: Option<String>,
    pub(crate) ttr: Option<String>,
    pub(crate) campaign: Option<Value>,
    pub(crate) context: Option<Map<String, Value>>,
}

/// One member of `conversationField`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    Participant {
        action: ParticipantAction,
        role: String,
        user: Option<String>,
        dialog: Option<String>,
    },
    Skill(String),
    /// The whole conversation, without a survey.
    Close,
    Dialog {
        create: bool,
        dialog: Map<String, Value>,
        dialog_id: Option<String>,
    },
    Ttr {
        kind: String,
        value: i64,
    },
    ManualEttr(Option<i64>),
    Delay {
        kind: String,
        till: i64,
    },
    Csat {
        rate: i64,
        resolved: Option<bool>,
        status: String,
    },
    Note(String),
    Topic(String),
}

/// What happens to a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParticipantAction {
    Add,
    Remove,
    Update,
    Suggest,
}

/// A secure form in a dialog.
#[derive(Debug)]
pub(crate) struct FormReference {
    pub(crate) dialog: String,
    pub(crate) invitation: String,
    pub(crate) submission: Option<String>,
    pub(crate) form: Option<String>,
}

/// What a request is answered with.
#[derive(Debug)]
pub(crate) enum Reply {
    /// A string with its code.
    Text(u16, &'static str),
    Clock(i64),
    /// A conversation subscription.
    Conversations(Arc<str>),
    /// A subscription to rings or agent states.
    Generic(Arc<str>),
    MessagesSubscribed,
    Events(Vec<Arc<Event>>),
    Published(i64),
    Conversation(Arc<str>),
    Profile(Value),
    Url {
        path: String,
        signature: String,
        expires: String,
    },
    /// `{"token":{"readOtk":..}}`
    ReadToken(String),
    /// `{type, readOtk, writeOtk}`
    FormTokens {
        read: String,
        write: String,
    },
}

/// Why a request is not done. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    pub(crate) text: String,
}

impl Refusal {
    pub(crate) fn new(code: u16, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// Code 400.
    pub(crate) fn bad(text: impl Into<String>) -> Self {
        Self::new(400, text)
    }
}

/// The outcome of a request.
pub(crate) type Outcome = Result<Reply, Refusal>;
