//! External Engagement: a caller of a phone line gets a link that opens a chat, once
//! (<https://developers.liveperson.com/ivr-engagement-api-methods-external-engagement.html>).

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header::CACHE_CONTROL, request::Parts};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{
    intake::{self, sent},
    knobs::MonitoringKnobs,
    methods::Query,
    offers,
    refusal::{Refusal, Refused},
    visit_methods::authorized,
    visitors::Ask,
};
use crate::{
    account::{hexadecimal, mix},
    answer,
    arrival::Arrival,
    campaign::EngagementSource,
    messaging,
    routing::read_body,
    world::{World, lock},
};

/// What the key manager calls the right.
const PRIVILEGE: &str = "IVR Engagement";

/// How long somebody who waits is thought to wait for each one before them, in seconds.
const SECONDS_EACH: u64 = 120;

/// Links that are kept; older ones can no longer be opened.
const MOST_LINKS: usize = 10_000;

/// A link that was given out.
#[derive(Debug)]
struct Link {
    number: u64,
    until: i64,
    engagement: String,
    opened: bool,
}

/// The links to chats.
#[derive(Debug)]
pub(super) struct Links {
    links: HashMap<String, Link>,
    made: u64,
    random: fastrand::Rng,
}

impl Links {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            links: HashMap::new(),
            made: 0,
            random: fastrand::Rng::with_seed(mix(seed, 0x0069_7672)),
        }
    }

    fn add(&mut self, engagement: &str, until: i64, now: i64) -> String {
        if self.links.len() >= MOST_LINKS {
            self.links.retain(|_, link| link.until > now && !link.opened);
            let oldest = self.made.saturating_sub(MOST_LINKS as u64 / 2);
            self.links.retain(|_, link| link.number > oldest);
        }
        let token = hexadecimal(&mut self.random, 32);
        self.made += 1;
        let link = Link {
            number: self.made,
            until,
            engagement: engagement.to_owned(),
            opened: false,
        };
        self.links.insert(token.clone(), link);
        token
    }

    /// The name of the engagement, if the link can still be opened; it cannot be again.
    fn open(&mut self, token: &str, now: i64) -> Option<Option<String>> {
        let link = self.links.get_mut(token)?;
        let opens = !link.opened && link.until > now;
        link.opened = true;
        Some(opens.then(|| link.engagement.clone()))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(borrow)]
    app_type: Option<&'a RawValue>,
    #[serde(borrow)]
    consumer_sections: Option<&'a RawValue>,
    #[serde(borrow)]
    engagement_attributes: Option<&'a RawValue>,
}

/// `POST /api/account/{accountId}/external/engagement?v=1.0`.
pub(crate) async fn create(State(world): State<Arc<World>>, Path(account): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = read_body(Request::new(body)).await;
    let behaviour = world.behaviour();
    created(&world, &behaviour.monitoring, &parts, &account, &body).unwrap_or_else(|refusal| refusal.external(&world))
}

fn created(world: &World, knobs: &MonitoringKnobs, parts: &Parts, account: &str, body: &[u8]) -> Refused<Response> {
    if account != world.account.id {
        return Err(Refusal::account(account));
    }
    authorized(world, parts, body, PRIVILEGE).map_err(|turned| turned.refusal)?;
    Query::of(parts, knobs).version(&[1.0], "1.0")?;
    let body: Body<'_> = serde_json::from_str(intake::whole(body, knobs)?)
        .map_err(|error| Refusal::invalid(format!("the body is not a JSON object: {error}")))?;
    match intake::word(body.app_type, "appType")?.as_deref() {
        Some("IVR") => {}
        Some(_) => return Err(Refusal::invalid("appType must be IVR")),
        None => return Err(Refusal::invalid("appType is required")),
    }
    let sections = intake::sections(body.consumer_sections)?;
    let sent = sent(body.engagement_attributes, "engagementAttributes", false, knobs)?;
    let now = world.clock.now_ms();
    let monitoring = &world.monitoring;
    let campaigns = monitoring.campaigns();
    let page: Arc<str> = monitoring.visitors.minter.page().into();
    let ask = Ask {
        visitor: None,
        session: None,
        source: EngagementSource::Ivr,
        now,
        knobs,
    };
    let (_, offered) = monitoring.visitors.enter(ask, monitoring.next_number(), |_, visitor| {
        if let Some(visit) = &mut visitor.visit {
            visit.page(&page, now, &sections, knobs.pages_per_session);
        }
        monitoring.keep(visitor, sent, &page, now, knobs.attributes_per_visitor);
        let Some(visit) = &mut visitor.visit else {
            return Ok(None);
        };
        let offered = offers::eligible(&campaigns, visit, EngagementSource::Ivr, now).next();
        if let Some(one) = offered {
            monitoring.offer(visit, one, &page, now);
        }
        Ok(offered.map(|(_, engagement)| engagement.clone()))
    })?;
    let staffed =
        |skill: Option<i64>| !knobs.availability_needs_agents || messaging::is_staffed(world, skill.unwrap_or(-1));
    let Some(engagement) = offered.filter(|engagement| staffed(engagement.skill)) else {
        return Ok(answer::json(StatusCode::OK, &json!({ "status": "Not Available" })));
    };
    let waiting = messaging::waiting(world, engagement.skill);
    let token = lock(&monitoring.links).add(&engagement.name, engagement.holds_until(now), now);
    let origin = parts
        .extensions
        .get::<Arrival>()
        .map(Arrival::origin)
        .unwrap_or_default();
    let body = json!({
        "status": "Available",
        "engagementDetails": {
            "urlToChat": format!("{origin}/external/{account}/chat/{token}"),
            "validForSeconds": engagement.valid_for_seconds,
            "expectedWaitTimeSeconds": waiting as u64 * SECONDS_EACH,
            "queueSize": waiting,
        },
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// The link itself: a page, once. Afterwards, and when its time is over, 410.
pub(crate) async fn chat(State(world): State<Arc<World>>, Path((account, token)): Path<(String, String)>) -> Response {
    let now = world.clock.now_ms();
    let opened = (account == world.account.id)
        .then(|| lock(&world.monitoring.links).open(&token, now))
        .flatten();
    let mut response = match opened {
        Some(Some(engagement)) => answer::page("Chat", &format!("You are being connected: {engagement}.")),
        Some(None) => answer::text(StatusCode::GONE, "this link was opened before, or its time is over\n"),
        None => answer::text(StatusCode::NOT_FOUND, "there is no such link\n"),
    };
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
