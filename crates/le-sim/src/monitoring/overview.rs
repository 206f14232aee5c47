//! What the control API shows of visitors.

use serde::Serialize;
use serde_json::Value;

use super::{
    Monitoring,
    attribute::Step,
    tree,
    visit::Offer,
    visitors::{Ask, Visitor},
};
use crate::{campaign::EngagementSource, world::World};

/// A visitor at a glance.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VisitorSummary {
    /// `vid`.
    pub visitor_id: String,
    /// `sid` of the newest session.
    pub session_id: Option<String>,
    /// Whether that session lives.
    pub live: bool,
    /// When it began, epoch milliseconds.
    pub started_at: Option<i64>,
    /// When something was called last, epoch milliseconds.
    pub last_at: Option<i64>,
    /// How many attributes are kept, of this session and of those before.
    pub attributes: usize,
    /// The cart.
    pub cart_total: Option<f64>,
    /// The consumers whom the visitor said to be: subjects of identities, and consumer ids.
    pub consumers: Vec<String>,
}

/// An offer that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfferSummary {
    /// `vid`.
    pub visitor_id: String,
    /// `sid`.
    pub session_id: String,
    /// `campaignId`.
    pub campaign_id: i64,
    /// `engagementId`.
    pub engagement_id: i64,
    /// `engagementRevision`.
    pub engagement_revision: i64,
    /// `contextId`.
    pub context_id: String,
    /// When it was made, epoch milliseconds.
    pub offered_at: i64,
    /// How often it was clicked.
    pub accepted: usize,
    /// The last impression: `impDisplay` and so on.
    pub last: Option<&'static str>,
}

impl OfferSummary {
    fn of(visitor: &str, session: &str, offer: &Offer) -> Self {
        Self {
            visitor_id: visitor.to_owned(),
            session_id: session.to_owned(),
            campaign_id: offer.campaign,
            engagement_id: offer.engagement,
            engagement_revision: offer.revision,
            context_id: offer.context.clone(),
            offered_at: offer.at,
            accepted: offer.accepted.len(),
            last: offer.last.map(|step| match step {
                Step::Display => "impDisplay",
                Step::Accept => "impAccept",
                Step::Expanded => "impExpanded",
                Step::Timeout => "impTimeout",
                Step::Close => "impClose",
            }),
        }
    }
}

impl Monitoring {
    /// All visitors that are remembered.
    pub(crate) fn summaries(&self, world: &World) -> Vec<VisitorSummary> {
        let behaviour = world.behaviour();
        let ask = Ask {
            visitor: None,
            session: None,
            source: EngagementSource::Application,
            now: world.clock.now_ms(),
            knobs: &behaviour.monitoring,
        };
        let mut all = Vec::new();
        self.visitors.each(|id, visitor| all.push(summary(id, visitor, ask)));
        all
    }

    /// All offers in the newest session of each visitor.
    pub(crate) fn offer_summaries(&self) -> Vec<OfferSummary> {
        let mut all = Vec::new();
        self.visitors.each(|id, visitor| {
            let visit = visitor.visit.iter();
            let offers =
                visit.flat_map(|visit| visit.offers.iter().map(|offer| OfferSummary::of(id, &visit.id, offer)));
            all.extend(offers);
        });
        all
    }

    /// How many visitors are remembered.
    pub(crate) fn visitor_count(&self) -> usize {
        self.visitors.count()
    }

    /// The tree of a visitor, whether the session lives or not.
    pub(crate) fn tree(&self, world: &World, visitor: &str) -> Option<Value> {
        let campaigns = self.campaigns();
        self.visitors
            .look(visitor, |visitor| tree::tree(self, visitor, &campaigns, &world.account))
    }

    /// Makes sessions older by so many milliseconds: all, or that of one visitor. Returns how many there were.
    pub(crate) fn age(&self, visitor: Option<&str>, by_ms: i64) -> usize {
        let mut aged = 0;
        let mut age = |visitor: &mut Visitor| {
            if let Some(visit) = &mut visitor.visit {
                visit.started = visit.started.saturating_sub(by_ms);
                visit.last = visit.last.saturating_sub(by_ms);
                aged += 1;
            }
        };
        match visitor {
            Some(id) => {
                self.visitors.look(id, age);
            }
            None => self.visitors.each(|_, visitor| age(visitor)),
        }
        aged
    }
}

fn summary(id: &str, visitor: &Visitor, ask: Ask<'_>) -> VisitorSummary {
    let visit = visitor.visit.as_ref();
    VisitorSummary {
        visitor_id: id.to_owned(),
        session_id: visit.map(|visit| visit.id.to_string()),
        live: visit.is_some_and(|visit| ask.lives(visit)),
        started_at: visit.map(|visit| visit.started),
        last_at: visit.map(|visit| visit.last),
        attributes: visitor.reported.len(),
        cart_total: visit.and_then(tree::cart_total),
        consumers: visitor.consumers.iter().map(ToString::to_string).collect(),
    }
}
