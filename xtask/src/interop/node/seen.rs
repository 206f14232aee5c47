//! What the simulator and the consumer must have seen after each scenario of the agent client.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::interop::conduct::check;
use crate::interop::scene::Scene;

pub(super) fn login(scene: &Scene) -> Result<()> {
    check("le-sim saw discovery, then logins and refreshes with their outcomes", {
        let requests = scene.simulator.requests()?;
        let expected = [
            ("domain.all_services", 200),
            ("login.login", 200),
            ("login.refresh", 200),
            ("login.refresh", 401),
            ("login.login", 200),
            ("login.refresh", 200),
            ("login.login", 401),
        ];
        let expected: Vec<_> = expected.map(|(route, status)| (route.to_owned(), status)).into();
        (requests == expected)
            .then_some(())
            .with_context(|| format!("{requests:?} instead of {expected:?}"))
    })
}

pub(super) fn conversation(scene: &Scene) -> Result<()> {
    let consumer = scene.consumer()?;
    let message = |text: &'static str| move |event: &Value| event["event"]["message"] == text;
    check(
        "the consumer got the agent's text",
        consumer.was_sent("the text", |event| {
            message("How can I help?")(event) && event["originatorMetadata"]["role"] == "ASSIGNED_AGENT"
        }),
    )?;
    check(
        "the consumer saw that its question was read",
        consumer.was_sent("a receipt", |event| event["event"]["status"] == "READ"),
    )?;
    check(
        "the consumer saw the agent typing",
        consumer.was_sent("the chat state", |event| {
            event["event"]["chatState"] == "COMPOSING" && event["originatorMetadata"]["role"] == "ASSIGNED_AGENT"
        }),
    )?;
    check(
        "the consumer got the card with its metadata",
        consumer.was_sent("the card", |event| {
            event["event"]["type"] == "RichContentEvent" && event["metadata"][0]["id"] == "card-9"
        }),
    )?;
    check(
        "the consumer got the file",
        consumer.was_sent("the file", |event| event["event"]["contentType"] == "hosted/file"),
    )?;
    check("the consumer did not get the private message", {
        let private = consumer.events()?.iter().any(message("VIP, handle with care"));
        (!private).then_some(()).context("it was sent to the consumer")
    })?;
    check("the consumer saw urgency, then the end by the agent", {
        let states = consumer.conversations()?;
        let urgent = states.iter().position(|state| state["ttr"]["ttrType"] == "URGENT");
        let closed = states
            .iter()
            .position(|state| state["stage"] == "CLOSE" && state["closeReason"] == "AGENT");
        (urgent.is_some() && urgent < closed)
            .then_some(())
            .with_context(|| format!("urgent at {urgent:?}, closed at {closed:?}"))
    })?;
    check("le-sim holds every event once, numbered without a gap", numbered(scene))
}

/// The sequences of the main dialog are 0, 1, 2 and so on, and the texts of the scenario are among them.
fn numbered(scene: &Scene) -> Result<()> {
    let conversation = stored(scene)?;
    let events = conversation["events"].as_array().context("no events")?;
    let sequences: Vec<_> = events.iter().filter_map(|event| event["sequence"].as_u64()).collect();
    let expected: Vec<_> = (0..sequences.len() as u64).collect();
    ensure!(sequences == expected, "the sequences are {sequences:?}");
    let private = events.iter().filter(|event| event["private"] == true).count();
    ensure!(private == 1, "{private} private messages");
    ensure!(
        conversation["state"] == "CLOSE",
        "the conversation is {}",
        conversation["state"]
    );
    Ok(())
}

/// The conversation as the simulator holds it.
fn stored(scene: &Scene) -> Result<Value> {
    let id = &scene.consumer()?.conversation;
    scene.simulator.control.get(&format!("/messaging/conversations/{id}"))
}

pub(super) fn transfer(scene: &Scene) -> Result<()> {
    let consumer = scene.consumer()?;
    let text = |text: &'static str| move |event: &Value| event["event"]["message"] == text;
    check("the consumer got both agents' words, and each from another", {
        let events = consumer.events()?;
        let author = |words| {
            let event = events.iter().find(|event| text(words)(event));
            event.map(|event| event["originatorId"].clone())
        };
        let (bot, person) = (author("I get you one."), author("Here I am."));
        (bot.is_some() && person.is_some() && bot != person)
            .then_some(())
            .with_context(|| format!("from {bot:?} and {person:?}"))
    })?;
    check("the consumer saw the queue between them", {
        let states = consumer.conversations()?;
        let assigned = |state: &Value| {
            let participants = state["participants"].as_array();
            participants.is_some_and(|all| all.iter().any(|one| one["role"] == "ASSIGNED_AGENT"))
        };
        let mut steps: Vec<_> = states.iter().map(assigned).collect();
        steps.dedup();
        (steps == [false, true, false, true])
            .then_some(())
            .with_context(|| format!("an agent was there: {steps:?}"))
    })?;
    check("le-sim has the conversation with the agent of the skill", {
        let conversation = stored(scene)?;
        let assigned = conversation["participants"].as_array().into_iter().flatten();
        let assigned: Vec<_> = assigned.filter(|one| one["role"] == "ASSIGNED_AGENT").collect();
        (assigned.len() == 1 && conversation["skillId"] != "-1" && conversation["state"] == "OPEN")
            .then_some(())
            .with_context(|| conversation.to_string())
    })
}

pub(super) fn endurance(scene: &Scene) -> Result<()> {
    check("le-sim saw two logins, and refused no refresh after the second", {
        let requests = scene.simulator.requests()?;
        let logins = positions(&requests, "login.login", 200);
        let refused = positions(&requests, "login.refresh", 401);
        let late = refused.iter().any(|at| logins.get(1).is_none_or(|second| at > second));
        (logins.len() == 2 && !late)
            .then_some(())
            .with_context(|| format!("{requests:?}"))
    })?;
    check("the consumer got what was said after the return", {
        scene
            .consumer()?
            .was_sent("the text", |event| event["event"]["message"] == "three")
    })
}

fn positions(requests: &[(String, u64)], route: &str, status: u64) -> Vec<usize> {
    let wanted = requests
        .iter()
        .enumerate()
        .filter(|(_, (r, s))| r == route && *s == status);
    wanted.map(|(at, _)| at).collect()
}
