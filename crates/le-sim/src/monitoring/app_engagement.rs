//! App Engagement, which came before the Monitoring API
//! (<https://developers.liveperson.com/app-engagement-api-methods-create-session.html>,
//! <https://developers.liveperson.com/app-engagement-api-methods-update-session.html>).

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{StatusCode, request::Parts};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    describe,
    intake::{self, Sent, check_mobile, sent},
    knobs::MonitoringKnobs,
    methods::{Query, caller_address, is_put, refuse_loading},
    offers::{self, check_impressions},
    refusal::{Refusal, Refused},
    visit::Device,
    visitors::{Ask, Visitor},
};
use crate::{
    answer,
    campaign::{Campaign, Engagement, EngagementSource, engagements},
    messaging,
    world::World,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateBody<'a> {
    #[serde(borrow)]
    app_type: Option<&'a RawValue>,
    #[serde(borrow)]
    app_details: Option<&'a RawValue>,
    #[serde(borrow)]
    consumer_sections: Option<&'a RawValue>,
    #[serde(borrow)]
    engagement_attributes: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateBody<'a> {
    #[serde(borrow)]
    page_id: Option<&'a RawValue>,
    #[serde(borrow)]
    imp_attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    engagement_attributes: Option<&'a RawValue>,
}

/// The first call: `POST /api/account/{accountId}/app/engagement/visitors`. It makes a visitor.
pub(crate) async fn open(State(world): State<Arc<World>>, Path(account): Path<String>, request: Request) -> Response {
    answered(&world, request, |parts, body, knobs| {
        let query = admitted(&world, knobs, parts, &account, None)?;
        create(&world, knobs, parts, body, &query, None)
    })
    .await
}

/// Later calls: `POST .../visitors/{visitorId}?sid=`. With the override header it is an update.
pub(crate) async fn proceed(
    State(world): State<Arc<World>>,
    Path((account, visitor)): Path<(String, String)>,
    request: Request,
) -> Response {
    answered(&world, request, |parts, body, knobs| {
        let query = admitted(&world, knobs, parts, &account, Some(&visitor))?;
        if is_put(parts) {
            return updated(&world, knobs, body, &query, &visitor);
        }
        create(&world, knobs, parts, body, &query, Some(&visitor))
    })
    .await
}

/// `PUT .../visitors/{visitorId}?sid=`.
pub(crate) async fn update(
    State(world): State<Arc<World>>,
    Path((account, visitor)): Path<(String, String)>,
    request: Request,
) -> Response {
    answered(&world, request, |parts, body, knobs| {
        let query = admitted(&world, knobs, parts, &account, Some(&visitor))?;
        updated(&world, knobs, body, &query, &visitor)
    })
    .await
}

async fn answered(
    world: &World,
    request: Request,
    run: impl FnOnce(&Parts, &Bytes, &MonitoringKnobs) -> Refused<Response>,
) -> Response {
    let (parts, body) = intake::read(request).await;
    let behaviour = world.behaviour();
    let done = intake::present(&body).and_then(|body| run(&parts, body, &behaviour.monitoring));
    done.unwrap_or_else(|refusal| refusal.answer(world))
}

fn admitted(
    world: &World,
    knobs: &MonitoringKnobs,
    parts: &Parts,
    account: &str,
    visitor: Option<&str>,
) -> Refused<Query> {
    if account != world.account.id {
        return Err(Refusal::account(account));
    }
    let query = Query::of(parts, knobs);
    query.version(&[1.0], "1.0")?;
    refuse_loading(world, knobs, visitor, false)?;
    Ok(query)
}

/// What a create call says.
struct Create<'a> {
    source: EngagementSource,
    sections: Vec<String>,
    device: Device,
    sent: Vec<Sent<'a>>,
}

impl<'a> Create<'a> {
    fn read(body: &'a [u8], knobs: &MonitoringKnobs) -> Refused<Self> {
        let body: CreateBody<'_> = parsed(body, knobs)?;
        let source = match intake::word(body.app_type, "appType")?.as_deref() {
            Some("MSDK") => EngagementSource::Msdk,
            Some("EXTERNAL") => EngagementSource::External,
            Some(_) => return Err(Refusal::invalid("appType must be MSDK or EXTERNAL")),
            None => return Err(Refusal::invalid("appType is required")),
        };
        let read = Self {
            source,
            sections: intake::sections(body.consumer_sections)?,
            device: intake::device(body.app_details, "appDetails", true)?,
            sent: sent(body.engagement_attributes, "engagementAttributes", false, knobs)?,
        };
        if source == EngagementSource::Msdk {
            check_mobile(&read.sent)?;
        }
        Ok(read)
    }
}

fn parsed<'a, T: Deserialize<'a>>(body: &'a [u8], knobs: &MonitoringKnobs) -> Refused<T> {
    serde_json::from_str(intake::whole(body, knobs)?)
        .map_err(|error| Refusal::invalid(format!("the body is not a JSON object: {error}")))
}

fn create(
    world: &World,
    knobs: &MonitoringKnobs,
    parts: &Parts,
    body: &[u8],
    query: &Query,
    visitor: Option<&str>,
) -> Refused<Response> {
    let create = Create::read(body, knobs)?;
    let monitoring = &world.monitoring;
    let campaigns = monitoring.campaigns();
    let now = world.clock.now_ms();
    let ask = Ask {
        visitor,
        session: query.session.as_deref(),
        source: create.source,
        now,
        knobs,
    };
    let page: Arc<str> = monitoring.visitors.minter.page().into();
    let ready = ready_skills(world, knobs, &campaigns);
    let run = |id: &str, visitor: &mut Visitor| {
        let Some(visit) = &mut visitor.visit else {
            return Ok(None);
        };
        visit.source = create.source;
        visit.asked = true;
        describe(visit, create.device, caller_address(parts));
        visit.page(&page, now, &create.sections, knobs.pages_per_session);
        monitoring.keep(visitor, create.sent, &page, now, knobs.attributes_per_visitor);
        world.attachments.touch(id, visitor.named.as_deref(), now);
        let Some(visit) = &mut visitor.visit else {
            return Ok(None);
        };
        let is_ready = |(_, it): &(&Campaign, &Engagement)| ready.as_ref().is_none_or(|ready| ready.contains(&it.id));
        let offered = offers::eligible(&campaigns, visit, create.source, now).find(is_ready);
        Ok(offered.map(|one| (one, monitoring.offer(visit, one, &page, now))))
    };
    // A visitor id that names a session is one that has to live; a loading answer gives one that has none yet.
    let loaded_anew = visitor.is_some_and(|id| monitoring.visitors.minter.knows_visitor(id)) && query.session.is_none();
    let (ids, offered) = if visitor.is_none() || loaded_anew {
        let (seat, offered) = monitoring.visitors.enter(ask, monitoring.next_number(), run)?;
        ((seat.visitor, seat.session), offered)
    } else {
        let id = visitor.unwrap_or_default();
        let session = query.session.clone().unwrap_or_default();
        let offered = monitoring.visitors.visit(ask, |visitor| {
            visitor.touch(now);
            run(id, visitor)
        })?;
        ((id.to_owned(), session), offered)
    };
    let status = if offered.is_some() { "Available" } else { "NotAvailable" };
    let mut body = json!({ "status": status, "visitorId": ids.0, "sessionId": ids.1, "pageId": &*page });
    if let Some((one, context)) = offered {
        body["engagementDetails"] = details(world, one, &context, knobs);
    }
    Ok(answer::json(StatusCode::OK, &body))
}

/// The engagements whose skill has an agent; `None`: that is not asked.
fn ready_skills(world: &World, knobs: &MonitoringKnobs, campaigns: &[Campaign]) -> Option<Vec<i64>> {
    knobs.availability_needs_agents.then(|| {
        engagements(campaigns)
            .filter(|(_, it)| messaging::is_staffed(world, it.skill.unwrap_or(-1)))
            .map(|(_, it)| it.id)
            .collect()
    })
}

fn details(world: &World, (campaign, it): (&Campaign, &Engagement), context: &str, knobs: &MonitoringKnobs) -> Value {
    let mut details = json!({
        "campaignId": offers::id(campaign.id, knobs),
        "engagementId": offers::id(it.id, knobs),
        "contextId": context,
        "windowId": it.window_id,
        "language": it.language,
        "engagementRevision": it.revision,
        "validForSeconds": it.valid_for_seconds,
    });
    if let Some(skill) = it.skill {
        details["skillId"] = json!(skill);
        details["skillName"] = json!(world.account.skill_name(skill));
    }
    if let Some(connector) = it.connector_id {
        details["connectorId"] = offers::id(connector, knobs);
    }
    details
}

fn updated(world: &World, knobs: &MonitoringKnobs, body: &[u8], query: &Query, visitor: &str) -> Refused<Response> {
    let body: UpdateBody<'_> = parsed(body, knobs)?;
    let page = intake::word(body.page_id, "pageId")?.ok_or_else(|| Refusal::invalid("pageId is required"))?;
    let page: Arc<str> = page.into();
    let impressions = sent(body.imp_attributes, "impAttributes", true, knobs)?;
    if let Some(one) = impressions.iter().find(|one| !one.is_impression()) {
        return Err(Refusal::invalid(format!("{}.type must be an impression", one.path)));
    }
    let attributes = sent(body.engagement_attributes, "engagementAttributes", false, knobs)?;
    let now = world.clock.now_ms();
    let ask = Ask {
        visitor: Some(visitor),
        session: query.session.as_deref(),
        source: EngagementSource::External,
        now,
        knobs,
    };
    world.monitoring.visitors.visit(ask, |visitor_state| {
        let Some(visit) = &mut visitor_state.visit else {
            return Ok(());
        };
        check_impressions(visit, &impressions)?;
        if visit.is_mobile_app() {
            check_mobile(&attributes)?;
        }
        visit.page(&page, now, &[], knobs.pages_per_session);
        world.monitoring.impress(visit, &impressions, &page, now);
        visitor_state.touch(now);
        let monitoring = &world.monitoring;
        monitoring.keep(visitor_state, attributes, &page, now, knobs.attributes_per_visitor);
        world.attachments.touch(visitor, visitor_state.named.as_deref(), now);
        Ok(())
    })?;
    Ok(answer::empty(StatusCode::OK))
}
