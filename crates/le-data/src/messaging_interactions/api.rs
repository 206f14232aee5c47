//! How the pages of this API look, and the options that its calls share.

use std::borrow::Cow;

use le_core::wire::RawRecord;
use le_core::{Client, OperationSpec};

use super::conversation::Conversation;
use crate::generated::enums::ContentToRetrieve;
use crate::pages::{Api, RangePlace, RecordHead, Request, head_of_info, key_of_info};

/// Messaging Interactions, as a paged API.
pub(super) struct Interactions;

impl Api for Interactions {
    type Record = Conversation;

    const RECORDS: &'static str = "conversationHistoryRecords";

    fn raw_key(json: &str) -> Option<Cow<'_, str>> {
        key_of_info(json, "conversationId")
    }
}

/// The head of a conversation: its id (the key of the record) and its start, read from its text without the rest of it.
#[must_use]
pub fn head(record: &RawRecord) -> RecordHead<'_> {
    head_of_info(record.as_str(), "conversationId")
}

/// The version of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Version {
    /// Engagement attributes of authenticated consumers only, all scalars in them as text.
    V1,
    /// Unauthenticated engagement attributes too, with native types. The default of this crate.
    V2,
}

impl ContentToRetrieve {
    /// Every part whose existence the vendor documents, those outside of the default set included: engagement attributes of
    /// unauthenticated consumers, dialogs, intents, where the visitor came from, ... Answers grow by what there is of them.
    pub fn documented() -> impl Iterator<Item = Self> {
        let undocumented = [Self::Info, Self::PageView, Self::PageViews];
        let known = Self::KNOWN.iter().map(|part| Self::from(*part));
        known.filter(move |part| !undocumented.contains(part))
    }
}

pub(super) fn request(client: Client, spec: &'static OperationSpec) -> Request {
    Request::new(client, spec, RangePlace::Body("start"), Interactions::LARGEST_PAGE)
}

pub(super) fn content(request: &mut Request, parts: impl IntoIterator<Item = impl Into<ContentToRetrieve>>) {
    let parts: Vec<ContentToRetrieve> = parts.into_iter().map(Into::into).collect();
    request.set("contentToRetrieve", parts);
}

pub(super) fn version(request: &mut Request, version: Version) {
    request.query("v", if version == Version::V1 { "1" } else { "2" });
}

/// The options that every call of this API takes.
macro_rules! options {
    ($builder:ident) => {
        $crate::pages::common_options!($builder with a body);

        impl $builder {
            /// Asks for these parts only; the default set is not added to them. `info` is always sent.
            ///
            /// An empty list asks for `info` alone. Not called: the default set (see the vendor's page). A part that this version
            /// does not know can be given as text.
            pub fn content(
                mut self,
                parts: impl IntoIterator<Item = impl Into<$crate::messaging_interactions::ContentToRetrieve>>,
            ) -> Self {
                $crate::messaging_interactions::api::content(&mut self.request, parts);
                self
            }

            /// The version of the answers (default 2).
            pub fn version(mut self, version: $crate::messaging_interactions::Version) -> Self {
                $crate::messaging_interactions::api::version(&mut self.request, version);
                self
            }
        }
    };
}
pub(super) use options;
