//! The paths that a page binds.

le_core::open_enum! {
    /// A leaf of the public model. Bind leaves: `SDE` and `authenticatedData` are put together from their children, and the SDK's
    /// page advises against binding them.
    ///
    /// <https://developers.liveperson.com/agent-workspace-widget-sdk-public-properties.html>
    pub enum ModelPath {
        /// `chatInfo.rtSessionId`.
        ChatInfoRtSessionId => "chatInfo.rtSessionId",
        /// `chatInfo.accountId`.
        ChatInfoAccountId => "chatInfo.accountId",
        /// `chatInfo.chatRequestedTime`.
        ChatInfoChatRequestedTime => "chatInfo.chatRequestedTime",
        /// `chatInfo.chatStartTime`.
        ChatInfoChatStartTime => "chatInfo.chatStartTime",
        /// `chatInfo.sessionStartTime`.
        ChatInfoSessionStartTime => "chatInfo.sessionStartTime",
        /// `chatInfo.chatStartUrl`.
        ChatInfoChatStartUrl => "chatInfo.chatStartUrl",
        /// `chatInfo.spectatedEngagement`.
        ChatInfoSpectatedEngagement => "chatInfo.spectatedEngagement",
        /// `chatInfo.isMessaging`.
        ChatInfoIsMessaging => "chatInfo.isMessaging",
        /// `chatInfo.chatSkill`.
        ChatInfoChatSkill => "chatInfo.chatSkill",
        /// `chattingAgentInfo.agentName`.
        ChattingAgentInfoAgentName => "chattingAgentInfo.agentName",
        /// `chattingAgentInfo.agentNickname`.
        ChattingAgentInfoAgentNickname => "chattingAgentInfo.agentNickname",
        /// `chattingAgentInfo.agentGroupName`.
        ChattingAgentInfoAgentGroupName => "chattingAgentInfo.agentGroupName",
        /// `chattingAgentInfo.agentId`.
        ChattingAgentInfoAgentId => "chattingAgentInfo.agentId",
        /// `agentInfo.accountId`.
        AgentInfoAccountId => "agentInfo.accountId",
        /// `agentInfo.agentName`.
        AgentInfoAgentName => "agentInfo.agentName",
        /// `agentInfo.agentNickname`.
        AgentInfoAgentNickname => "agentInfo.agentNickname",
        /// `agentInfo.agentEmail`.
        AgentInfoAgentEmail => "agentInfo.agentEmail",
        /// `agentInfo.employeeId`.
        AgentInfoEmployeeId => "agentInfo.employeeId",
        /// `agentInfo.agentGroupName`.
        AgentInfoAgentGroupName => "agentInfo.agentGroupName",
        /// `agentInfo.agentId`.
        AgentInfoAgentId => "agentInfo.agentId",
        /// `agentInfo.maxChats`.
        AgentInfoMaxChats => "agentInfo.maxChats",
        /// `chatTranscript.lines`.
        ChatTranscriptLines => "chatTranscript.lines",
        /// `surveyQuestions.preChat.email.value`.
        SurveyQuestionsPreChatEmailValue => "surveyQuestions.preChat.email.value",
        /// `surveyQuestions.preChat.email.displayName`.
        SurveyQuestionsPreChatEmailDisplayName => "surveyQuestions.preChat.email.displayName",
        /// `surveyQuestions.preChat.phone.value`.
        SurveyQuestionsPreChatPhoneValue => "surveyQuestions.preChat.phone.value",
        /// `surveyQuestions.preChat.phone.displayName`.
        SurveyQuestionsPreChatPhoneDisplayName => "surveyQuestions.preChat.phone.displayName",
        /// `surveyQuestions.preChat.name.value`.
        SurveyQuestionsPreChatNameValue => "surveyQuestions.preChat.name.value",
        /// `surveyQuestions.preChat.name.displayName`.
        SurveyQuestionsPreChatNameDisplayName => "surveyQuestions.preChat.name.displayName",
        /// `surveyQuestions.preChat.customizedQuestions`.
        SurveyQuestionsPreChatCustomizedQuestions => "surveyQuestions.preChat.customizedQuestions",
        /// `surveyQuestions.postChat`.
        SurveyQuestionsPostChat => "surveyQuestions.postChat",
        /// `surveyQuestions.agentSurvey`.
        SurveyQuestionsAgentSurvey => "surveyQuestions.agentSurvey",
        /// `visitorInfo.visitorId`.
        VisitorInfoVisitorId => "visitorInfo.visitorId",
        /// `visitorInfo.visitorName`.
        VisitorInfoVisitorName => "visitorInfo.visitorName",
        /// `visitorInfo.visitorSso`.
        VisitorInfoVisitorSso => "visitorInfo.visitorSso",
        /// `visitorInfo.device`.
        VisitorInfoDevice => "visitorInfo.device",
        /// `visitorInfo.browser`.
        VisitorInfoBrowser => "visitorInfo.browser",
        /// `visitorInfo.operatingSystem`.
        VisitorInfoOperatingSystem => "visitorInfo.operatingSystem",
        /// `visitorInfo.country`.
        VisitorInfoCountry => "visitorInfo.country",
        /// `visitorInfo.countryCode`.
        VisitorInfoCountryCode => "visitorInfo.countryCode",
        /// `visitorInfo.state`.
        VisitorInfoState => "visitorInfo.state",
        /// `visitorInfo.city`.
        VisitorInfoCity => "visitorInfo.city",
        /// `visitorInfo.isp`.
        VisitorInfoIsp => "visitorInfo.isp",
        /// `visitorInfo.organization`.
        VisitorInfoOrganization => "visitorInfo.organization",
        /// `visitorInfo.IpAddress`.
        VisitorInfoIpAddress => "visitorInfo.IpAddress",
        /// `visitorInfo.visitorTimezone`.
        VisitorInfoVisitorTimezone => "visitorInfo.visitorTimezone",
        /// `visitorInfo.visitStartTime`.
        VisitorInfoVisitStartTime => "visitorInfo.visitStartTime",
        /// `visitorInfo.chattingVisitorState`.
        VisitorInfoChattingVisitorState => "visitorInfo.chattingVisitorState",
        /// `visitorInfo.visitorTyping`.
        VisitorInfoVisitorTyping => "visitorInfo.visitorTyping",
        /// `campaignInfo.campaignName`.
        CampaignInfoCampaignName => "campaignInfo.campaignName",
        /// `campaignInfo.campaignId`.
        CampaignInfoCampaignId => "campaignInfo.campaignId",
        /// `campaignInfo.campaignDescription`.
        CampaignInfoCampaignDescription => "campaignInfo.campaignDescription",
        /// `campaignInfo.goalName`.
        CampaignInfoGoalName => "campaignInfo.goalName",
        /// `campaignInfo.goalId`.
        CampaignInfoGoalId => "campaignInfo.goalId",
        /// `campaignInfo.goalDescription`.
        CampaignInfoGoalDescription => "campaignInfo.goalDescription",
        /// `campaignInfo.targetAudience`.
        CampaignInfoTargetAudience => "campaignInfo.targetAudience",
        /// `engagementInfo.VisitorBehavior`.
        EngagementInfoVisitorBehavior => "engagementInfo.VisitorBehavior",
        /// `engagementInfo.skill`.
        EngagementInfoSkill => "engagementInfo.skill",
        /// `engagementInfo.engagementType`.
        EngagementInfoEngagementType => "engagementInfo.engagementType",
        /// `engagementInfo.engagementId`.
        EngagementInfoEngagementId => "engagementInfo.engagementId",
        /// `engagementInfo.engagementName`.
        EngagementInfoEngagementName => "engagementInfo.engagementName",
        /// `engagementInfo.agentNote`.
        EngagementInfoAgentNote => "engagementInfo.agentNote",
        /// `engagementInfo.engagementSkill`.
        EngagementInfoEngagementSkill => "engagementInfo.engagementSkill",
        /// `visitorJourney.pages`.
        VisitorJourneyPages => "visitorJourney.pages",
        /// `visitorJourney.searchEngine.searchProvider`.
        VisitorJourneySearchEngineSearchProvider => "visitorJourney.searchEngine.searchProvider",
        /// `visitorJourney.searchEngine.searchKeywords`.
        VisitorJourneySearchEngineSearchKeywords => "visitorJourney.searchEngine.searchKeywords",
        /// `SDE.customerDetails`.
        SdeCustomerDetails => "SDE.customerDetails",
        /// `SDE.personalInfo`.
        SdePersonalInfo => "SDE.personalInfo",
        /// `SDE.marketingSource`.
        SdeMarketingSource => "SDE.marketingSource",
        /// `SDE.leadGeneration`.
        SdeLeadGeneration => "SDE.leadGeneration",
        /// `SDE.transaction`.
        SdeTransaction => "SDE.transaction",
        /// `SDE.viewedProducts`.
        SdeViewedProducts => "SDE.viewedProducts",
        /// `SDE.shoppingCart`.
        SdeShoppingCart => "SDE.shoppingCart",
        /// `SDE.serviceActivity`.
        SdeServiceActivity => "SDE.serviceActivity",
        /// `SDE.error`.
        SdeError => "SDE.error",
        /// `SDE.searchContent`.
        SdeSearchContent => "SDE.searchContent",
        /// `authenticatedData.customerDetails`.
        AuthenticatedDataCustomerDetails => "authenticatedData.customerDetails",
        /// `authenticatedData.personalInfo`.
        AuthenticatedDataPersonalInfo => "authenticatedData.personalInfo",
        /// `claimsAndAuthType.claims`.
        ClaimsAndAuthTypeClaims => "claimsAndAuthType.claims",
        /// `claimsAndAuthType.acr`.
        ClaimsAndAuthTypeAcr => "claimsAndAuthType.acr",
        /// `applicationInfo.theme`.
        ApplicationInfoTheme => "applicationInfo.theme",
        /// `customVariables`.
        CustomVariables => "customVariables",
        /// `splitSession.customVariables`.
        SplitSessionCustomVariables => "splitSession.customVariables",
        /// `metadata.connectorAuthResponse`.
        MetadataConnectorAuthResponse => "metadata.connectorAuthResponse",
        /// `metadata.connectorPaymentResponse`.
        MetadataConnectorPaymentResponse => "metadata.connectorPaymentResponse",
    }
}

impl ModelPath {
    /// All known paths, for a page that binds everything.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::KNOWN.iter().map(|path| Self::from(*path))
    }
}
