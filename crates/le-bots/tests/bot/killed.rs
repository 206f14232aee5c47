//! A bot's process is killed in the middle of conversations, again and again: nothing is lost, nothing is said twice.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use le_bots::bot::{Bot, BotRunner, Context, HandOver, Handled, Message, Reply};
use le_bots::credential::FixedToken;
use le_bots::store::FileStore;
use le_bots::supervisor::Backoff;
use le_bots::{AgentConnector, AgentIdentity};
use le_core::discover::FixedBase;
use le_core::transport::HttpTransport;
use le_core::{AccountId, BaseUri, TrustedHosts};
use serde_json::Value;

use crate::child::{self, Process};
use crate::support::{Consumer, Outcome, Stage};

/// Answers in three messages, of which two are the same, and counts.
struct Counter;

#[async_trait]
impl Bot for Counter {
    async fn started(&self, ctx: &Context) -> Handled {
        ctx.reply("Welcome").await?;
        Ok(())
    }

    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        let Some(text) = message.text() else { return Ok(()) };
        let count = ctx.state::<u32>()?.unwrap_or_default() + 1;
        ctx.set_state(&count)?;
        println!("turn {text}");
        ctx.reply("One moment").await?;
        ctx.reply(Reply::text(format!("{text} is number {count}")).quick_replies(["More", "Enough"]))
            .await?;
        ctx.reply("One moment").await?;
        if text == "enough" {
            ctx.private_note(format!("{count} messages")).await?;
            ctx.transfer_to_skill(std::env::var("LE_TEST_SKILL")?, HandOver::because("escalated_by_user"))
                .await?;
        }
        Ok(())
    }
}

/// The child: runs the bot with the bearer that it was given, until it is killed.
#[tokio::main(flavor = "current_thread")]
async fn run_until_killed(arguments: &[String]) {
    let [base, account, user, pid, bearer, path] = arguments else {
        panic!("{arguments:?}")
    };
    let transport = Arc::new(HttpTransport::builder().no_proxy().build().unwrap());
    let discover = Arc::new(FixedBase(BaseUri::new(base).unwrap()));
    let me = AgentIdentity::new(AccountId::new(account).unwrap(), user.as_str()).with_pid(pid.as_str());
    let connector = AgentConnector::new(transport, discover, Arc::new(FixedToken::new(bearer.as_str())), me)
        .trusted_hosts(TrustedHosts::vendor().with_host("localhost").with_host("127.0.0.1"));
    let mut bot = BotRunner::new(Counter, connector)
        .store(FileStore::open(path).unwrap())
        .backoff(Backoff::new(Duration::from_millis(20), Duration::from_millis(50)))
        .run()
        .await
        .unwrap();
    println!("running");
    let ended = bot.ended().await;
    println!("ended {ended:?}");
}

/// What the bot said, in order.
fn texts(conversation: &Value) -> Vec<String> {
    let events = conversation["events"].as_array().into_iter().flatten();
    let of_bot = events.filter(|event| event["role"] == "ASSIGNED_AGENT");
    of_bot
        .filter_map(|event| event["event"]["message"].as_str().map(str::to_owned))
        .collect()
}

#[test]
fn a_bot_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    const TEST: &str = "killed::a_bot_that_is_killed_again_and_again_loses_and_doubles_nothing";
    if let Some(arguments) = child::plays("bot") {
        return run_until_killed(&arguments);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(Box::pin(killing(TEST))).unwrap();
}

async fn killing(test: &str) -> Outcome {
    // Answers are slow, so that the death comes between an effect and its answer more often than not.
    let stage = Stage::new().await?;
    let slow = le_sim::FaultAction::Delay { ms: 3 };
    stage
        .sim
        .control()
        .add_fault(le_sim::FaultRule::new(slow).route("socket.agent.response.ms.PublishEvent"))?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("bot.redb").display().to_string();
    let user = stage.agent(stage.skill(0), 0);
    let bearer = stage.bearer(user).await?;
    let (url, account) = (stage.sim.url(), stage.sim.account().id.clone());
    let (id, pid) = (user.user_id.to_string(), user.user_pid.clone());
    let start = |skill: i64| {
        let words = [url.as_str(), &account, &id, &pid, &bearer, &path];
        Process::start_with(test, "bot", &words, &[("LE_TEST_SKILL", &skill.to_string())])
    };
    let skill = stage.skill(1);
    let mut bot = start(skill);
    bot.next("running").ok_or("the bot did not start")?;

    let mut consumers: Vec<Consumer> = Vec::new();
    for _ in 0..3 {
        let mut consumer = stage.consumer()?;
        consumer.start(stage.skill(0), "m0")?;
        consumers.push(consumer);
    }
    let mut random = fastrand::Rng::with_seed(7);
    let rounds = 12;
    for round in 1..=rounds {
        // It dies in the middle of a turn, or a little later.
        bot.next("turn").ok_or("the bot ended by itself")?;
        tokio::time::sleep(Duration::from_micros(random.u64(0..8000))).await;
        bot.kill();
        for consumer in &consumers {
            consumer.say(&if round == rounds {
                "enough".to_owned()
            } else {
                format!("m{round}")
            })?;
        }
        bot = start(skill);
    }
    for consumer in &consumers {
        let moved = |found: &Value| found["skillId"].to_string().contains(&skill.to_string());
        let conversation = consumer.conversation("the transfer", moved).await?;
        let mut expected = vec!["Welcome".to_owned()];
        for round in 0..=rounds {
            let text = if round == rounds {
                "enough".to_owned()
            } else {
                format!("m{round}")
            };
            expected.push("One moment".to_owned());
            expected.push(format!("{text} is number {}", round + 1));
            expected.push("One moment".to_owned());
        }
        expected.push(format!("{} messages", rounds + 1));
        assert_eq!(texts(&conversation), expected);
    }
    Ok(())
}
