//! A visitor of the brand's shop: what they do is reported, what is offered follows from it, and what became of it is looked for
//! where agents, bots and data teams look.

use std::time::Duration;

use le_attributes::journey::VisitorError;
use le_attributes::monitoring::ConversationStart;
use le_attributes::shopping::{Cart, Line, Product};
use le_attributes::visit::VisitState;
use le_attributes::visitor::{Visitor, VisitorSession};
use le_attributes::{Attributes, ImpressionType};
use le_bots::conversation::ConversationContext;
use le_core::Client;
use le_core::id::CampaignId;
use le_sim::Sim;
use le_sim::campaign::{Campaign, Condition, Engagement, ErrorMatch, Range};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// What is in the cart, and what goes wrong with it.
const CURRENCY: &str = "EUR";
const CODE: &str = "PAY-7";

/// What is offered when, by the names of its engagements.
const ASK: &str = "Ask about the cart";
const HELP: &str = "Help at the check-out";

/// The attributes that the visitor reports.
const REPORTED: usize = 2;

/// A visit on its way into a conversation.
#[derive(Debug)]
pub(super) struct Browsed {
    /// What was offered at first, and after the error.
    offered: [String; 2],
    /// How the conversation begins that comes of it.
    pub(super) start: ConversationStart,
}

/// What became of it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    offered: [String; 2],
    /// Whether the bot read cart and error from the visit.
    by_bot: bool,
    /// How many of the attributes the exported conversation has.
    exported: usize,
}

impl Seen {
    pub(super) fn new(browsed: Browsed, by_bot: bool) -> Self {
        Self {
            offered: browsed.offered,
            by_bot,
            exported: 0,
        }
    }

    /// How many attributes the visitor reported.
    pub(super) fn reported(&self) -> u64 {
        REPORTED as u64
    }

    /// With what the exported conversation has.
    pub(super) fn exported(mut self, attributes: usize) -> Self {
        self.exported = attributes;
        self
    }

    /// Whether each step showed what the visitor had reported.
    pub(super) fn is_whole(&self) -> bool {
        self.offered == [ASK, HELP] && self.by_bot && self.exported == REPORTED
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "reported": REPORTED,
            "offered": self.offered,
            "seen_by_bot": self.by_bot,
            "exported": self.exported,
        })
    }

    /// The lines of the report.
    pub(super) fn lines(&self) -> [String; 2] {
        let [first, second] = &self.offered;
        let by_bot = if self.by_bot { "read both" } else { "did not see them" };
        [
            format!("a cart reported, offered: {first}; an error reported, offered: {second}"),
            format!(
                "the bot {by_bot}, {} of {REPORTED} are with the exported conversation",
                self.exported
            ),
        ]
    }
}

/// Fills a cart, fails at paying, and takes up what is offered then. Whoever takes it up talks to `skill`.
pub(super) async fn browse(sim: &Sim, client: &Client, skill: i64) -> Result<Browsed> {
    let monitoring = sim.control().monitoring();
    monitoring
        .set_campaigns(campaigns(skill))
        .map_err(|e| super::super::sim::failure(&e))?;
    let shop = Attributes::new(client.clone()).monitoring(monitoring.app_installation_id());
    let session = VisitorSession::start(shop, Visitor::new("demo")).map_err(|e| unexpected(&e))?;
    session.turn_page(["https://shop.example/cart"]);
    session.report(cart()).map_err(|e| unexpected(&e))?;
    let at_first = offered(&session).await?;
    session.turn_page(["https://shop.example/checkout"]);
    session.report(error()).map_err(|e| unexpected(&e))?;
    let after_error = offered(&session).await?;
    for what in [ImpressionType::Display, ImpressionType::Accept] {
        session.impression(&after_error.1, what).map_err(|e| unexpected(&e))?;
    }
    session
        .flush(Duration::from_secs(30))
        .await
        .map_err(|e| unexpected(&e))?;
    let ids = session
        .ids()
        .ok_or_else(|| Failure::new(Exit::Unexpected, "the visitor has no session"))?;
    Ok(Browsed {
        start: after_error.1.conversation_start(&ids),
        offered: [name_of(sim, at_first.0), name_of(sim, after_error.0)],
    })
}

/// One engagement for large carts, and before it one for those who cannot pay.
fn campaigns(skill: i64) -> Vec<Campaign> {
    let failed = Condition::UnresolvedError(ErrorMatch::default());
    let large = Condition::CartTotal(Range::at_least(100.0));
    vec![
        Campaign::new(700_101, "Check-out").with(Engagement::new(700_201, HELP).when(failed).skill(skill)),
        Campaign::new(700_102, "Carts").with(Engagement::new(700_202, ASK).when(large).skill(skill)),
    ]
}

fn cart() -> Cart {
    let lamp = Product::default().name("Lamp").sku("LP-9").price(109.95);
    Cart::new(219.9, 2).currency(CURRENCY).products(vec![Line::of(lamp, 2)])
}

fn error() -> VisitorError {
    VisitorError::default()
        .context_id("checkout")
        .code(CODE)
        .message("Card refused")
}

type Offer = (Option<CampaignId>, le_attributes::monitoring::OfferedEngagement);

async fn offered(session: &VisitorSession) -> Result<Offer> {
    let answer = session.engagement().await?;
    let offer = answer
        .first()
        .ok_or_else(|| Failure::new(Exit::Data, "the visitor of the demo was offered nothing"))?;
    Ok((offer.engagement_id.clone(), offer.clone()))
}

/// What managers call the engagement.
fn name_of(sim: &Sim, id: Option<CampaignId>) -> String {
    let id = id.and_then(|id| id.as_i64());
    let campaigns = sim.control().monitoring().campaigns();
    let mut engagements = campaigns.iter().flat_map(|campaign| &campaign.engagements);
    engagements
        .find(|engagement| Some(engagement.id) == id)
        .map_or_else(|| "something unknown".to_owned(), |engagement| engagement.name.clone())
}

fn unexpected(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Unexpected, "the visitor of the demo could not report").because(error.to_string())
}

/// What a bot says to somebody of whom it knows the visit: what it read there.
pub(super) async fn greeting(attributes: &Attributes, from: &ConversationContext) -> le_core::Result<Option<String>> {
    let (Some(visitor), Some(session)) = (&from.visitor_id, &from.session_id) else {
        return Ok(None);
    };
    let visit = attributes.visit(visitor.as_str(), session.as_str()).state().await?;
    Ok(told(&visit))
}

fn told(visit: &VisitState) -> Option<String> {
    let session = visit.app_sessions.iter().next()?;
    let cart = session.cart.as_ref()?.cart_status.as_ref()?;
    let (total, currency) = (cart.total.as_ref()?.get(), cart.currency.as_ref()?);
    let error = session.visitor_errors.iter().next()?.code.as_ref()?;
    Some(format!(
        "I see a cart of {total:.2} {currency}, and that paying failed with {error}."
    ))
}

/// What the bot has to say to the visitor.
pub(super) fn expected_greeting() -> String {
    format!("I see a cart of 219.90 {CURRENCY}, and that paying failed with {CODE}.")
}
