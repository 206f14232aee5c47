//! `le visitor`: a visitor in the terminal.

mod typed;

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use le_attributes::monitoring::{EntryPoint, Identity, OfferedEngagement};
use le_attributes::reporter::{NotTaken, Reporter};
use le_attributes::visitor::{Visitor, VisitorSession, VisitorState};
use le_attributes::{Attributes, ImpressionType, Sde, validate};
use serde_json::json;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::interrupt;
use crate::messaging::keyboard::{Keyboard, Typed};
use crate::output::{BAD, FAINT, GOOD, Output, styled};
use crate::settings::Settings;

const LONG_ABOUT: &str = "\
Is a visitor of the brand's site or app: what you type is reported to LiveEngage, and after each event you see which engagement is \
offered. It needs no credential, only the id of an app installation.

A line is an attribute as JSON, or one of: `type TIER`, `cart TOTAL ITEMS [CURRENCY]`, `view PRODUCT [PRICE]`, `search WORDS`, \
`error MESSAGE`, `lead TOPIC [VALUE]`. Lines that begin with a slash are commands, which /help lists. It reads lines from the \
standard input, so it can be driven through a pipe.";

const EXAMPLES: &str = "\
Examples:
  le visitor --app 0a0b0c0d-1111-4222-8333-444455556666
  printf 'cart 161.40 2 EUR\\nerror Card refused\\n/start\\n' | le visitor --app $APP --json";

const HELP: &str = "\
/engagement        ask which engagement is offered
/shown /accept /close /timeout /expanded   what you did with it
/page ADDRESS ...  go to a page: https://.., sec://Section, lang://Language
/login SUBJECT ISSUER   be somebody whom the brand has authenticated
/start             what a conversation is started with
/ids               the ids of the session
/quit              leave";

/// How long what is still to be sent may take at the end.
const LAST: Duration = Duration::from_secs(15);

/// The flags of `le visitor`.
#[derive(Debug, Args)]
#[command(about = "Be a visitor in the terminal: report events, see what is offered", long_about = LONG_ABOUT, after_long_help = EXAMPLES)]
pub(crate) struct VisitorFlags {
    /// The app installation id
    #[arg(long, value_name = "ID", env = "LE_APP_INSTALLATION_ID")]
    app: String,

    /// Go on as this visitor
    #[arg(long, value_name = "ID")]
    vid: Option<String>,

    /// Go on with this session
    #[arg(long, value_name = "ID", requires = "vid")]
    sid: Option<String>,

    /// Where you come in: https://.., sec://Section, lang://Language; can be given several times
    #[arg(long, value_name = "ADDRESS")]
    at: Vec<String>,

    #[command(flatten)]
    identity: IdentityFlags,
}

/// Who the visitor is to the brand.
#[derive(Debug, Args)]
pub(crate) struct IdentityFlags {
    /// The brand's key of the consumer
    #[arg(long, value_name = "SUBJECT")]
    identity: Option<String>,

    /// Who named them; the issuer of the brand's token
    #[arg(long, value_name = "ISSUER", requires = "identity")]
    issuer: Option<String>,

    /// The brand has authenticated them
    #[arg(long, requires = "issuer")]
    authenticated: bool,
}

impl IdentityFlags {
    pub(crate) fn identity(&self) -> Option<Identity> {
        let subject = self.identity.as_deref()?;
        Some(match &self.issuer {
            Some(issuer) if self.authenticated => Identity::authenticated(issuer, subject),
            Some(issuer) => Identity::unauthenticated(subject).issuer(issuer),
            None => Identity::unauthenticated(subject),
        })
    }
}

/// An offer as a person reads it.
pub(crate) fn offered(offer: &OfferedEngagement) -> String {
    let id = |id: Option<&str>| id.unwrap_or("?").to_owned();
    let engagement = id(offer.engagement_id.as_ref().map(|id| id.as_str()));
    if offer.has_conversation() {
        let conversation = id(offer.conversation_id.as_ref().map(|id| id.as_str()));
        return format!("open conversation {conversation} (engagement {engagement})");
    }
    let campaign = id(offer.campaign_id.as_ref().map(|id| id.as_str()));
    let context = id(offer.context_id.as_ref().map(|id| id.as_str()));
    format!("offered: engagement {engagement} of campaign {campaign}, context {context}")
}

pub(crate) async fn run(flags: &VisitorFlags, global: &Global, output: Output) -> Result<Exit> {
    let settings = Settings::resolve(global)?;
    let stopped = interrupt::interrupted();
    let client = settings.client()?.build()?;
    let domain = settings.domain(&client)?;
    let api = Attributes::new(client.with_discover(Arc::new(domain))).monitoring(&*flags.app);
    let reporter = Reporter::builder(api)
        .concurrency(1)
        .linger(Duration::ZERO)
        .on_loss(move |loss| {
            let why = loss
                .error
                .as_ref()
                .map_or_else(|| loss.reason.to_string(), ToString::to_string);
            output.note(format_args!("{} {} event(s): {why}", styled(BAD, "lost:"), loss.events));
        })
        .start();
    let mut state = VisitorState::default();
    (state.visitor_id, state.session_id) = (flags.vid.clone(), flags.sid.clone());
    let visitor = flags
        .identity
        .identity()
        .into_iter()
        .fold(Visitor::new("visitor").state(state), Visitor::identity);
    let session = reporter.session(visitor).map_err(refused)?;
    session.turn_page(flags.at.iter().map(String::as_str));
    let mut room = Room {
        session,
        output,
        shown: None,
    };
    let mut keyboard = Keyboard::open();
    tokio::select! {
        outcome = Box::pin(room.serve(&mut keyboard)) => outcome?,
        () = stopped => {}
    }
    let stats = reporter.shutdown(LAST).await;
    room.leave(stats.delivered)?;
    Ok(if stats.lost > 0 { Exit::Data } else { Exit::Ok })
}

fn refused(why: NotTaken) -> Failure {
    match why {
        NotTaken::Invalid(error) => error.into(),
        other => Failure::new(Exit::Unexpected, other.to_string()),
    }
}

/// The terminal of one visitor.
struct Room {
    session: VisitorSession,
    output: Output,
    /// What was shown last as offered.
    shown: Option<Vec<OfferedEngagement>>,
}

impl Room {
    async fn serve(&mut self, keyboard: &mut Keyboard) -> Result<()> {
        self.output.note(styled(FAINT, "type an event, or /help"));
        self.ask().await?;
        while let Some(typed) = keyboard.next().await {
            match typed {
                Typed::Text(line) => match typed::event(&line) {
                    Ok(event) => self.report(event).await?,
                    Err(why) => self.wrong(why),
                },
                Typed::Command(name, rest) => {
                    if !self.command(&name, &rest).await? {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    fn wrong(&self, why: impl std::fmt::Display) {
        self.output.note(format_args!("{} {why}", styled(BAD, "wrong:")));
    }

    async fn report(&mut self, event: Sde) -> Result<()> {
        for unknown in validate::unknown(&event) {
            self.output
                .note(format_args!("{} {unknown}", styled(FAINT, "unknown:")));
        }
        match self.session.report(event) {
            Ok(()) => self.ask().await,
            Err(why) => {
                self.wrong(why);
                Ok(())
            }
        }
    }

    /// Does a command; false ends it.
    async fn command(&mut self, name: &str, rest: &str) -> Result<bool> {
        match name {
            "quit" | "exit" => return Ok(false),
            "engagement" => {
                self.shown = None;
                self.ask().await?;
            }
            "shown" => self.did(ImpressionType::Display),
            "accept" => self.did(ImpressionType::Accept),
            "close" => self.did(ImpressionType::Close),
            "timeout" => self.did(ImpressionType::Timeout),
            "expanded" => self.did(ImpressionType::Expanded),
            "page" => {
                self.session.turn_page(rest.split_whitespace().map(EntryPoint::from));
                self.ask().await?;
            }
            "login" => match rest.split_once(char::is_whitespace) {
                Some((subject, issuer)) => {
                    let known = Visitor::new("visitor").identity(Identity::authenticated(issuer.trim(), subject));
                    self.session.describe(known).map_err(refused)?;
                    self.ask().await?;
                }
                None => self.wrong("/login needs a subject and an issuer"),
            },
            "start" => match self.session.conversation_start() {
                Some(start) => self.output.json(&start)?,
                None => self.wrong("nothing was offered in this session"),
            },
            "ids" => self.ids()?,
            "help" => self.output.note(HELP),
            _ => self.wrong("there is no such command; /help lists them"),
        }
        Ok(true)
    }

    fn did(&self, what: ImpressionType) {
        let state = self.session.state();
        let reported = match state.contexts.first() {
            Some(offer) => self.session.impression(offer, what),
            None => Err(NotTaken::NoContext),
        };
        if let Err(why) = reported {
            self.wrong(why);
        }
    }

    /// Asks what is offered, and shows it where it changed.
    async fn ask(&mut self) -> Result<()> {
        let answer = self.session.engagement().await?;
        if self
            .shown
            .as_ref()
            .is_some_and(|shown| same(shown, &answer.engagements))
        {
            return Ok(());
        }
        if self.output.is_json() {
            let ids = &answer.ids;
            let line = json!({ "vid": ids.visitor_id, "sid": ids.session_id, "newSession": answer.is_replaced(), "engagements": answer.engagements });
            self.output.line(line)?;
        } else if answer.engagements.is_empty() {
            self.output.line("nothing is offered")?;
        } else {
            for offer in &answer.engagements {
                self.output.line(styled(GOOD, offered(offer)))?;
            }
        }
        self.shown = Some(answer.engagements);
        Ok(())
    }

    fn ids(&self) -> Result<()> {
        let Some(ids) = self.session.ids() else { return Ok(()) };
        if self.output.is_json() {
            return self
                .output
                .line(json!({ "vid": ids.visitor_id, "sid": ids.session_id }));
        }
        self.output
            .line(format_args!("vid {}\nsid {}", ids.visitor_id, ids.session_id))
    }

    fn leave(&self, delivered: u64) -> Result<()> {
        self.output.note(format_args!("{delivered} event(s) reported"));
        self.ids()
    }
}

/// Whether the same engagements are offered, whatever their contexts.
fn same(one: &[OfferedEngagement], other: &[OfferedEngagement]) -> bool {
    let key = |offer: &OfferedEngagement| (offer.engagement_id.clone(), offer.status.clone());
    one.iter().map(key).eq(other.iter().map(key))
}
