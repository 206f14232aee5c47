//! Names of requests, in every spelling that reaches the server.

use crate::messaging::engine::Version;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Init,
    Clock,
    KeepAlive,
    SubscribeConversations,
    UpdateConversationSubscription,
    Unsubscribe,
    SubscribeMessages,
    QueryMessages,
    Publish,
    ConsumerRequestConversation,
    AgentRequestConversation,
    UpdateConversation,
    SubscribeRouting,
    UpdateRoutingSubscription,
    UpdateRing,
    SetAgentState,
    SubscribeAgentsState,
    GetProfile,
    SetProfile,
    UploadUrl,
    DownloadUrl,
    DownloadToken,
    UploadToken,
}

/// One row: the name without dialect, the operation, and the types of the answer in either dialect.
struct Row {
    name: &'static str,
    operation: Operation,
    /// The name of the answer for the fault plan.
    answer: &'static str,
    internal: &'static str,
    public: &'static str,
}

const fn row(
    name: &'static str,
    operation: Operation,
    answer: &'static str,
    internal: &'static str,
    public: &'static str,
) -> Row {
    Row {
        name,
        operation,
        answer,
        internal,
        public,
    }
}

/// The type of answers that are a string.
const INTERNAL_STRING: &str = ".ReqBody$StringResp";
const PUBLIC_STRING: &str = "StringResponse";

/// The names that clients send most come first.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("ms.PublishEvent", Operation::Publish, "response.ms.PublishEvent", ".ams.ms.PublishEvent$Response", "ms.PublishEventResponse"),
    row("GetClock", Operation::Clock, "response.GetClock", ".GetClock$Response", "GetClockResponse"),
    row("ms.QueryMessages", Operation::QueryMessages, "response.ms.QueryMessages", ".ams.ms.QueryMessages$Response", "ms.QueryMessagesResponse"),
    row("ms.SubscribeMessagingEvents", Operation::SubscribeMessages, "response.ms.SubscribeMessagingEvents", ".ams.GenericSubscribe$Response", "GenericSubscribeResponse"),
    row("cqm.SubscribeExConversations", Operation::SubscribeConversations, "response.cqm.SubscribeExConversations", ".ams.aam.SubscribeExConversations$Response", "cqm.SubscribeExConversationsResponse"),
    row("cqm.UnsubscribeExConversations", Operation::Unsubscribe, "response.cqm.UnsubscribeExConversations", INTERNAL_STRING, PUBLIC_STRING),
    row("cqm.UpdateExConversationSubscription", Operation::UpdateConversationSubscription, "response.cqm.UpdateExConversationSubscription", INTERNAL_STRING, PUBLIC_STRING),
    row("cm.UpdateConversationField", Operation::UpdateConversation, "response.cm.UpdateConversationField", INTERNAL_STRING, PUBLIC_STRING),
    row("cm.ConsumerRequestConversation", Operation::ConsumerRequestConversation, "response.cm.ConsumerRequestConversation", ".ams.cm.RequestConversation$Response", "cm.RequestConversationResponse"),
    row("cm.AgentRequestConversation", Operation::AgentRequestConversation, "response.cm.AgentRequestConversation", ".ams.cm.RequestConversation$Response", "cm.RequestConversationResponse"),
    row("routing.UpdateRingState", Operation::UpdateRing, "response.routing.UpdateRingState", INTERNAL_STRING, PUBLIC_STRING),
    row("routing.SetAgentState", Operation::SetAgentState, "response.routing.SetAgentState", INTERNAL_STRING, PUBLIC_STRING),
    row("routing.SubscribeRoutingTasks", Operation::SubscribeRouting, "response.routing.SubscribeRoutingTasks", ".ams.GenericSubscribe$Response", "GenericSubscribeResponse"),
    row("routing.UpdateRoutingTaskSubscription", Operation::UpdateRoutingSubscription, "response.routing.UpdateRoutingTaskSubscription", INTERNAL_STRING, PUBLIC_STRING),
    row("routing.SubscribeAgentsState", Operation::SubscribeAgentsState, "response.routing.SubscribeAgentsState", ".ams.GenericSubscribe$Response", "GenericSubscribeResponse"),
    row("userprofile.GetUserProfile", Operation::GetProfile, "response.userprofile.GetUserProfile", ".ams.userprofile.GetUserProfile$Response", "userprofile.GetUserProfileResponse"),
    row("userprofile.SetUserProfile", Operation::SetProfile, "response.userprofile.SetUserProfile", INTERNAL_STRING, PUBLIC_STRING),
    row("ms.GenerateURLForUploadFile", Operation::UploadUrl, "response.ms.GenerateURLForUploadFile", ".ams.ms.BaseGenerateURL$Response", "ms.BaseGenerateURLResponse"),
    row("ms.GenerateURLForDownloadFile", Operation::DownloadUrl, "response.ms.GenerateURLForDownloadFile", ".ams.ms.BaseGenerateURL$Response", "ms.BaseGenerateURLResponse"),
    row("ms.token.GenerateDownloadToken", Operation::DownloadToken, "response.ms.token.GenerateDownloadToken", ".ams.ms.token.GenerateDownloadToken$Response", "ms.token.GenerateDownloadTokenResponse"),
    row("ms.token.GenerateUploadToken", Operation::UploadToken, "response.ms.token.GenerateUploadToken", ".ams.ms.token.GenerateUploadToken$Response", "ms.token.GenerateUploadTokenResponse"),
    row("InitConnection", Operation::Init, "response.InitConnection", INTERNAL_STRING, PUBLIC_STRING),
    row("KeepAlive", Operation::KeepAlive, "response.KeepAlive", INTERNAL_STRING, PUBLIC_STRING),
    // Spellings beside the rule.
    row("up.GetUserProfile", Operation::GetProfile, "response.userprofile.GetUserProfile", ".ams.userprofile.GetUserProfile$Response", "userprofile.GetUserProfileResponse"),
    row("up.SetUserProfile", Operation::SetProfile, "response.userprofile.SetUserProfile", INTERNAL_STRING, PUBLIC_STRING),
    row("GetUserProfile", Operation::GetProfile, "response.userprofile.GetUserProfile", ".ams.userprofile.GetUserProfile$Response", "userprofile.GetUserProfileResponse"),
    row("ms.GenerateUploadToken", Operation::UploadToken, "response.ms.token.GenerateUploadToken", ".ams.ms.token.GenerateUploadToken$Response", "ms.token.GenerateUploadTokenResponse"),
    row("GenerateUploadToken", Operation::UploadToken, "response.ms.token.GenerateUploadToken", ".ams.ms.token.GenerateUploadToken$Response", "ms.token.GenerateUploadTokenResponse"),
];

/// The operation that a request type means, in whichever dialect it is written.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    let bare = name
        .strip_prefix(".ams.")
        .or_else(|| name.strip_prefix("ams."))
        .or_else(|| name.strip_prefix('.'))
        .unwrap_or(name);
    let agrees = |row: &&Row| match bare.strip_prefix("aam.") {
        Some(rest) => row
            .name
            .strip_prefix("cqm.")
            .is_some_and(|name| name.eq_ignore_ascii_case(rest)),
        None => row.name.eq_ignore_ascii_case(bare),
    };
    ROWS.iter().find(agrees).map(|row| row.operation)
}

fn row_of(operation: Operation) -> &'static Row {
    // Each operation has a row: the test below goes through them.
    ROWS.iter().find(|row| row.operation == operation).unwrap_or(&ROWS[0])
}

impl Operation {
    /// The name without dialect, for fault plans and logs.
    pub(crate) fn name(self) -> &'static str {
        row_of(self).name
    }

    /// What the fault plan calls the answer.
    pub(crate) fn answer_name(self) -> &'static str {
        row_of(self).answer
    }

    /// The type of a successful answer.
    pub(crate) fn answer_type(self, version: Version) -> &'static str {
        let row = row_of(self);
        if version.is_agent() { row.internal } else { row.public }
    }
}

/// The type of answers that are only a text.
pub(crate) fn string_type(version: Version) -> &'static str {
    if version.is_agent() {
        INTERNAL_STRING
    } else {
        PUBLIC_STRING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_mean_the_same() {
        for (internal, public) in [
            (".ams.ms.PublishEvent", "ms.PublishEvent"),
            (".ams.aam.SubscribeExConversations", "cqm.SubscribeExConversations"),
            (".GetClock", "GetClock"),
            (".ams.userprofile.GetUserProfile", "userprofile.GetUserProfile"),
        ] {
            assert_eq!(operation(internal), operation(public));
            assert!(operation(public).is_some(), "{public}");
        }
        assert_eq!(operation("routing.setAgentState"), Some(Operation::SetAgentState));
        assert_eq!(operation("ms.Publish"), None);
        assert_eq!(operation(""), None);
    }

    #[test]
    fn answers_are_named_after_their_requests() {
        for row in ROWS {
            assert_eq!(
                row_of(row.operation).answer.strip_prefix("response."),
                Some(row.operation.name())
            );
        }
        assert_eq!(
            Operation::Publish.answer_type(Version::Agent21),
            ".ams.ms.PublishEvent$Response"
        );
        assert_eq!(
            Operation::Publish.answer_type(Version::Consumer),
            "ms.PublishEventResponse"
        );
    }
}
