//! The consumers: each says something, waits until it is repeated, and says the next.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use super::ECHO;
use crate::sockets::bare::Socket;
use crate::sockets::{sign_up, text};
use crate::target::{Figures, Target};
use crate::{bare, measure};

/// How many consumers come at once.
const TOGETHER: usize = 32;

/// What the consumers do.
pub(crate) struct Plan {
    /// The process that is measured.
    pub(crate) bot: u32,
    pub(crate) conversations: usize,
    /// Of all conversations together.
    pub(crate) messages: usize,
    /// Once a second each, spread evenly over the second.
    pub(crate) paced: bool,
}

/// How often a paced consumer says something.
const PACE: Duration = Duration::from_secs(1);
/// For so long.
const PACED: usize = 10;

/// Opens the conversations, has the messages repeated by the bot, and measures that meanwhile.
pub(crate) async fn drive(target: &Target, plan: &Plan) -> Result<Figures> {
    measure::pin(0);
    let Plan {
        bot,
        conversations,
        messages,
        paced,
    } = *plan;
    let mut consumers = Vec::with_capacity(conversations);
    let http = bare::client(&target.ca)?;
    while consumers.len() < conversations {
        let mut coming = JoinSet::new();
        for _ in 0..TOGETHER.min(conversations - consumers.len()) {
            let (target, http) = (target.clone(), http.clone());
            coming.spawn(async move {
                let token = sign_up(&http, &target).await?;
                let mut consumer = Socket::conversing(&target, &token).await?;
                // The first answer tells that the bot has the conversation.
                greet(&mut consumer).await?;
                anyhow::Ok(consumer)
            });
        }
        while let Some(consumer) = coming.join_next().await {
            consumers.push(consumer??);
        }
    }
    let each = if paced {
        PACED
    } else {
        (messages / conversations).max(1)
    };
    let said = text();
    let (before, server, begun) = (measure::whole_cpu(bot), measure::cpu(target.server), Instant::now());
    let mut talks = JoinSet::new();
    for (place, mut consumer) in consumers.into_iter().enumerate() {
        let said = said.clone();
        let first = tokio::time::Instant::now() + PACE * u32::try_from(place)? / u32::try_from(conversations)?;
        talks.spawn(async move {
            let mut waits = Vec::with_capacity(each);
            let mut beat = tokio::time::interval_at(first, PACE);
            for _ in 0..each {
                if paced {
                    beat.tick().await;
                }
                waits.push(say(&mut consumer, &said).await?);
            }
            anyhow::Ok((consumer, waits))
        });
    }
    let (mut consumers, mut waits) = (Vec::with_capacity(conversations), Vec::with_capacity(messages));
    while let Some(talk) = talks.join_next().await {
        let (consumer, own) = talk??;
        consumers.push(consumer);
        waits.extend(own);
    }
    let wall = begun.elapsed().as_secs_f64();
    let spent = |after: Option<Duration>, before: Option<Duration>| Some(after?.saturating_sub(before?).as_secs_f64());
    let figures = Figures {
        records: waits.len() as u64,
        bytes: (waits.len() * said.len()) as u64,
        wall,
        client_cpu: spent(measure::whole_cpu(bot), before),
        server_cpu: spent(measure::cpu(target.server), server),
        peak: measure::peak_memory_of(bot),
        p99: percentile(&mut waits),
    };
    for mut consumer in consumers {
        consumer.close().await?;
    }
    Ok(figures)
}

/// Says hello until the bot has the conversation and repeats it: a bot that only listens does not hear what was said before.
async fn greet(consumer: &mut Socket) -> Result<()> {
    const PATIENCE: Duration = Duration::from_secs(1);
    const TIMES: u32 = 60;
    for time in 0..TIMES {
        let hello = format!("hello {time}");
        consumer.publish(&hello).await?;
        let heard = tokio::time::timeout(PATIENCE, consumer.until_said(&format!("{ECHO}{hello}"))).await;
        if let Ok(heard) = heard {
            return heard;
        }
    }
    anyhow::bail!("the bot does not take the conversation")
}

/// Says it, waits for the repetition, and tells how long that took.
async fn say(consumer: &mut Socket, said: &str) -> Result<Duration> {
    const PATIENCE: Duration = Duration::from_secs(60);
    let begun = Instant::now();
    consumer.publish(said).await?;
    let heard = tokio::time::timeout(PATIENCE, consumer.until_said(&format!("{ECHO}{said}"))).await;
    heard.context("the bot does not answer")??;
    Ok(begun.elapsed())
}

/// The 99th percentile in seconds.
fn percentile(waits: &mut [Duration]) -> Option<f64> {
    waits.sort_unstable();
    waits
        .get((waits.len() * 99 / 100).min(waits.len().checked_sub(1)?))
        .map(Duration::as_secs_f64)
}
