//! The Monitoring API: `engagement` and `report`
//! (<https://developers.liveperson.com/monitoring-api-methods-engagement.html>,
//! <https://developers.liveperson.com/monitoring-api-methods-report.html>).

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::{StatusCode, request::Parts};
use serde_json::{Value, json};

use super::{
    describe,
    intake::{self, Call, Intake, check_mobile},
    knobs::MonitoringKnobs,
    offers::{self, check_impressions},
    refusal::{Refusal, Refused},
    visitors::{Ask, Seat},
};
use crate::{
    answer,
    arrival::Arrival,
    behaviour::Behaviour,
    campaign::{self, EngagementSource},
    messaging::{self, OpenConversation},
    oauth,
    world::World,
};

/// The parameters that the visitor-side calls have in common.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) version: Option<String>,
    pub(super) visitor: Option<String>,
    pub(super) session: Option<String>,
    pub(super) filter: Option<String>,
    /// The caller is not the visitor.
    on_behalf: bool,
}

impl Query {
    pub(super) fn of(parts: &Parts, knobs: &MonitoringKnobs) -> Self {
        let mut query = Self::default();
        for (name, value) in oauth::form_pairs(parts.uri.query().unwrap_or("")) {
            match name.as_str() {
                "v" => query.version = Some(value),
                "vid" => query.visitor = Some(value).filter(|value| !value.is_empty()),
                "sid" => query.session = Some(session(value, knobs)).filter(|value| !value.is_empty()),
                "filter" => query.filter = Some(value),
                "obh" => query.on_behalf = value.eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        query
    }

    /// The version as a number, if it is one of these.
    pub(super) fn version(&self, served: &[f64], shown: &str) -> Refused<f64> {
        let given = self.version.as_deref().and_then(|text| text.parse::<f64>().ok());
        given
            .filter(|given| served.contains(given))
            .ok_or_else(|| Refusal::version(self.version.as_deref(), shown))
    }
}

/// A session id without the suffix that Visit Information and the web tag show.
fn session(id: String, knobs: &MonitoringKnobs) -> String {
    match id.split_once('.') {
        Some((session, _)) if !knobs.suffix_refused => session.to_owned(),
        _ => id,
    }
}

/// `POST /api/account/{accountId}/app/{appInstallationId}/engagement`.
pub(crate) async fn engagement(
    State(world): State<Arc<World>>,
    Path((account, application)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (parts, body) = intake::read(request).await;
    let behaviour = world.behaviour();
    let call = MonitoringCall::of(&world, &behaviour, &parts, &account, &application);
    call.and_then(|call| call.engagement(intake::present(&body)?))
        .unwrap_or_else(|refusal| refusal.answer(&world))
}

/// `PUT /api/account/{accountId}/app/{appInstallationId}/report`, or `POST` with an override header.
pub(crate) async fn report(
    State(world): State<Arc<World>>,
    Path((account, application)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (parts, body) = intake::read(request).await;
    if !is_put(&parts) {
        return answer::empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    let behaviour = world.behaviour();
    let call = MonitoringCall::of(&world, &behaviour, &parts, &account, &application);
    call.and_then(|call| call.report(intake::present(&body)?))
        .unwrap_or_else(|refusal| refusal.answer(&world))
}

/// Whether a request is a PUT, or says that it is to be taken for one.
pub(super) fn is_put(parts: &Parts) -> bool {
    let overrides = parts.headers.get("x-http-method-override");
    parts.method == http::Method::PUT || overrides.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"PUT"))
}

/// A call that may be answered.
struct MonitoringCall<'a> {
    world: &'a World,
    knobs: &'a MonitoringKnobs,
    query: Query,
    /// The address of the visitor, if it is the visitor who calls.
    address: Option<IpAddr>,
    now: i64,
}

impl<'a> MonitoringCall<'a> {
    fn of(
        world: &'a World,
        behaviour: &'a Behaviour,
        parts: &Parts,
        account: &str,
        application: &str,
    ) -> Refused<Self> {
        let knobs = &behaviour.monitoring;
        if account != world.account.id {
            return Err(Refusal::account(account));
        }
        let query = Query::of(parts, knobs);
        let version = query.version(&[1.0, 1.1], "1.1")?;
        if !world.account.app_installations.iter().any(|one| one.id == application) {
            return Err(Refusal::application());
        }
        refuse_loading(world, knobs, query.visitor.as_deref(), version > 1.0)?;
        Ok(Self {
            address: (!query.on_behalf).then(|| caller_address(parts)).flatten(),
            world,
            knobs,
            query,
            now: world.clock.now_ms(),
        })
    }

    fn ask(&self) -> Ask<'_> {
        Ask {
            visitor: self.query.visitor.as_deref(),
            session: self.query.session.as_deref(),
            source: EngagementSource::Application,
            now: self.now,
            knobs: self.knobs,
        }
    }

    fn engagement(&self, body: &[u8]) -> Refused<Response> {
        let intake = intake::monitoring(body, Call::Engagement, self.knobs)?;
        let monitoring = &self.world.monitoring;
        let campaigns = monitoring.campaigns();
        let open = messaging::open_conversation_of(self.world, &intake.identities.keys);
        let page: Arc<str> = intake.page.clone().unwrap_or_else(|| self.new_page());
        let (seat, details) = monitoring
            .visitors
            .enter(self.ask(), monitoring.next_number(), |id, visitor| {
                self.take(id, visitor, intake, &page)?;
                let Some(visit) = &mut visitor.visit else {
                    return Ok(Vec::new());
                };
                visit.asked = true;
                if let Some(open) = &open {
                    return Ok(vec![self.conversation(open)]);
                }
                let offered: Vec<_> = offers::eligible(&campaigns, visit, EngagementSource::Application, self.now)
                    .take(self.knobs.offers_at_once)
                    .collect();
                let details = offered.into_iter().map(|one| {
                    let context = monitoring.offer(visit, one, &page, self.now);
                    offers::details(one, &context, self.knobs)
                });
                Ok(details.collect())
            })?;
        let mut body = json!({ "sessionId": seat.session, "visitorId": seat.visitor, "pageId": &*page });
        if !details.is_empty() {
            body["engagementDetails"] = Value::Array(details);
        }
        Ok(answer::json(status(&seat), &body))
    }

    fn report(&self, body: &[u8]) -> Refused<Response> {
        let intake = intake::monitoring(body, Call::Report, self.knobs)?;
        if intake.identities.keys.is_empty() && self.query.visitor.is_none() {
            return Err(Refusal::invalid(
                "consumerId, identities[].sub or the query parameter vid is required",
            ));
        }
        let monitoring = &self.world.monitoring;
        let page: Arc<str> = intake.page.clone().unwrap_or_else(|| self.new_page());
        let (seat, ()) = monitoring
            .visitors
            .enter(self.ask(), monitoring.next_number(), |id, visitor| {
                self.take(id, visitor, intake, &page)
            })?;
        let names = if self.knobs.report_short_names {
            ["sid", "vid"]
        } else {
            ["sessionId", "visitorId"]
        };
        let body = json!({ names[0]: seat.session, names[1]: seat.visitor, "pageId": &*page });
        Ok(answer::json(status(&seat), &body))
    }

    fn new_page(&self) -> Arc<str> {
        self.world.monitoring.visitors.minter.page().into()
    }

    /// Takes in what a body says, or refuses all of it.
    fn take(
        &self,
        id: &str,
        visitor: &mut super::visitors::Visitor,
        intake: Intake<'_>,
        page: &Arc<str>,
    ) -> Refused<()> {
        let monitoring = &self.world.monitoring;
        let Some(visit) = &mut visitor.visit else { return Ok(()) };
        check_impressions(visit, &intake.sent)?;
        if visit.is_mobile_app() || matches!(intake.device.os.as_deref(), Some("IOS" | "ANDROID")) {
            check_mobile(&intake.sent)?;
        }
        describe(visit, intake.device, self.address);
        visit.page(page, self.now, &intake.entry_points, self.knobs.pages_per_session);
        if !intake.identities.keys.is_empty() {
            visit.authenticated = intake.identities.authenticated;
        }
        monitoring.impress(visit, &intake.sent, page, self.now);
        monitoring.identify(id, visitor, &intake.identities);
        let reports = !intake.sent.is_empty();
        monitoring.keep(visitor, intake.sent, page, self.now, self.knobs.attributes_per_visitor);
        if reports {
            self.world.attachments.touch(id, visitor.named.as_deref(), self.now);
        }
        Ok(())
    }

    /// The entry that points to a conversation which is open already.
    fn conversation(&self, open: &OpenConversation) -> Value {
        let status = if self.knobs.interaction_status {
            "interaction"
        } else {
            "conversation"
        };
        let mut entry = json!({ "conversationId": open.id, "status": status });
        let campaigns = self.world.monitoring.campaigns();
        if let Some((campaign, it)) = open.engagement.and_then(|id| campaign::find(&campaigns, id)) {
            entry["campaignId"] = offers::id(campaign.id, self.knobs);
            entry["engagementId"] = offers::id(it.id, self.knobs);
            entry["engagementRevision"] = offers::id(it.revision, self.knobs);
            if let Some(connector) = it.connector_id {
                entry["connectorId"] = offers::id(connector, self.knobs);
            }
        }
        if let Some(context) = &open.context {
            entry["contextId"] = json!(context);
        }
        entry
    }
}

/// The address of the caller. Connections in memory have none, and count as the loopback interface.
pub(super) fn caller_address(parts: &Parts) -> Option<IpAddr> {
    let arrival = parts.extensions.get::<Arrival>();
    arrival.map(|arrival| {
        arrival
            .connection
            .peer()
            .unwrap_or(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST))
    })
}

/// Refuses a call while the account is loading.
pub(super) fn refuse_loading(
    world: &World,
    knobs: &MonitoringKnobs,
    visitor: Option<&str>,
    accepted: bool,
) -> Refused<()> {
    let monitoring = &world.monitoring;
    if !monitoring.is_loading(knobs.loading_answers) {
        return Ok(());
    }
    let minter = &monitoring.visitors.minter;
    let known = visitor.filter(|id| minter.knows_visitor(id));
    let again = known.map_or_else(|| minter.visitor(), str::to_owned);
    let told = knobs.loading_tells_visitor.then_some(again.as_str());
    Err(Refusal::loading(&world.account.id, told, accepted))
}

fn status(seat: &Seat) -> StatusCode {
    if seat.fresh {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    }
}
