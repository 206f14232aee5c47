//! The public model of the widget SDK. It was made for chat and is used for messaging too, so any part may be missing.

use le_core::wire::{Flag, Int, List};

use super::attributes::{CustomerDetails, PersonDetails, WidgetAttributes};
use super::transcript::{ChatTranscript, SurveyQuestions, Variable};
use super::visitor::{VisitorInfo, VisitorJourney};
use crate::sde::Sde;

le_core::record! {
    /// All that the SDK says.
    pub struct PublicModel {
        /// The conversation.
        chat_info: Option<ChatInfo> = "chatInfo" [safe],
        /// Who talks to the visitor.
        chatting_agent_info: Option<ChattingAgentInfo> = "chattingAgentInfo" [safe],
        /// Who is logged in to the workspace.
        agent_info: Option<AgentInfo> = "agentInfo" [safe],
        /// What was said.
        chat_transcript: Option<ChatTranscript> = "chatTranscript" [safe],
        /// Answers to surveys. In messaging they hold who the consumer is.
        survey_questions: Option<SurveyQuestions> = "surveyQuestions" [safe],
        /// The visitor.
        visitor_info: Option<VisitorInfo> = "visitorInfo" [safe],
        /// The campaign that offered the engagement.
        campaign_info: Option<CampaignInfo> = "campaignInfo" [safe],
        /// The engagement.
        engagement_info: Option<EngagementInfo> = "engagementInfo" [safe],
        /// The visitor's way through the site; not in messaging.
        visitor_journey: Option<VisitorJourney> = "visitorJourney" [safe],
        /// Attributes that were reported without authentication.
        attributes: Option<WidgetAttributes> = "SDE" [safe],
        /// Authenticated attributes; deprecated, see `claims_and_auth_type`.
        authenticated_data: Option<AuthenticatedData> = "authenticatedData" [safe],
        /// The claims of the token, and how the consumer is authenticated.
        claims_and_auth_type: Option<ClaimsAndAuthType> = "claimsAndAuthType" [safe],
        /// The workspace.
        application_info: Option<ApplicationInfo> = "applicationInfo" [safe],
        /// Variables; not in messaging.
        custom_variables: List<Variable> = "customVariables" [safe],
        /// Variables of the split session; not in messaging.
        split_session: Option<CustomVariables> = "splitSession" [safe],
        /// What the channel answered; Apple's only.
        metadata: Option<ChannelMetadata> = "metadata" [safe],
    }
}

le_core::record! {
    /// The conversation.
    pub struct ChatInfo {
        /// Conversation id in messaging, chat id in chat. The key to everything that can be fetched from LivePerson.
        real_time_session_id: Option<String> = "rtSessionId" [safe],
        /// Account.
        account_id: Option<String> = "accountId" [safe],
        /// When it was asked for. Milliseconds since 1970.
        chat_requested_time: Option<Int> = "chatRequestedTime" [safe],
        /// When it began. Milliseconds since 1970.
        chat_start_time: Option<Int> = "chatStartTime" [safe],
        /// When the visit began; not in messaging. Milliseconds since 1970.
        session_start_time: Option<Int> = "sessionStartTime" [safe],
        /// The page of the click; not in messaging.
        chat_start_url: Option<String> = "chatStartUrl",
        /// Whether the agent who is logged in only watches.
        spectated_engagement: Option<Flag> = "spectatedEngagement" [safe],
        /// Whether it is messaging and not chat.
        is_messaging: Option<Flag> = "isMessaging" [safe],
        /// Skill.
        chat_skill: Option<String> = "chatSkill" [safe],
    }
}

le_core::record! {
    /// Who talks to the visitor.
    pub struct ChattingAgentInfo {
        /// Login name.
        agent_name: Option<String> = "agentName",
        /// Nickname; not in chat.
        agent_nickname: Option<String> = "agentNickname",
        /// Group; not in chat.
        agent_group_name: Option<String> = "agentGroupName",
        /// Id.
        agent_id: Option<Int> = "agentId" [safe],
    }
}

le_core::record! {
    /// Who is logged in to the workspace.
    pub struct AgentInfo {
        /// Account.
        account_id: Option<String> = "accountId" [safe],
        /// Login name.
        agent_name: Option<String> = "agentName",
        /// Nickname; not in chat.
        agent_nickname: Option<String> = "agentNickname",
        /// E-mail address.
        agent_email: Option<String> = "agentEmail",
        /// Employee id; not in chat.
        employee_id: Option<String> = "employeeId",
        /// Group; not in chat.
        agent_group_name: Option<String> = "agentGroupName",
        /// Id.
        agent_id: Option<Int> = "agentId" [safe],
        /// How many conversations at a time.
        max_chats: Option<Int> = "maxChats" [safe],
    }
}

le_core::record! {
    /// Something with an id, a name and a description.
    pub struct NamedItem {
        /// Id.
        id: Option<Int> = "id" [safe],
        /// Name.
        name: Option<String> = "name",
        /// Description.
        description: Option<String> = "description",
    }
}

le_core::record! {
    /// The campaign that offered the engagement.
    pub struct CampaignInfo {
        /// Name.
        campaign_name: Option<String> = "campaignName",
        /// Id.
        campaign_id: Option<String> = "campaignId" [safe],
        /// Description.
        campaign_description: Option<String> = "campaignDescription",
        /// Name of the goal.
        goal_name: Option<String> = "goalName",
        /// Id of the goal.
        goal_id: Option<String> = "goalId" [safe],
        /// Description of the goal.
        goal_description: Option<String> = "goalDescription",
        /// Audiences.
        target_audience: List<NamedItem> = "targetAudience" [safe],
        /// Behaviours, where the detail section of the page puts them.
        visitor_behavior: List<NamedItem> = "VisitorBehavior" [safe],
    }
}

le_core::record! {
    /// The engagement.
    pub struct EngagementInfo {
        /// Behaviours, where the table of the page puts them.
        visitor_behavior: List<NamedItem> = "VisitorBehavior" [safe],
        /// Skill.
        skill: Option<String> = "skill" [safe],
        /// Type.
        engagement_type: Option<String> = "engagementType" [safe],
        /// Id.
        engagement_id: Option<String> = "engagementId" [safe],
        /// Name.
        engagement_name: Option<String> = "engagementName",
        /// A note for agents.
        agent_note: Option<String> = "agentNote",
        /// Skill of the engagement.
        engagement_skill: Option<String> = "engagementSkill" [safe],
    }
}

le_core::record! {
    /// Authenticated attributes; deprecated.
    pub struct AuthenticatedData {
        /// Customer info: an object by the table, an array in the sample.
        customer_details: List<CustomerDetails> = "customerDetails" [safe],
        /// Personal info: an object by the table, an array in the sample.
        personal_info: List<PersonDetails> = "personalInfo" [safe],
    }
}

le_core::record! {
    /// The claims of the token, and how the consumer is authenticated.
    pub struct ClaimsAndAuthType {
        /// The claims.
        claims: Option<Claims> = "claims" [safe],
        /// `0`, or `loa1` for an authenticated consumer. Text, although the table says object.
        acr: Option<String> = "acr" [safe],
    }
}

impl ClaimsAndAuthType {
    /// Whether the page says that the consumer is authenticated.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.acr.as_deref() == Some("loa1")
    }
}

le_core::record! {
    /// Claims. Those without a field here are in `extra`.
    pub struct Claims {
        /// The customer.
        subject: Option<String> = "sub",
        /// Who issued the token.
        issuer: Option<String> = "iss",
        /// Attributes, in the layout in which they are sent.
        attributes: List<Sde> = "lp_sdes",
    }
}

le_core::record! {
    /// The workspace.
    pub struct ApplicationInfo {
        /// Its theme; not in chat.
        theme: Option<String> = "theme" [safe],
    }
}

le_core::record! {
    /// Variables.
    pub struct CustomVariables {
        /// The variables.
        custom_variables: List<Variable> = "customVariables" [safe],
    }
}

le_core::record! {
    /// What the channel answered; Apple's only.
    pub struct ChannelMetadata {
        /// To a request to authenticate.
        auth_response: Option<ConnectorResponse> = "connectorAuthResponse" [safe],
        /// To a request to pay.
        payment_response: Option<ConnectorResponse> = "connectorPaymentResponse" [safe],
    }
}

le_core::record! {
    /// An answer of the channel.
    pub struct ConnectorResponse {
        /// `ConnectorPaymentResponse`, for payments.
        response_type: Option<String> = "type" [safe],
        /// Whether the token is encrypted.
        encrypted: Option<Flag> = "encrypted" [safe],
        /// Whether it went well.
        status: Option<Flag> = "status" [safe],
        /// The token.
        token: Option<String> = "token",
        /// The request that it answers.
        request_identifier: Option<String> = "requestIdentifier" [safe],
        /// What went wrong: objects with a `message`.
        errors: List<serde_json::Value> = "errors",
    }
}
