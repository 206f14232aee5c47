//! What each filter puts on the wire, and which settings are refused before anything is sent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::time::Duration;

use le_core::{ErrorKind, Timestamp};
use le_data::messaging_interactions::{
    AgentSurveyFilter, AlertedMcs, AnnotationState, ContentToRetrieve, ConversationSource, ConversationStatus, Device,
    MessageContentType, QuestionFormat, QuestionType, QueueState, SdeKey, SearchConversations, Sort, UserPermission,
    Version,
};
use serde_json::{Value, json};
use support::{DAY, History, START, Service, range};

async fn search() -> (Service, SearchConversations) {
    let service = Service::start(History::of(1)).await;
    let search = service.data.conversations().search(range(1));
    (service, search)
}

#[tokio::test]
async fn every_filter_has_its_key_and_form() {
    let (service, search) = search().await;
    let day = range(1);
    let at = Timestamp::from_millis(START);
    search
        .status([ConversationStatus::Close])
        .ended(day)
        .full_dialog_ended(day)
        .updated_since(at)
        .skill(12)
        .skills(["13"])
        .latest_skills([14])
        .agents(["900800700"])
        .latest_agents([900_800_700])
        .user_permissions([UserPermission::AgentManager])
        .agent_groups([5])
        .channels(["SHARK"])
        .channels([ConversationSource::AppleBusinessChat])
        .devices([Device::Mobile])
        .queue_state(QueueState::InQueue)
        .step_up_only(true)
        .keyword("\"late parcel\"")
        .summary("found")
        .duration(Duration::from_secs(60), Duration::from_secs(3600))
        .mcs(0..=40)
        .alerted_mcs([AlertedMcs::Negative])
        .csat(1..=2)
        .nps(0..=10)
        .message_content_types([MessageContentType::HostedFile])
        .sde(SdeKey::CustomerInfo, "gold")
        .sde("purchase", "boots 42")
        .response_due(Some(at), None)
        .question_brick("csat")
        .invalid_free_text_answer()
        .with_survey_bot()
        .surveys(["8801"])
        .first_contact_resolution(["yes"])
        .question_type(QuestionType::Nps, QuestionFormat::Open)
        .answers(["good"])
        .intents(["77aa"])
        .intent_confidence(0.5)
        .selected_intent_only(true)
        .agent_survey(
            AgentSurveyFilter::new()
                .pending(true)
                .surveys([510])
                .answer_keywords(["tracking"]),
        )
        .annotation_states([AnnotationState::Vetted])
        .content([ContentToRetrieve::Dialogs, "somethingNew".into()])
        .extra_body("cappingConfiguration", "CustomerInfoEvent:1:desc")
        .sort(Sort::EndAscending)
        .rollover(true)
        .version(Version::V1)
        .with_source("acme_export")
        .extra_query("x", "y z")
        .limit(7)
        .offset(3)
        .await
        .unwrap();

    let request = service.server.received_requests().await.unwrap().remove(0);
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    insta::assert_json_snapshot!(body);
    let mut query: Vec<_> = request
        .url
        .query_pairs()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    query.sort();
    assert_eq!(
        query,
        [
            "limit=7",
            "offset=3",
            "rollover=true",
            "sort=end:asc",
            "source=acme_export",
            "v=1",
            "x=y z"
        ]
    );
    assert_eq!(request.headers["content-type"], "application/json");
}

#[tokio::test]
async fn a_plain_search_sends_only_its_range() {
    let (service, search) = search().await;
    search.await.unwrap();
    let request = service.server.received_requests().await.unwrap().remove(0);
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, json!({ "start": { "from": START, "to": START + DAY - 1 } }));
    let mut query: Vec<_> = request
        .url
        .query_pairs()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    query.sort();
    assert_eq!(
        query,
        ["limit=100", "offset=0", "sort=start:asc", "source=le_rust_sdk", "v=2"]
    );
}

#[tokio::test]
async fn wrong_settings_are_named_and_nothing_is_sent() {
    let (service, search) = search().await;
    let minute = Duration::from_secs(60);
    let far = range(100);
    let at = |millis| Some(Timestamp::from_millis(millis));
    let cases: Vec<(SearchConversations, &str)> = vec![
        (search.clone().limit(0), "`limit` is 0"),
        (search.clone().limit(101), "`limit` is 101"),
        (search.clone().duration(minute * 2, minute), "`duration`"),
        (search.clone().mcs(0..=101), "`mcs`"),
        (search.clone().csat(0..=5), "`csat`"),
        #[allow(clippy::reversed_empty_ranges, reason = "that is the mistake")]
        (search.clone().nps(5..=3), "`nps`"),
        (search.clone().keyword(" "), "`keyword`"),
        (search.clone().skills(Vec::<i64>::new()), "`skillIds`"),
        (
            search.clone().sde(SdeKey::Lead, "order 12345"),
            "`sdeSearch.lead` holds a number of 5 digits",
        ),
        (search.clone().response_due(None, None), "`responseTime`"),
        (search.clone().response_due(at(2), at(1)), "`responseTime`"),
        (search.clone().ended(far), "`end` spans 100 days"),
        (search.clone().intent_confidence(1.5), "`intentConfidenceScore`"),
        (
            search.clone().agent_survey(AgentSurveyFilter::new()),
            "`agentSurveySearch`",
        ),
        (search.clone().with_source("no spaces here"), "`source`"),
        (search.clone().with_source("a_name_that_is_too_long"), "`source`"),
        (
            search.clone().extra_body("start", 1),
            "`extra_body` cannot set \"start\"",
        ),
        (search.clone().windows(minute), "window"),
        (service.data.conversations().search(far), "three months"),
        (search.clone().limit(0).mcs(0..=101), "`limit`"),
    ];
    for (search, message) in cases {
        let error = search.clone().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation);
        assert!(error.to_string().contains(message), "{message}: {error}");
        assert!(!error.to_string().contains("12345"));
    }
    assert!(service.asked().is_empty());
}
