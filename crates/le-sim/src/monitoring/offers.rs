//! Who is offered what, and what visitors did with it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Monitoring,
    attribute::{Entry, Step, number},
    intake::Sent,
    knobs::MonitoringKnobs,
    refusal::{Refusal, Refused},
    targeting,
    visit::{Offer, Visit},
};
use crate::campaign::{Campaign, Engagement, EngagementSource, engagements};

/// Offers that a session remembers.
const MOST_OFFERS: usize = 100;

/// The engagements that a visit qualifies for, in the order of the campaigns.
pub(super) fn eligible<'a>(
    campaigns: &'a [Campaign],
    visit: &Visit,
    source: EngagementSource,
    now: i64,
) -> impl Iterator<Item = (&'a Campaign, &'a Engagement)> {
    engagements(campaigns).filter(move |(_, engagement)| {
        engagement.sources.contains(&source) && targeting::holds(&engagement.when, visit, now) == Some(true)
    })
}

impl Monitoring {
    /// Offers an engagement. One that was offered in this session, and still holds, keeps its context. Returns that.
    pub(super) fn offer(
        &self,
        visit: &mut Visit,
        (campaign, engagement): (&Campaign, &Engagement),
        page: &Arc<str>,
        now: i64,
    ) -> String {
        let holds = |offer: &&Offer| {
            offer.engagement == engagement.id
                && offer.revision == engagement.revision
                && offer.until.is_none_or(|until| until > now)
        };
        if let Some(offer) = visit.offers.iter().rev().find(holds) {
            return offer.context.clone();
        }
        if visit.offers.len() >= MOST_OFFERS {
            visit.offers.remove(0);
        }
        let last = visit.offers.last().and_then(|offer| offer.context.parse::<u64>().ok());
        let context = (last.unwrap_or(0) + 1).to_string();
        visit.offers.push(Offer {
            context: context.clone(),
            campaign: campaign.id,
            engagement: engagement.id,
            revision: engagement.revision,
            at: now,
            page: Arc::clone(page),
            until: (visit.source != EngagementSource::Application).then(|| engagement.holds_until(now)),
            accepted: Vec::new(),
            last: None,
        });
        self.count_offer(campaign.id, engagement.id);
        context
    }

    /// Does what impressions say, which were checked before.
    pub(super) fn impress(&self, visit: &mut Visit, sent: &[Sent<'_>], page: &Arc<str>, now: i64) {
        for one in sent {
            let Entry::Impression(step) = one.entry else { continue };
            let Some(place) = offer_of(visit, one) else { continue };
            let offer = &mut visit.offers[place];
            offer.last = Some(step);
            if step == Step::Accept {
                offer.accepted.push((now, Arc::clone(page)));
            }
            self.count_step(offer.campaign, offer.engagement, step);
        }
    }
}

/// Refuses impressions of what was not offered in this session.
pub(super) fn check_impressions(visit: &Visit, sent: &[Sent<'_>]) -> Refused<()> {
    for one in sent {
        let Entry::Impression(_) = one.entry else { continue };
        if !visit.asked {
            return Err(Refusal::invalid(format!(
                "{}: no engagement was asked for in this session",
                one.path
            )));
        }
        if one.needs_context() && one.context().is_none() {
            return Err(Refusal::invalid(format!("{}.eContext is required", one.path)));
        }
        if offer_of(visit, one).is_none() {
            return Err(Refusal::invalid(format!(
                "{}: campaign, engId, revision and eContext are not those of an offer in this session",
                one.path
            )));
        }
    }
    Ok(())
}

/// The place of the offer that an impression is about: the newest one if it names no context.
fn offer_of(visit: &Visit, one: &Sent<'_>) -> Option<usize> {
    let is = |member: &str, id: i64| number(&one.value[member]) == Some(id as f64);
    let context = one.context();
    visit.offers.iter().rposition(|offer| {
        is("campaign", offer.campaign)
            && is("engId", offer.engagement)
            && is("revision", offer.revision)
            && context.as_ref().is_none_or(|context| *context == offer.context)
    })
}

/// One entry of `engagementDetails` of the Monitoring API.
pub(super) fn details(
    (campaign, engagement): (&Campaign, &Engagement),
    context: &str,
    knobs: &MonitoringKnobs,
) -> Value {
    let mut entry = json!({
        "campaignId": id(campaign.id, knobs),
        "engagementId": id(engagement.id, knobs),
        "engagementRevision": id(engagement.revision, knobs),
        "contextId": context,
        "status": "expose",
    });
    if let Some(connector) = engagement.connector_id {
        entry["connectorId"] = id(connector, knobs);
    }
    if let Some(window) = &engagement.window_id {
        entry["windowId"] = json!(window);
    }
    if let Some(language) = &engagement.language {
        entry["language"] = json!(language);
    }
    entry
}

/// A number, or the same as text.
pub(super) fn id(number: i64, knobs: &MonitoringKnobs) -> Value {
    if knobs.ids_as_text {
        json!(number.to_string())
    } else {
        json!(number)
    }
}
