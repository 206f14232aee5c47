//! The visitor-side services, against le-sim.

use std::sync::Arc;

use le_attributes::journey::{Lead, ServiceActivity};
use le_attributes::monitoring::{Monitoring, SessionAnswer, SessionIds};
use le_attributes::shopping::Cart;
use le_attributes::{AppType, Attributes};
use le_domain::Lookup;
use le_sim::{FaultAction, FaultPlan, FaultRule};

use crate::Fallible;
use crate::simulator::Stage;

/// Records all cases.
pub(crate) async fn cases(stage: &Stage) -> Fallible<()> {
    let domain = stage.domain(stage.account(), Lookup::All)?;
    let open = Attributes::new(stage.client(stage.account())?.with_discover(Arc::new(domain)));
    let signed = Attributes::new(stage.authorized(stage.api_key(0, None)?)?);
    let answer = monitored(stage, &open).await?;
    visited(stage, &signed, &answer).await?;
    app(stage, &open).await?;
    external(stage, &signed, &open).await
}

async fn monitored(stage: &Stage, open: &Attributes) -> Fallible<SessionAnswer> {
    const ENGAGEMENT: &str = "monitoring.engagement";
    const REPORT: &str = "monitoring.report";
    let monitoring = open.monitoring(stage.sim.app_installation_id());
    let unknown: Monitoring = open.monitoring("0a0b0c0d-1111-4222-8333-444455556666");
    stage.recorder.wait_for(ENGAGEMENT, "offered");
    let cart = || Cart::new(161.4, 2).currency("EUR");
    let answer = monitoring.engagement().attribute(cart()).await?;
    stage.recorded("offered")?;
    stage.recorder.wait_for(ENGAGEMENT, "unknown_app");
    let _ = unknown.engagement().await;
    stage.recorded("unknown_app")?;
    stage.recorder.wait_for(REPORT, "session_kept");
    let lead = || {
        Lead::default()
            .topic("upgrade")
            .value(80.0)
            .currency("EUR")
            .lead_id("L-9")
    };
    monitoring.report([lead()]).session(answer.ids.clone()).await?;
    stage.recorded("session_kept")?;
    stage.recorder.wait_for(REPORT, "unknown_app");
    let _ = unknown.report([lead()]).session(answer.ids.clone()).await;
    stage.recorded("unknown_app")?;
    Ok(answer)
}

async fn visited(stage: &Stage, signed: &Attributes, answer: &SessionAnswer) -> Fallible<()> {
    let SessionIds { visitor_id, session_id } = &answer.ids;
    let visit = signed.visit(visitor_id, session_id);
    let nobody = signed.visit("nobody", "nothing");
    let outcome = || {
        ServiceActivity::default()
            .topic("card replacement")
            .status(13)
            .category("cards")
    };
    stage.recorder.wait_for("visit.add_events", "added");
    visit.add_events([outcome()]).await?;
    stage.recorded("added")?;
    stage.recorder.wait_for("visit.add_events", "unknown_visitor");
    let _ = nobody.add_events([outcome()]).await;
    stage.recorded("unknown_visitor")?;
    stage.recorder.wait_for("visit.state", "live");
    visit.state().await?;
    stage.recorded("live")?;
    stage.recorder.wait_for("visit.state", "unknown_visitor");
    let _ = nobody.state().await;
    stage.recorded("unknown_visitor")?;
    let offer = answer.first().ok_or("nothing was offered")?;
    let text = |id: Option<&str>| id.unwrap_or("0").to_owned();
    let campaign = text(offer.campaign_id.as_ref().map(|id| id.as_str()));
    let engagement = text(offer.engagement_id.as_ref().map(|id| id.as_str()));
    let context = text(offer.context_id.as_ref().map(|id| id.as_str()));
    stage.recorder.wait_for("visit.validate_engagement", "valid");
    visit.validate_engagement(&*campaign, &*engagement, &*context).await?;
    stage.recorded("valid")?;
    stage.recorder.wait_for("visit.validate_engagement", "not_valid");
    let _ = visit.validate_engagement(campaign, engagement, "999999").await;
    stage.recorded("not_valid")
}

async fn app(stage: &Stage, open: &Attributes) -> Fallible<()> {
    const OPEN: &str = "app_engagement.open";
    const CONTINUE: &str = "app_engagement.continue";
    const UPDATE: &str = "app_engagement.update";
    let api = open.app_engagement();
    stage.recorder.wait_for(OPEN, "session");
    let session = api.open(AppType::MobileSdk).section("Billing").await?;
    stage.recorded("session")?;
    stage.recorder.wait_for(OPEN, "unavailable");
    let down = FaultRule::new(FaultAction::status(503)).route(OPEN);
    stage.sim.control().set_faults(FaultPlan::new(0).with(down))?;
    let _ = api.open(AppType::MobileSdk).await;
    stage.sim.control().clear_faults();
    stage.recorded("unavailable")?;
    stage.recorder.wait_for(CONTINUE, "session");
    api.go_on(session.ids.clone(), AppType::MobileSdk).await?;
    stage.recorded("session")?;
    stage.recorder.wait_for(CONTINUE, "unavailable");
    let down = FaultRule::new(FaultAction::status(503)).route(CONTINUE);
    stage.sim.control().set_faults(FaultPlan::new(0).with(down))?;
    let _ = api.go_on(session.ids.clone(), AppType::MobileSdk).await;
    stage.sim.control().clear_faults();
    stage.recorded("unavailable")?;
    let page = session.page_id.clone().unwrap_or_default();
    let lead = || Lead::default().topic("upgrade");
    stage.recorder.wait_for(UPDATE, "updated");
    api.update(session.ids.clone(), &*page).attribute(lead()).await?;
    stage.recorded("updated")?;
    stage.recorder.wait_for(UPDATE, "unknown_visitor");
    let _ = api
        .update(SessionIds::new("nobody", "nothing"), page)
        .attribute(lead())
        .await;
    stage.recorded("unknown_visitor")
}

async fn external(stage: &Stage, signed: &Attributes, open: &Attributes) -> Fallible<()> {
    const CREATE: &str = "external_engagement.create";
    stage.recorder.wait_for(CREATE, "answer");
    signed.external_engagement().create().section("Billing").await?;
    stage.recorded("answer")?;
    stage.recorder.wait_for(CREATE, "unauthorized");
    // Without a signature: what is said of a wrong one holds the port and a nonce.
    let _ = open.external_engagement().create().await;
    stage.recorded("unauthorized")
}
