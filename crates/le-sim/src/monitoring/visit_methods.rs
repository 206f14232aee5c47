//! What others may do with a live visit: add events, ask whether an engagement was offered, read its state
//! (<https://developers.liveperson.com/engagement-attributes-api-engagement-attributes.html>,
//! <https://developers.liveperson.com/validate-engagement-api-overview.html>,
//! <https://developers.liveperson.com/visit-information-api-overview.html>).

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{StatusCode, header::WWW_AUTHENTICATE, request::Parts};
use serde_json::{json, value::RawValue};

use super::{
    intake::{self, check_mobile},
    knobs::MonitoringKnobs,
    methods::{Query, is_put},
    refusal::{Refusal, Refused},
    tree,
    visitors::Ask,
};
use crate::{
    answer,
    authorize::{self, Caller, Denied},
    campaign::EngagementSource,
    routing::read_body,
    world::World,
};

/// What the key manager calls the right to add events.
const ADD_EVENTS: &str = "Engagement Attributes";
const VALIDATE: &str = "Validate Engagement";
const READ_STATE: &str = "Visit Information";

/// A call for a visit whose caller may make it.
struct VisitCall {
    parts: Parts,
    body: Bytes,
    account: String,
    visitor: String,
}

impl VisitCall {
    async fn of(account: String, visitor: String, request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let body = read_body(Request::new(body)).await;
        Self {
            parts,
            body,
            account,
            visitor,
        }
    }

    /// The query, if the caller may ask for this. `unknown_account` is the answer for other accounts.
    fn admit(
        &self,
        world: &World,
        knobs: &MonitoringKnobs,
        privilege: &str,
        unknown_account: fn(&str) -> Refusal,
    ) -> Result<Query, Box<Response>> {
        let refused = |refusal: Refusal| Box::new(refusal.answer(world));
        if self.account != world.account.id {
            return Err(refused(unknown_account(&self.account)));
        }
        authorized(world, &self.parts, &self.body, privilege).map_err(|denied| denied.answer(world))?;
        let query = Query::of(&self.parts, knobs);
        query.version(&[1.0], "1").map_err(refused)?;
        Ok(query)
    }

    fn ask<'a>(&'a self, query: &'a Query, world: &World, knobs: &'a MonitoringKnobs) -> Refused<Ask<'a>> {
        let session = query.session.as_deref();
        if session.is_none() {
            return Err(Refusal::invalid_query("the query parameter sid is required"));
        }
        Ok(Ask {
            visitor: Some(&self.visitor),
            session,
            source: EngagementSource::Application,
            now: world.clock.now_ms(),
            knobs,
        })
    }
}

/// Why a caller is turned away.
pub(super) struct Turned {
    pub(super) refusal: Refusal,
    /// The request was signed, and the signature is at fault.
    signed: bool,
}

impl Turned {
    fn answer(&self, world: &World) -> Box<Response> {
        let mut answer = self.refusal.answer(world);
        if self.signed {
            let scheme = http::HeaderValue::from_static("OAuth realm=\"LivePerson\"");
            answer.headers_mut().insert(WWW_AUTHENTICATE, scheme);
        }
        Box::new(answer)
    }
}

/// Lets a login or a key with the privilege pass.
pub(super) fn authorized(world: &World, parts: &Parts, body: &[u8], privilege: &str) -> Result<(), Turned> {
    let turned = |message: String, signed: bool| {
        Err(Turned {
            refusal: Refusal::unauthorized(message),
            signed,
        })
    };
    match authorize::identified(world, parts, body) {
        Ok(Caller::Session) => Ok(()),
        Ok(Caller::Key(key)) if key.has_any(&[privilege]) => Ok(()),
        Ok(Caller::Key(_)) => turned(format!("the API key lacks the privilege {privilege}"), false),
        Ok(Caller::Application(_)) => turned("this API does not take the tokens of applications".to_owned(), false),
        Err(Denied::Signature(problem)) => turned(format!("{}: {}", problem.problem, problem.advice), true),
        Err(Denied::Bearer(message)) => turned(message.to_owned(), false),
    }
}

/// `POST .../visits/current/events`, with the header that makes it a PUT, or without.
pub(crate) async fn add_events(
    State(world): State<Arc<World>>,
    Path((account, visitor)): Path<(String, String)>,
    request: Request,
) -> Response {
    let call = VisitCall::of(account, visitor, request).await;
    if call.parts.method != http::Method::POST && !is_put(&call.parts) {
        return answer::empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    let knobs = &world.behaviour().monitoring;
    let query = match call.admit(&world, knobs, ADD_EVENTS, Refusal::account_id) {
        Ok(query) => query,
        Err(refusal) => return *refusal,
    };
    match added(&world, knobs, &call, &query) {
        Ok(()) => answer::json(StatusCode::OK, &json!({})),
        Err(refusal) => refusal.answer(&world),
    }
}

fn added(world: &World, knobs: &MonitoringKnobs, call: &VisitCall, query: &Query) -> Refused<()> {
    let ask = call.ask(query, world, knobs)?;
    let text = intake::whole(&call.body, knobs)?;
    let list: &RawValue =
        serde_json::from_str(text).map_err(|error| Refusal::invalid(format!("the body is not JSON: {error}")))?;
    if !list.get().starts_with('[') {
        return Err(Refusal::invalid("the body must be an array of attributes"));
    }
    let sent = intake::sent(Some(list), "body", false, knobs)?;
    world.monitoring.visitors.visit(ask, |visitor| {
        let Some(visit) = &mut visitor.visit else { return Ok(()) };
        if visit.is_mobile_app() {
            check_mobile(&sent)?;
        }
        // Events from outside happen on no page of their own: they are put to the one that the visitor is on.
        let page = visit.pages.back().map(|page| Arc::clone(&page.id));
        let page = page.unwrap_or_else(|| world.monitoring.visitors.minter.page().into());
        visitor.touch(ask.now);
        world
            .monitoring
            .keep(visitor, sent, &page, ask.now, knobs.attributes_per_visitor);
        world
            .attachments
            .touch(&call.visitor, visitor.named.as_deref(), ask.now);
        Ok(())
    })
}

/// `GET .../campaigns/{campaignId}/engagements/{engagementId}/contexts/{contextId}`. The answer is its status.
pub(crate) async fn validate(
    State(world): State<Arc<World>>,
    Path((account, visitor, campaign, engagement, context)): Path<(String, String, String, String, String)>,
    request: Request,
) -> Response {
    let call = VisitCall::of(account, visitor, request).await;
    let knobs = &world.behaviour().monitoring;
    let query = match call.admit(&world, knobs, VALIDATE, Refusal::account_id) {
        Ok(query) => query,
        Err(refusal) => return *refusal,
    };
    let ask = match call.ask(&query, &world, knobs) {
        Ok(ask) => ask,
        Err(refusal) => return refusal.answer(&world),
    };
    let offered = world.monitoring.visitors.visit(ask, |visitor| {
        let offer = visitor.visit.as_ref().and_then(|visit| visit.offer(&context));
        Ok(offer.is_some_and(|offer| {
            offer.campaign.to_string() == campaign
                && offer.engagement.to_string() == engagement
                && offer.until.is_none_or(|until| until > ask.now)
        }))
    });
    match offered {
        Ok(true) => answer::empty(StatusCode::OK),
        Ok(false) => answer::empty(StatusCode::NOT_FOUND),
        Err(refusal) => refusal.answer(&world),
    }
}

/// `GET .../visits/current/state`.
pub(crate) async fn state(
    State(world): State<Arc<World>>,
    Path((account, visitor)): Path<(String, String)>,
    request: Request,
) -> Response {
    let call = VisitCall::of(account, visitor, request).await;
    let knobs = &world.behaviour().monitoring;
    let query = match call.admit(&world, knobs, READ_STATE, Refusal::account) {
        Ok(query) => query,
        Err(refusal) => return *refusal,
    };
    match shown(&world, knobs, &call, &query) {
        Ok(tree) => answer::json(StatusCode::OK, &tree),
        Err(refusal) => refusal.answer(&world),
    }
}

fn shown(world: &World, knobs: &MonitoringKnobs, call: &VisitCall, query: &Query) -> Refused<serde_json::Value> {
    if query.filter.as_deref().is_some_and(|filter| filter != "agent") {
        return Err(Refusal::invalid_query(
            "the query parameter filter has one value, agent",
        ));
    }
    let ask = call.ask(query, world, knobs)?;
    let campaigns = world.monitoring.campaigns();
    let monitoring = &world.monitoring;
    monitoring.visitors.visit(ask, |visitor| {
        Ok(tree::tree(monitoring, visitor, &campaigns, &world.account))
    })
}
