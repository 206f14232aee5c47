//! What was said, answers to surveys, and variables.

use le_core::wire::{Int, List};

le_core::record! {
    /// What was said.
    pub struct ChatTranscript {
        /// The lines. An update of them holds new ones only.
        lines: List<TranscriptLine> = "lines" [safe],
    }
}

le_core::record! {
    /// A line.
    pub struct TranscriptLine {
        /// Id.
        id: Option<String> = "id" [safe],
        /// `line`.
        line_type: Option<String> = "type" [safe],
        /// Who; `info` for the system.
        by: Option<String> = "by",
        /// `visitor`, `agent` or `system`.
        source: Option<String> = "source" [safe],
        /// `REGULAR`.
        sub_type: Option<String> = "subType" [safe],
        /// Number of a message of the system.
        system_message_id: Option<Int> = "systemMessageId" [safe],
        /// The text: see `text_type`. Lines of agents are HTML.
        text: Option<String> = "text",
        /// `plain` or `html`.
        text_type: Option<String> = "textType" [safe],
        /// When.
        time: Option<String> = "time" [safe],
        /// The client that it came from.
        client_properties: Option<ClientProperties> = "clientProperties",
    }
}

le_core::record! {
    /// A client.
    pub struct ClientProperties {
        /// Id of the app.
        app_id: Option<String> = "appId" [safe],
        /// Version of the app.
        app_version: Option<String> = "appVersion" [safe],
        /// Browser.
        browser: Option<String> = "browser" [safe],
        /// Version of the browser.
        browser_version: Option<String> = "browserVersion" [safe],
        /// `DESKTOP`, `TABLET`, `MOBILE`.
        device_family: Option<String> = "deviceFamily" [safe],
        /// Model.
        device_model: Option<String> = "deviceModel" [safe],
        /// Maker; spelt so on the wire.
        device_manufacture: Option<String> = "deviceManufacture" [safe],
        /// Integration.
        integration: Option<String> = "integration" [safe],
        /// Version of the integration.
        integration_version: Option<String> = "integrationVersion" [safe],
        /// Address.
        ip_address: Option<String> = "ipAddress",
        /// Operating system.
        os: Option<String> = "os" [safe],
        /// Operating system, by another name.
        os_name: Option<String> = "osName" [safe],
        /// Version of the operating system.
        os_version: Option<String> = "osVersion" [safe],
        /// Time zone.
        time_zone: Option<String> = "timeZone",
        /// Features: name to text in the sample.
        features: Option<serde_json::Value> = "features" [safe],
    }
}

le_core::record! {
    /// Answers to surveys.
    pub struct SurveyQuestions {
        /// Before the conversation.
        pre_chat: Option<PreChat> = "preChat" [safe],
        /// After it; not in messaging.
        post_chat: List<Variable> = "postChat" [safe],
        /// By the agent; not in messaging.
        agent_survey: List<Variable> = "agentSurvey" [safe],
    }
}

le_core::record! {
    /// Answers before the conversation.
    pub struct PreChat {
        /// E-mail address.
        email: Option<SurveyAnswer> = "email" [safe],
        /// Phone number; **in messaging the consumer id**, which may look like one.
        phone: Option<SurveyAnswer> = "phone" [safe],
        /// Name.
        name: Option<SurveyAnswer> = "name" [safe],
        /// Questions of the brand's own; not in messaging.
        customized_questions: List<Variable> = "customizedQuestions" [safe],
    }
}

le_core::record! {
    /// An answer.
    pub struct SurveyAnswer {
        /// The answer.
        value: Option<String> = "value",
        /// The question; not in messaging.
        display_name: Option<String> = "displayName",
    }
}

le_core::record! {
    /// A variable.
    pub struct Variable {
        /// `session` or `visitor`.
        scope: Option<String> = "@scope" [safe],
        /// `prechat`, `chat window` or `rule engine`.
        source: Option<String> = "@source" [safe],
        /// Name.
        name: Option<String> = "name",
        /// Name to show.
        display_name: Option<String> = "displayName",
        /// When.
        time: Option<String> = "time" [safe],
        /// Value.
        value: Option<String> = "value",
    }
}
