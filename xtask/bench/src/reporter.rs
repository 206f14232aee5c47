//! Reports of many visitors: through the `Reporter`, and as bare requests with the same bodies at the same concurrency.
//!
//! Each visitor has an identity, and each event is a viewed product. The first request of a visitor answers with the ids that the
//! others carry. Building the events counts on both sides.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use le_attributes::Attributes;
use le_attributes::monitoring::Identity;
use le_attributes::reporter::{NotTaken, Reporter};
use le_attributes::shopping::{Line, Product, ViewedProduct};
use le_attributes::visitor::Visitor;
use le_core::BaseUri;
use serde::{Deserialize, Serialize};

use crate::target::{Figures, Target};
use crate::{bare, ours, sockets};

/// The visitors.
pub(crate) const VISITORS: u64 = 10_000;

/// The requests that are on their way at the same time.
const CONCURRENCY: usize = 32;

/// The events of one request.
const BATCH: u64 = 50;

/// What waits at most: the bound that the memory row shows.
pub(crate) const WAITING: usize = 20_000;

/// How long all of it may take at most.
const LONGEST: Duration = Duration::from_secs(600);

/// The scenarios, the floor first.
pub(crate) const COMPARED: [&str; 2] = ["bare-reporter", "reporter"];

/// Runs a scenario with about so many events.
pub(crate) async fn measured(target: &Target, scenario: &str, events: u64) -> Result<Figures> {
    // Whole batches for each visitor, so that both sides send the same bodies.
    let rounds = (events / (VISITORS * BATCH)).max(1);
    let visitors = VISITORS.min(events / BATCH).max(1);
    let events = visitors * rounds * BATCH;
    match scenario {
        "reporter" => sockets::measured(target, events, reported(target, visitors, rounds)).await,
        _ => sockets::measured(target, events, floor(target, visitors, rounds)).await,
    }
}

fn name(visitor: u64, event: u64) -> String {
    format!("Lamp {visitor}/{event}")
}

fn price(event: u64) -> f64 {
    20.0 + (event % 80) as f64
}

/// All events through the reporter.
async fn reported(target: &Target, visitors: u64, rounds: u64) -> Result<()> {
    let client = ours::client(target, BaseUri::plain(&target.plain)?)?;
    let reporter = Reporter::builder(Attributes::new(client).monitoring(target.app_installation.as_str()))
        .concurrency(CONCURRENCY)
        .events(WAITING)
        .batch_events(usize::try_from(BATCH)?)
        .batch_bytes(1 << 20)
        .start();
    for round in 0..rounds {
        for number in 0..visitors {
            let visitor =
                Visitor::new(format!("v{number}")).identity(Identity::unauthenticated(format!("sub-{number}")));
            for event in round * BATCH..(round + 1) * BATCH {
                let product = Product::default()
                    .name(name(number, event))
                    .category("Home")
                    .price(price(event));
                let viewed = ViewedProduct::default()
                    .currency("EUR")
                    .products(vec![Line::single(product)]);
                report(&reporter, &visitor, viewed).await?;
            }
        }
    }
    let stats = reporter.shutdown(LONGEST).await;
    ensure!(
        stats.lost == 0 && stats.delivered == visitors * rounds * BATCH,
        "{stats:?}"
    );
    Ok(())
}

/// Reports one event; waits for room rather than lose it.
async fn report(reporter: &Reporter, visitor: &Visitor, event: ViewedProduct) -> Result<()> {
    reporter.room().await;
    match reporter.report(visitor, [event]) {
        Ok(()) => Ok(()),
        Err(NotTaken::NoRoom) => anyhow::bail!("no room although there was some"),
        Err(other) => Err(other.into()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    identities: [PlainIdentity; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    page_id: Option<&'a str>,
    engagement_attributes: Vec<Viewed>,
}

#[derive(Serialize)]
struct PlainIdentity {
    acr: &'static str,
    sub: String,
}

#[derive(Serialize)]
struct Viewed {
    #[serde(rename = "type")]
    kind: &'static str,
    currency: &'static str,
    products: [PlainLine; 1],
}

#[derive(Serialize)]
struct PlainLine {
    product: PlainProduct,
}

#[derive(Serialize)]
struct PlainProduct {
    name: String,
    category: &'static str,
    price: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    session_id: String,
    visitor_id: String,
    page_id: String,
}

/// The same requests without anything that keeps order, repeats, or counts.
async fn floor(target: &Target, visitors: u64, rounds: u64) -> Result<()> {
    let client = bare::client(&target.ca)?;
    let url = format!(
        "http://{}/api/account/{}/app/{}/report?v=1.1&obh=true",
        target.plain, target.account, target.app_installation
    );
    let mut sessions: Vec<Option<Answer>> = (0..visitors).map(|_| None).collect();
    for round in 0..rounds {
        let requests = sessions.into_iter().enumerate().map(|(number, session)| {
            let (client, url) = (&client, &url);
            async move { visit(client, url, number as u64, round, session).await.map(Some) }
        });
        sessions = stream::iter(requests).buffered(CONCURRENCY).try_collect().await?;
    }
    Ok(())
}

async fn visit(
    client: &reqwest::Client,
    url: &str,
    visitor: u64,
    round: u64,
    session: Option<Answer>,
) -> Result<Answer> {
    let events = (round * BATCH..(round + 1) * BATCH).map(|event| {
        let product = PlainProduct {
            name: name(visitor, event),
            category: "Home",
            price: price(event),
        };
        Viewed {
            kind: "prodView",
            currency: "EUR",
            products: [PlainLine { product }],
        }
    });
    let body = Body {
        identities: [PlainIdentity {
            acr: "0",
            sub: format!("sub-{visitor}"),
        }],
        page_id: session.as_ref().map(|session| session.page_id.as_str()),
        engagement_attributes: events.collect(),
    };
    let url = match &session {
        Some(session) => format!("{url}&vid={}&sid={}", session.visitor_id, session.session_id),
        None => url.to_owned(),
    };
    let request = client
        .put(url)
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .body(serde_json::to_vec(&body)?);
    let answer = request.send().await?.error_for_status()?.bytes().await?;
    match session {
        Some(session) => Ok(session),
        None => serde_json::from_slice(&answer).context("the answer to a report"),
    }
}
