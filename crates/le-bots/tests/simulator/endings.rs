//! Sections 8.9 and 8.10: drops, catching up, tokens that end; and servers that do not behave.

use le_bots::connector::Introduction;
use le_bots::credential::FixedToken;
use le_bots::event::ChatState;
use le_bots::{NextStep, Recovery};
use le_core::auth::{Renewal, Stamp};
use le_core::{Disposition, ErrorKind};
use le_sim::TokenInvalidation;
use serde_json::json;

use crate::party::{Agent, Consumer, agent_connector, agents_of, busy_skills, consumer_connector, sim, sim_with};

#[tokio::test]
async fn a_drop_and_what_was_missed() {
    let sim = sim().await;
    let skill = busy_skills(&sim)[0];
    let connector = agent_connector(&sim, agents_of(&sim, skill).next().unwrap()).await;
    let mut agent = Agent::new(connector.connect().await.unwrap());
    agent.go_online().await;
    let consumer = Consumer::ready(&sim).await;
    let id = consumer.start(skill, "one").await;
    agent.take().await;
    let known = agent.messages(id.as_str(), 0).await.unwrap().len();

    sim.control()
        .messaging()
        .close_sockets(Some(agent.agent().old_id().as_str()), 1001, "");
    let close = agent.closed().await;
    let mut recovery = Recovery::default();
    recovery.opened();
    assert_eq!(recovery.closed(&close), NextStep::Reconnect);
    consumer.publish_text(id.as_str(), "two").await.unwrap();
    let error = agent.publish_text(id.as_str(), "lost").await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::NotSent);

    // The same bearer; subscriptions are gone and made again.
    let mut agent = Agent::new(connector.connect().await.unwrap());
    agent.go_online().await;
    let listed = agent.conversation("the first list", |_| true).await;
    assert_eq!(listed.id().unwrap().as_str(), id);
    let last = i64::try_from(known).unwrap() - 1;
    let missed = agent.messages(id.as_str(), last).await.unwrap();
    let texts: Vec<_> = missed
        .iter()
        .filter(|event| event.key().unwrap().1 > last)
        .map(|event| event.event.as_ref().unwrap().as_text())
        .collect();
    assert_eq!(texts, [Some("two")]);
    agent.publish_text(id.as_str(), "three").await.unwrap();
    agent.message("three").await;
}

#[tokio::test]
async fn others_see_that_a_consumer_goes_and_comes_back() {
    let sim = sim().await;
    let skill = busy_skills(&sim)[0];
    let mut agent = Agent::ready(&sim, agents_of(&sim, skill).next().unwrap()).await;
    let connector = consumer_connector(&sim).await;
    let consumer = Consumer::new(connector.connect().await.unwrap());
    let id = consumer.start(skill, "one").await;
    agent.take().await;
    assert!(consumer.close().await.requested);
    let state = |wanted: ChatState| {
        move |event: &le_bots::DialogEvent| {
            event
                .event
                .as_ref()
                .is_some_and(|e| e.chat_state.as_ref() == Some(&wanted))
        }
    };
    agent.event("gone", state(ChatState::Background)).await;
    agent.publish_text(id.as_str(), "still there?").await.unwrap();

    let mut consumer = Consumer::new(connector.connect().await.unwrap());
    agent.event("back", state(ChatState::Active)).await;
    consumer.subscribe_messages(id.as_str(), id.as_str(), 1).await.unwrap();
    consumer.message("still there?").await;
}

#[tokio::test]
async fn a_second_login_ends_the_first_session_and_a_new_bearer_comes_back() {
    for how in [TokenInvalidation::Close, TokenInvalidation::Abort] {
        let sim = sim_with(|messaging| messaging.token_invalidation = how).await;
        let user = agents_of(&sim, busy_skills(&sim)[0]).next().unwrap();
        let connector = agent_connector(&sim, user).await;
        let (first, _events) = connector.connect().await.unwrap();
        let (_second, _others) = agent_connector(&sim, user).await.connect().await.unwrap();
        let close = first.closed().await;
        let mut recovery = Recovery::default();
        match recovery.closed(&close) {
            NextStep::RenewCredential => {
                assert_eq!(close.code, Some(4401));
                connector.renew(NextStep::RenewCredential).await.unwrap();
            }
            // A drop tells nothing; the upgrade is refused with 401 then, and the connector renews.
            NextStep::Reconnect => assert_eq!(close.code, None),
            other => panic!("{other:?}"),
        }
        let (again, _events) = connector.connect().await.unwrap();
        again.own_profile().await.unwrap();
    }
}

#[tokio::test]
async fn a_bad_consumer_token_is_refused_with_advice() {
    let sim = sim().await;
    let bad = |introduction| {
        le_bots::ConsumerConnector::new(
            crate::party::transport(),
            std::sync::Arc::new(le_core::discover::FixedBase(le_core::BaseUri::new(&sim.url()).unwrap())),
            std::sync::Arc::new(FixedToken::new("e.y.J")),
            le_core::AccountId::new(crate::party::ACCOUNT).unwrap(),
        )
        .trusted_hosts(le_core::TrustedHosts::vendor().with_host("localhost"))
        .introduction(introduction)
    };
    for introduction in [Introduction::Headers, Introduction::Request] {
        let error = match bad(introduction).connect().await {
            Err(error) => error,
            // The server took the upgrade and refuses afterwards.
            Ok((connection, _events)) => {
                assert_eq!(
                    connection.closed().await.reconnect(),
                    le_bots::close::Reconnect::NewToken
                );
                continue;
            }
        };
        assert_eq!(error.kind(), ErrorKind::Authentication, "{introduction:?}: {error}");
        assert!(!format!("{error:?}").contains("e.y.J"));
    }
}

/// An anonymous consumer, whose identity the identity provider extends.
#[derive(Debug)]
struct Anonymous {
    url: String,
    /// The external token, the token of the socket, and its stamp.
    tokens: tokio::sync::Mutex<(String, String, u64)>,
}

impl Anonymous {
    async fn new(sim: &le_sim::Sim) -> Self {
        let new = Self {
            url: format!("{}/api/account/{}", sim.url(), crate::party::ACCOUNT),
            tokens: tokio::sync::Mutex::default(),
        };
        new.extend().await;
        new
    }

    async fn post(&self, path: &str, body: serde_json::Value) -> String {
        let (_, answer) = crate::party::http("POST", &format!("{}/{path}", self.url), body.to_string()).await;
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        answer["token"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    async fn extend(&self) {
        let mut tokens = self.tokens.lock().await;
        let known = if tokens.0.is_empty() {
            json!({})
        } else {
            json!({"id_token": tokens.0})
        };
        tokens.0 = self.post("anonymous/authorize", known).await;
        tokens.1 = self
            .post("app/web/authenticate?v=3.0", json!({"id_token": tokens.0}))
            .await;
        tokens.2 += 1;
    }
}

#[async_trait::async_trait]
impl le_bots::SocketCredential for Anonymous {
    async fn token(&self) -> Result<(le_core::Secret, Stamp), le_core::Error> {
        let tokens = self.tokens.lock().await;
        Ok((le_core::Secret::new(tokens.1.as_str()), Stamp(tokens.2)))
    }

    async fn renew(&self, _: Stamp, step: NextStep) -> Result<Renewal, le_core::Error> {
        assert_eq!(step, NextStep::ExtendIdentity);
        self.extend().await;
        Ok(Renewal::Renewed)
    }
}

#[tokio::test]
async fn an_anonymous_identity_is_extended_and_stays_the_same_consumer() {
    let sim = sim().await;
    let credential = std::sync::Arc::new(Anonymous::new(&sim).await);
    let connector = crate::party::consumer_connector_with(&sim, credential);
    let consumer = Consumer::new(connector.connect().await.unwrap());
    let id = consumer.start(busy_skills(&sim)[0], "one").await;
    sim.control().messaging().advance(std::time::Duration::from_secs(700));
    let close = consumer.closed().await;
    assert_eq!(close.code, Some(4407));
    let step = Recovery::default().closed(&close);
    assert_eq!(step, NextStep::ExtendIdentity);
    connector.renew(step).await.unwrap();
    let mut again = Consumer::new(connector.connect().await.unwrap());
    again.subscribe_messages(id.as_str(), id.as_str(), 0).await.unwrap();
    again.message("one").await;
}
