//! The historical data APIs beside Messaging Interactions, against le-sim.

use std::sync::Arc;
use std::time::Duration;

use le_core::auth::StaticBearer;
use le_core::{BaseUri, TimeRange};
use le_data::Data;
use le_data::bulk_files::BulkFiles;
use le_data::consumer_history::ConsumerJwt;
use le_data::data_access::{DataAccess, DataFileKind};
use le_sim::{FaultAction, FaultPlan, FaultRule, FileFormat};

use crate::Fallible;
use crate::simulator::Stage;

const DAY: Duration = Duration::from_secs(86_400);
/// Records in a sample of a page.
const RECORDS: u32 = 2;

/// The kinds of files, with the operation that lists each.
const KINDS: [(DataFileKind, &str); 4] = [
    (DataFileKind::AgentActivity, "data_access.agent_activity"),
    (DataFileKind::WebSession, "data_access.web_session"),
    (DataFileKind::Engagement, "data_access.engagement"),
    (DataFileKind::Survey, "data_access.survey"),
];

/// How many days of files make a list that is short enough to read.
fn days(kind: &DataFileKind) -> u32 {
    match kind {
        DataFileKind::AgentActivity => 3,
        _ => 14,
    }
}

/// Records all cases.
pub(crate) async fn cases(stage: &Stage) -> Fallible<()> {
    let data = Data::new(stage.authorized(stage.api_key(0, None)?)?);
    let unprivileged = Data::new(stage.authorized(stage.api_key(1, None)?)?);
    chats(stage, &data, &unprivileged).await?;
    agent_activity(stage, &data, &unprivileged).await?;
    files(stage, &data, &unprivileged).await?;
    consumers(stage, &data).await?;
    bulk(stage, &data).await?;
    hosted(stage, &data).await
}

fn last(stage: &Stage, days: u32) -> TimeRange {
    TimeRange::last(DAY * days, stage.clock.now())
}

/// Has every request to a route answered with 429 while `ask` runs.
async fn throttled<F: Future>(stage: &Stage, route: &str, ask: F) -> Fallible<()> {
    let rule = FaultRule::new(FaultAction::retry_after(429, 2)).route(route);
    stage.sim.control().set_faults(FaultPlan::new(0).with(rule))?;
    ask.await;
    stage.sim.control().clear_faults();
    stage.recorded("throttled")
}

async fn chats(stage: &Stage, data: &Data, unprivileged: &Data) -> Fallible<()> {
    const SEARCH: &str = "engagement_history.search";
    stage.recorder.wait_for(SEARCH, "page");
    data.chats().search(last(stage, 30)).limit(RECORDS).page().await?;
    stage.recorded("page")?;
    stage.recorder.wait_for(SEARCH, "forbidden");
    let _ = unprivileged.chats().search(last(stage, 30)).page().await;
    stage.recorded("forbidden")?;
    stage.recorder.wait_for(SEARCH, "throttled");
    throttled(stage, SEARCH, data.chats().search(last(stage, 30)).page()).await
}

async fn agent_activity(stage: &Stage, data: &Data, unprivileged: &Data) -> Fallible<()> {
    const CHANGES: &str = "agent_activity.status_changes";
    let changes = || data.agent_activity().status_changes(last(stage, 28)).limit(12);
    stage.recorder.wait_for(CHANGES, "page");
    changes().page().await?;
    stage.recorded("page")?;
    stage.recorder.wait_for(CHANGES, "version_1");
    let _ = changes().version_1().await;
    stage.recorded("version_1")?;
    stage.recorder.wait_for(CHANGES, "too_long_ago");
    let old = TimeRange::last(DAY * 420, stage.clock.now());
    let old = TimeRange::new(old.from(), old.from() + DAY)?;
    let _ = data.agent_activity().status_changes(old).page().await;
    stage.recorded("too_long_ago")?;
    stage.recorder.wait_for(CHANGES, "forbidden");
    let _ = unprivileged
        .agent_activity()
        .status_changes(last(stage, 28))
        .page()
        .await;
    stage.recorded("forbidden")
}

fn access(stage: &Stage, data: &Data) -> Fallible<DataAccess> {
    Ok(data.data_access_at(BaseUri::plain(&stage.sim.plain_csds())?))
}

async fn files(stage: &Stage, data: &Data, unprivileged: &Data) -> Fallible<()> {
    // A sample is one JSON value: one line in a part, without the gzip around it.
    stage.sim.control().adjust(|behaviour| {
        behaviour.data_access.format = FileFormat::Plain;
        behaviour.data_access.lines_per_part = 1;
    });
    let (files, stranger) = (access(stage, data)?, access(stage, unprivileged)?);
    stage.recorder.wait_for("data_access.base", "links");
    files.kinds().await?;
    stage.recorded("links")?;
    stage.recorder.wait_for("data_access.base", "forbidden");
    let _ = stranger.kinds().await;
    stage.recorded("forbidden")?;
    stage.recorder.wait_for("data_access.schema", "latest");
    files.schema("latest").await?;
    stage.recorded("latest")?;
    stage.recorder.wait_for("data_access.schema", "unknown");
    let _ = files.schema("0.0.0.1").await;
    stage.recorded("unknown")?;
    for (kind, operation) in KINDS {
        stage.recorder.wait_for(operation, "list");
        let list = files.files(kind.clone(), last(stage, days(&kind))).list().await?;
        stage.recorded("list")?;
        stage.recorder.wait_for(operation, "none");
        let long_ago = TimeRange::new(last(stage, 60).from(), last(stage, 59).from())?;
        let _ = files.files(kind.clone(), long_ago).list().await;
        stage.recorded("none")?;
        let name = format!("{kind}").to_ascii_lowercase();
        let file = list
            .last()
            .ok_or_else(|| format!("no file of kind {name} in the last days"))?;
        stage.recorder.wait_for("data_access.file", &name);
        files.download(file).await?;
        stage.recorded(&name)?;
    }
    stage.recorder.wait_for("data_access.file", "forbidden");
    let list = files.files(DataFileKind::Survey, last(stage, 29)).list().await?;
    if let Some(file) = list.first() {
        let _ = stranger.download(file).await;
    }
    stage.recorded("forbidden")
}

async fn consumers(stage: &Stage, data: &Data) -> Fallible<()> {
    let found = crate::history::one(data, stage.clock.now()).await?;
    let token = stage.sim.control().history().consumer_token(&found.consumer);
    let known = data.consumer_history(ConsumerJwt::new(token));
    let unknown = data.consumer_history(ConsumerJwt::new("nobody"));
    let (metadata, content) = ("consumer_history.metadata", "consumer_history.content");
    stage.recorder.wait_for(metadata, "page");
    known.conversations().limit(RECORDS).page().await?;
    stage.recorded("page")?;
    stage.recorder.wait_for(metadata, "token_unknown");
    let _ = unknown.conversations().page().await;
    stage.recorded("token_unknown")?;
    stage.recorder.wait_for(content, "events");
    known.messages(found.conversation.clone()).get().await?;
    stage.recorded("events")?;
    stage.recorder.wait_for(content, "token_unknown");
    let _ = unknown.messages(found.conversation).get().await;
    stage.recorded("token_unknown")
}

async fn bulk(stage: &Stage, data: &Data) -> Fallible<()> {
    let found = crate::history::one(data, stage.clock.now()).await?;
    let token = stage.sim.control().history().application_token();
    let application = Data::new(stage.authorized(Arc::new(StaticBearer::new(token)))?).bulk_files();
    stage.recorder.wait_for("bulk_files.create", "new");
    let id = application.create(found.conversation.clone()).await?;
    stage.recorded("new")?;
    let id = id.request_id.clone().ok_or("a request has an id")?;
    stage.recorder.wait_for("bulk_files.get", "found");
    application.get(id.clone()).await?;
    stage.recorded("found")?;
    stage.recorder.wait_for("bulk_files.list", "page");
    list(&application).await;
    stage.recorded("page")?;
    let stranger = data.bulk_files();
    stage.recorder.wait_for("bulk_files.create", "api_key");
    let _ = stranger.create(found.conversation).await;
    stage.recorded("api_key")?;
    stage.recorder.wait_for("bulk_files.get", "unknown");
    let _ = application.get("00000000-0000-4000-8000-000000000000").await;
    stage.recorded("unknown")?;
    stage.recorder.wait_for("bulk_files.list", "api_key");
    list(&stranger).await;
    stage.recorded("api_key")
}

async fn list(files: &BulkFiles) {
    use futures_util::StreamExt as _;
    let _ = files.list().stream().next().await;
}

async fn hosted(stage: &Stage, data: &Data) -> Fallible<()> {
    let signed = stage
        .sim
        .control()
        .history()
        .host_file("txt", "A file is whatever it is.");
    stage.recorder.wait_for("swift.object", "text");
    let file = data.hosted_files().download(signed.clone()).await?;
    file.collect(1 << 20).await?;
    stage.recorded("text")?;
    stage.recorder.wait_for("swift.object", "signature_invalid");
    let _ = data.hosted_files().download(signed.replace("sig=", "sig=0")).await;
    stage.recorded("signature_invalid")
}
