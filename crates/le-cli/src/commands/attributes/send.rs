//! `le attributes send`: attributes of a file, reported.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use le_attributes::monitoring::{Monitoring, SessionAnswer, SessionIds};
use le_attributes::validate::{self, Route};
use le_attributes::{Attributes, Sde};
use serde_json::json;

use super::reports;
use crate::cli::Global;
use crate::commands::visitor::IdentityFlags;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{FAINT, Output, styled};
use crate::settings::Settings;

const LONG_ABOUT: &str = "\
Sends the engagement attributes of a file, in order, and prints the ids of the session: give them to the next call of the same \
visitor with --vid and --sid. The file is an array of attributes, one attribute, or JSON Lines of either. All are checked before \
the first is sent.

By `report` and `engagement` (Monitoring API) no credential is needed, only the app installation; what they report is \
unauthenticated. By `visit` (Engagement Attributes API) attributes are added to a visit that is going on, with an API key.";

const EXAMPLES: &str = "\
Examples:
  le attributes send cart.json --by engagement --app 0a0b0c0d-1111-4222-8333-444455556666
  le attributes send purchase.json --app $APP --vid $VID --sid $SID
  le attributes send outcome.json --by visit --vid $VID --sid $SID";

/// So many attributes go into one request.
const BATCH: usize = 50;

/// The flags of `le attributes send`.
#[derive(Debug, Args)]
#[command(about = "Sends attributes of a file", long_about = LONG_ABOUT, after_long_help = EXAMPLES)]
pub(crate) struct SendFlags {
    /// The file; - is the standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// On which way they are sent
    #[arg(long, value_name = "WAY", default_value = "report")]
    by: Way,

    /// The app installation id; not needed by `visit`
    #[arg(long, value_name = "ID", env = "LE_APP_INSTALLATION_ID")]
    app: Option<String>,

    /// The visitor, as an earlier call printed it
    #[arg(long, value_name = "ID")]
    vid: Option<String>,

    /// The session, as an earlier call printed it
    #[arg(long, value_name = "ID", requires = "vid")]
    sid: Option<String>,

    /// The page that they belong to
    #[arg(long, value_name = "ID")]
    page: Option<String>,

    #[command(flatten)]
    identity: IdentityFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// The report call of the Monitoring API
    Report,
    /// The engagement call of the Monitoring API: opens a session, and shows what is offered
    Engagement,
    /// The Engagement Attributes API: adds to a visit that is going on
    Visit,
}

impl Way {
    fn route(self) -> Route {
        match self {
            Self::Report => Route::Report,
            Self::Engagement => Route::Engagement,
            Self::Visit => Route::Visit,
        }
    }
}

pub(super) async fn run(flags: &SendFlags, global: &Global, output: Output) -> Result<Exit> {
    let attributes = checked(flags, output)?;
    let settings = Settings::resolve(global)?;
    let sent = match flags.by {
        Way::Visit => visit(flags, &settings, attributes).await?,
        Way::Report | Way::Engagement => monitored(flags, &settings, attributes).await?,
    };
    show(&sent, output)?;
    Ok(Exit::Ok)
}

/// The attributes of the file, where all of them keep the rules. What no page names is told, and sent.
fn checked(flags: &SendFlags, output: Output) -> Result<Vec<Sde>> {
    let reports = reports::read(&flags.file)?;
    let all = "`le attributes validate` lists everything that is wrong";
    if let Some((place, violation)) = reports.misfits.first() {
        let message = format!("{place}: {}", violation.message());
        return Err(Failure::usage(message).advise(all));
    }
    let unknown = reports.unknown();
    let attributes: Vec<Sde> = reports.attributes.into_iter().map(|(_, attribute)| attribute).collect();
    validate::attributes(&attributes, flags.by.route())
        .map_err(|error| Failure::from(error).while_("nothing was sent"))?;
    for (place, unknown) in unknown {
        let at = place.at;
        output.note(format_args!(
            "{} attributes[{at}]: {unknown}",
            styled(FAINT, "unknown:")
        ));
    }
    Ok(attributes)
}

/// What came of it.
#[derive(Debug, Default)]
struct Sent {
    attributes: usize,
    requests: usize,
    ids: Option<SessionIds>,
    page: Option<String>,
    new_session: bool,
    answer: Option<SessionAnswer>,
}

async fn monitored(flags: &SendFlags, settings: &Settings, attributes: Vec<Sde>) -> Result<Sent> {
    let Some(app) = flags.app.as_deref() else {
        return Err(
            Failure::usage("--app is missing").advise("give the app installation id, or set LE_APP_INSTALLATION_ID")
        );
    };
    let client = settings.client()?.build()?;
    let domain = settings.domain(&client)?;
    let api = Attributes::new(client.with_discover(std::sync::Arc::new(domain))).monitoring(app);
    let mut sent = Sent {
        ids: flags
            .vid
            .clone()
            .zip(flags.sid.clone())
            .map(|(vid, sid)| SessionIds::new(vid, sid)),
        page: flags.page.clone(),
        ..Sent::default()
    };
    for batch in attributes.chunks(BATCH) {
        let answer = one(flags, &api, &sent, batch).await?;
        sent.attributes += batch.len();
        sent.requests += 1;
        sent.new_session |= answer.is_replaced();
        sent.ids = Some(answer.ids.clone());
        sent.page = answer.page_id.clone().or(sent.page);
        sent.answer = Some(answer);
    }
    Ok(sent)
}

async fn one(flags: &SendFlags, api: &Monitoring, sent: &Sent, batch: &[Sde]) -> Result<SessionAnswer> {
    let identity = flags.identity.identity();
    if flags.by == Way::Engagement {
        let mut call = api.engagement();
        for attribute in batch {
            call = call.attribute(attribute.clone());
        }
        call = match (&sent.ids, &flags.vid) {
            (Some(ids), _) => call.session(ids.clone()),
            (None, Some(vid)) => call.visitor_id(vid),
            _ => call,
        };
        return Ok(identity
            .into_iter()
            .fold(call, |call, identity| call.identity(identity))
            .await?);
    }
    let mut call = api.report(batch.iter().cloned());
    call = match (&sent.ids, &flags.vid) {
        (Some(ids), _) => call.session(ids.clone()),
        (None, Some(vid)) => call.visitor_id(vid),
        _ => call,
    };
    if let Some(page) = &sent.page {
        call = call.page_id(page);
    }
    Ok(identity
        .into_iter()
        .fold(call, |call, identity| call.identity(identity))
        .await?)
}

async fn visit(flags: &SendFlags, settings: &Settings, attributes: Vec<Sde>) -> Result<Sent> {
    let (Some(vid), Some(sid)) = (&flags.vid, &flags.sid) else {
        return Err(Failure::usage("--vid or --sid is missing").advise("a visit is named by both"));
    };
    let connection = settings.connect().await?;
    let visit = Attributes::new(connection.client().clone()).visit(vid, sid);
    let mut sent = Sent {
        ids: Some(SessionIds::new(vid, sid)),
        ..Sent::default()
    };
    let mut outcome = Ok(());
    for batch in attributes.chunks(BATCH) {
        outcome = visit.add_events(batch.iter().cloned()).await;
        if outcome.is_err() {
            break;
        }
        sent.attributes += batch.len();
        sent.requests += 1;
    }
    connection.close().await;
    outcome?;
    Ok(sent)
}

fn show(sent: &Sent, output: Output) -> Result<()> {
    let offers = sent.answer.as_ref().map_or(&[][..], |answer| &answer.engagements);
    if output.is_json() {
        return output.json(&json!({
            "attributes": sent.attributes,
            "requests": sent.requests,
            "vid": sent.ids.as_ref().map(|ids| &ids.visitor_id),
            "sid": sent.ids.as_ref().map(|ids| &ids.session_id),
            "pageId": sent.page,
            "newSession": sent.new_session,
            "engagements": offers,
        }));
    }
    output.line(format_args!(
        "{} attribute(s) sent in {} request(s)",
        sent.attributes, sent.requests
    ))?;
    if let Some(ids) = &sent.ids {
        output.line(format_args!("vid {}\nsid {}", ids.visitor_id, ids.session_id))?;
    }
    if sent.new_session {
        output.line("it is a new session: use these ids from now on")?;
    }
    offers
        .iter()
        .try_for_each(|offer| output.line(crate::commands::visitor::offered(offer)))
}
