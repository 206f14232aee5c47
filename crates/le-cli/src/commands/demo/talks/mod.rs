//! Conversations while the sockets break: a bot, a person and fifty consumers, and a record that tells what became of each message.

mod bots;
mod consumer;
mod count;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use le_attributes::Attributes;
use le_auth::{ConsumerIdentity, Session, UserCredentials};
use le_bots::bot::{Bot, BotHandle, BotRunner, Shutdown};
use le_bots::client_properties::{ClientProperties, Feature};
use le_bots::credential::BearerOf;
use le_bots::store::MemoryStore;
use le_bots::supervisor::{Backoff, ConsumerLink};
use le_bots::{AgentConnector, AgentIdentity, ConsumerConnector};
use le_core::id::ConversationId;
use le_core::{Client, Discover};
use le_domain::Domain;
use le_sim::Sim;
use le_sim::account::{User, UserType};
use tokio::task::JoinSet;

use self::bots::{Clerk, Person};
use self::consumer::Script;
pub(super) use self::count::Tally;
use super::visitor::{self, Seen};
use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// How many consumers talk at the same time.
pub(super) const CONSUMERS: usize = 50;

/// How long they may take together: longer than any machine needs, so that a mistake ends the demo instead of hanging it.
const PATIENCE: Duration = Duration::from_secs(120);

/// The pauses before a return, as much shorter than LivePerson asks for as the other pauses of the demo.
fn backoff() -> Backoff {
    Backoff::new(Duration::from_millis(13), Duration::from_millis(300))
}

/// What was talked about.
#[derive(Debug)]
pub(super) struct Talks {
    pub(super) tally: Tally,
    /// What became of the visit to the shop.
    pub(super) visit: Seen,
    /// The conversation that came of it.
    pub(super) of_visit: Option<ConversationId>,
}

/// Holds the conversations, and compares what was meant with what the simulator has. `attributes` is what the bot may read visits with.
pub(super) async fn hold(sim: &Sim, client: &Client, domain: &Domain, attributes: Attributes) -> Result<Talks> {
    let begun = Instant::now();
    let domain: Arc<dyn Discover> = Arc::new(domain.clone());
    let [first, second] = cast(sim)?;
    let people = second.1.to_string();
    let clerk = bot(client, &domain, first.0, Clerk { attributes, people }).await?;
    let person = bot(client, &domain, second.0, Person).await?;

    let browsed = visitor::browse(sim, client, first.1).await?;

    let heard = Arc::new(AtomicU64::new(0));
    let mut talks = JoinSet::new();
    for number in 0..CONSUMERS {
        let connector = consumer(client, &domain);
        let (link, deliveries) = ConsumerLink::builder(connector).backoff(backoff()).start()?;
        let script = Script {
            number,
            skill: first.1,
            visit: (number == 0).then(|| browsed.start.clone()),
            heard: Arc::clone(&heard),
        };
        talks.spawn(script.play(link, deliveries));
    }
    let mut broken = 0;
    let all = async {
        let mut told = Vec::with_capacity(CONSUMERS);
        while let Some(talk) = talks.join_next().await {
            told.push(talk.map_err(|e| {
                Failure::new(Exit::Unexpected, "a consumer of the demo panicked").because(e.to_string())
            })??);
        }
        Ok::<_, Failure>(told)
    };
    let held = tokio::select! {
        held = tokio::time::timeout(PATIENCE, all) => held,
        never = storms(sim, &first.0.login_name, &heard, &mut broken) => match never {},
    };
    let told =
        held.map_err(|_| Failure::new(Exit::Data, "the conversations of the demo did not come to their end"))??;

    for bot in [clerk, person] {
        bot.0.shutdown(Shutdown::HandBack).await?;
        bot.1.close().await?;
    }
    let visited = told.iter().find(|told| told.is_visitor);
    Ok(Talks {
        tally: count::compare(sim, &told, broken, begun.elapsed()),
        visit: Seen::new(
            browsed,
            visited.is_some_and(|told| told.has_heard(&visitor::expected_greeting())),
        ),
        of_visit: visited.and_then(|told| told.conversation.clone()),
    })
}

/// Two users of different skills, each with one that the other has not.
fn cast(sim: &Sim) -> Result<[(&User, i64); 2]> {
    let users = sim.users().iter().skip(1);
    let users: Vec<&User> = users
        .filter(|user| user.enabled && user.user_type == UserType::Human)
        .collect();
    for one in &users {
        for other in &users {
            let own = |user: &User, without: &User| {
                user.skills
                    .iter()
                    .copied()
                    .find(|skill| !without.skills.contains(skill))
            };
            if let (Some(first), Some(second)) = (own(one, other), own(other, one)) {
                return Ok([(one, first), (other, second)]);
            }
        }
    }
    Err(Failure::new(
        Exit::Unexpected,
        "the simulated account has no two users of different skills",
    ))
}

/// Logs a user in and runs a bot as that user.
async fn bot(client: &Client, domain: &Arc<dyn Discover>, user: &User, bot: impl Bot) -> Result<(BotHandle, Session)> {
    let credentials = UserCredentials::new(user.login_name.as_str(), user.password.as_str());
    let session = Session::builder(client.clone(), credentials).open().await?;
    let me = AgentIdentity::new(client.account().clone(), user.user_id.to_string()).with_pid(user.user_pid.as_str());
    let credential = Arc::new(BearerOf::new(Arc::new(session.clone())));
    let connector = AgentConnector::new(Arc::clone(client.transport()), Arc::clone(domain), credential, me)
        .trusted_hosts(client.trusted_hosts().clone());
    let runner = BotRunner::new(bot, connector)
        .store(MemoryStore::new())
        .backoff(backoff());
    let handle = runner.run().await?;
    // Where it ends instead, the conversations tell.
    let _ = handle
        .state()
        .wait_for(|state| state.is_online() || state.ended().is_some())
        .await;
    Ok((handle, session))
}

/// An anonymous consumer, whose window can show everything.
fn consumer(client: &Client, domain: &Arc<dyn Discover>) -> ConsumerConnector {
    let mut properties = ClientProperties::default();
    properties.app_id = Some("le-demo".to_owned());
    let features = [Feature::RichContent, Feature::QuickReplies, Feature::MultiDialog];
    properties.features = features.into_iter().collect();
    let identity = ConsumerIdentity::anonymous(client);
    ConsumerConnector::new(
        Arc::clone(client.transport()),
        Arc::clone(domain),
        Arc::new(BearerOf::new(Arc::new(identity))),
        client.account().clone(),
    )
    .properties(properties)
    .trusted_hosts(client.trusted_hosts().clone())
}

/// Breaks sockets each time when some more messages were heard, in the ways that the field reports, and counts them. It does not end
/// by itself.
async fn storms(sim: &Sim, bot: &str, heard: &AtomicU64, broken: &mut u64) -> Infallible {
    /// The messages between two storms: with fifty consumers there are some six hundred.
    const CALM: u64 = 50;
    const LOOK: Duration = Duration::from_millis(5);
    /// Codes, and whether only the bot's socket is closed. 1006 is a connection that is just gone.
    const STORMS: [(u16, bool); 8] = [
        (1006, false),
        (1001, true),
        (1011, false),
        (4401, true),
        (1006, false),
        (1006, true),
        (1000, false),
        (1006, true),
    ];
    let mut next = CALM / 2;
    for (code, only_bot) in STORMS.into_iter().cycle() {
        while heard.load(Ordering::Relaxed) < next {
            tokio::time::sleep(LOOK).await;
        }
        next += CALM;
        let user = only_bot.then_some(bot);
        *broken += sim.control().messaging().close_sockets(user, code, "demo") as u64;
    }
    std::future::pending().await
}
