//! Campaigns: which engagement is offered to which visitor, and on what condition.
//!
//! An account has a few from the start ([`Account::campaigns`](crate::account::Account::campaigns)). Others are given to
//! [`SimBuilder::campaigns`](crate::SimBuilder::campaigns), or set while it runs through
//! [`MonitoringControl::set_campaigns`](crate::MonitoringControl::set_campaigns) and `PUT /_sim/monitoring/campaigns`, as JSON or
//! TOML:
//!
//! ```
//! let campaigns = le_sim::campaign::from_toml(r#"
//! [[campaigns]]
//! id = 700111
//! name = "Cart rescue"
//!
//! [[campaigns.engagements]]
//! id = 700222
//! name = "Ask about the cart"
//! when = { all = [{ cart_total = { at_least = 100 } }, { not = { customer_type = ["staff"] } }] }
//! "#)?;
//! assert_eq!(campaigns[0].engagements[0].revision, 1);
//! # Ok::<(), le_sim::SimError>(())
//! ```

mod condition;
mod standard;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

pub use condition::{AmountMatch, Condition, ErrorMatch, ProductMatch, Range, ServiceMatch};
pub(crate) use standard::standard;

use crate::error::SimError;

/// A campaign with its engagements.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Campaign {
    /// `campaignId`.
    pub id: i64,
    /// The name that managers see.
    pub name: String,
    /// Counted up with each change of the campaign.
    #[serde(default = "first_revision")]
    pub revision: i64,
    /// What the campaign is for.
    #[serde(default)]
    pub goal: Goal,
    /// The audience (visitor profile). It is shown; whom an engagement is offered to is decided by its condition.
    #[serde(default = "Named::all_visitors")]
    pub audience: Named,
    /// The engagements; an earlier one is offered before a later one.
    #[serde(default)]
    pub engagements: Vec<Engagement>,
}

/// The goal of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Goal {
    /// `goalId`.
    pub id: i64,
    /// The name that managers see.
    pub name: String,
    /// Counted up with each change.
    pub revision: i64,
    /// `goalEntity.type`, a code of LivePerson's.
    #[serde(rename = "type")]
    pub kind: i64,
    /// `goalEntity.indicatorType`, a code of LivePerson's.
    pub indicator: i64,
}

impl Default for Goal {
    fn default() -> Self {
        Self {
            id: 1,
            name: "Interact with consumers".to_owned(),
            revision: 1,
            kind: 0,
            indicator: 0,
        }
    }
}

/// Something with an id and a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Named {
    /// The id.
    pub id: i64,
    /// The name that managers see.
    pub name: String,
}

impl Named {
    /// A name with its id.
    #[must_use]
    pub fn new(id: i64, name: impl Into<String>) -> Self {
        Self { id, name: name.into() }
    }

    fn all_visitors() -> Self {
        Self::new(2, "All Visitors")
    }

    fn any() -> Self {
        Self::new(3, "Any")
    }
}

/// What a visitor can be offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Engagement {
    /// `engagementId`; no two engagements of an account share one.
    pub id: i64,
    /// The name that managers see.
    pub name: String,
    /// `engagementRevision`. A visitor whose offer has an older one is offered the engagement anew.
    #[serde(default = "first_revision")]
    pub revision: i64,
    /// Where it can be offered.
    #[serde(default = "EngagementSource::all")]
    pub sources: Vec<EngagementSource>,
    /// To whom it is offered.
    #[serde(default)]
    pub when: Condition,
    /// The behaviour that managers see beside the condition.
    #[serde(default = "Named::any")]
    pub behavior: Named,
    /// The skill that conversations go to; `None`: whoever is free.
    #[serde(default)]
    pub skill: Option<i64>,
    /// The connector by which the consumer is authenticated.
    #[serde(default)]
    pub connector_id: Option<i64>,
    /// The window that opens.
    #[serde(default)]
    pub window_id: Option<String>,
    /// The language of the window, such as `en-US`.
    #[serde(default)]
    pub language: Option<String>,
    /// For how long an offer of App Engagement or External Engagement holds, in seconds.
    #[serde(default = "fifteen_minutes")]
    pub valid_for_seconds: u64,
    /// The note that agents see.
    #[serde(default)]
    pub agent_note: Option<String>,
}

/// Which API offers an engagement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EngagementSource {
    /// The Monitoring API, to visitors of an installed application.
    Application,
    /// App Engagement with `appType` `MSDK`.
    Msdk,
    /// App Engagement with `appType` `EXTERNAL`.
    External,
    /// External Engagement, to callers of a phone line.
    Ivr,
}

impl EngagementSource {
    fn all() -> Vec<Self> {
        vec![Self::Application, Self::Msdk, Self::External]
    }
}

const fn first_revision() -> i64 {
    1
}

const fn fifteen_minutes() -> u64 {
    900
}

impl Campaign {
    /// A campaign without engagements.
    #[must_use]
    pub fn new(id: i64, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            revision: first_revision(),
            goal: Goal::default(),
            audience: Named::all_visitors(),
            engagements: Vec::new(),
        }
    }

    /// Adds an engagement behind the others.
    #[must_use]
    pub fn with(mut self, engagement: Engagement) -> Self {
        self.engagements.push(engagement);
        self
    }
}

impl Engagement {
    /// An engagement that is offered to everyone, by the Monitoring API and by App Engagement.
    #[must_use]
    pub fn new(id: i64, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            revision: first_revision(),
            sources: EngagementSource::all(),
            when: Condition::Always,
            behavior: Named::any(),
            skill: None,
            connector_id: None,
            window_id: None,
            language: None,
            valid_for_seconds: fifteen_minutes(),
            agent_note: None,
        }
    }

    /// To whom it is offered.
    #[must_use]
    pub fn when(mut self, when: Condition) -> Self {
        self.when = when;
        self
    }

    /// Where conversations go.
    #[must_use]
    pub fn skill(mut self, skill: i64) -> Self {
        self.skill = Some(skill);
        self
    }

    /// Until when an offer holds that is made now; both in epoch milliseconds.
    pub(crate) fn holds_until(&self, now: i64) -> i64 {
        let lives_ms = i64::try_from(self.valid_for_seconds)
            .unwrap_or(i64::MAX)
            .saturating_mul(1_000);
        now.saturating_add(lives_ms)
    }

    /// Which APIs offer it.
    #[must_use]
    pub fn sources(mut self, sources: impl IntoIterator<Item = EngagementSource>) -> Self {
        self.sources = sources.into_iter().collect();
        self
    }
}

/// Reads campaigns from TOML: a list of tables `[[campaigns]]`.
///
/// # Errors
///
/// [`SimError::Campaigns`] if the text is not TOML of that form, or two campaigns or engagements share an id.
pub fn from_toml(text: &str) -> Result<Vec<Campaign>, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        campaigns: Vec<Campaign>,
    }
    let file: File = toml::from_str(text).map_err(|error| SimError::Campaigns {
        message: error.to_string(),
    })?;
    check(&file.campaigns)?;
    Ok(file.campaigns)
}

/// As [`from_toml`], from a file.
///
/// # Errors
///
/// As [`from_toml`], and [`SimError::File`] if the file cannot be read.
pub fn from_file(path: &std::path::Path) -> Result<Vec<Campaign>, SimError> {
    let text = std::fs::read_to_string(path).map_err(|source| SimError::File {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    from_toml(&text)
}

/// All engagements with their campaigns, in order.
pub(crate) fn engagements(campaigns: &[Campaign]) -> impl Iterator<Item = (&Campaign, &Engagement)> {
    let of = |campaign| move |engagement| (campaign, engagement);
    campaigns
        .iter()
        .flat_map(move |campaign: &Campaign| campaign.engagements.iter().map(of(campaign)))
}

/// The engagement with this id, and its campaign.
pub(crate) fn find(campaigns: &[Campaign], engagement: i64) -> Option<(&Campaign, &Engagement)> {
    engagements(campaigns).find(|(_, it)| it.id == engagement)
}

/// Whether each id stands for one thing.
pub(crate) fn check(campaigns: &[Campaign]) -> Result<(), SimError> {
    let (mut ids, mut engagements) = (HashSet::new(), HashSet::new());
    let twice = |what: &str, id: i64| {
        Err(SimError::Campaigns {
            message: format!("two {what} have the id {id}"),
        })
    };
    for campaign in campaigns {
        if !ids.insert(campaign.id) {
            return twice("campaigns", campaign.id);
        }
        for engagement in &campaign.engagements {
            if !engagements.insert(engagement.id) {
                return twice("engagements", engagement.id);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn campaigns_come_back_from_toml_and_json() {
        let campaign = Campaign::new(1, "Help").with(
            Engagement::new(2, "Corner")
                .skill(5)
                .sources([EngagementSource::Ivr])
                .when(Condition::Not(Box::new(Condition::All(vec![
                    Condition::Section(vec!["Help".into()]),
                    Condition::UnresolvedError(ErrorMatch::default()),
                    Condition::Authenticated,
                ])))),
        );
        let text = serde_json::to_string(&campaign).unwrap();
        assert_eq!(serde_json::from_str::<Campaign>(&text).unwrap(), campaign);
        let text = "[[campaigns]]\nid = 1\nname = 'Help'\n[[campaigns.engagements]]\nid = 2\nname = 'Corner'\nskill = 5\n\
            sources = ['ivr']\nwhen = { not = { all = [{ section = ['Help'] }, { unresolved_error = {} }, 'authenticated'] } }";
        assert_eq!(from_toml(text).unwrap(), [campaign]);
    }

    #[test]
    fn an_id_stands_for_one_thing() {
        let one = Campaign::new(1, "One").with(Engagement::new(2, "A"));
        let two = Campaign::new(3, "Two").with(Engagement::new(2, "B"));
        let error = check(&[one.clone(), two]).unwrap_err().to_string();
        assert!(error.contains("two engagements have the id 2"), "{error}");
        assert!(check(&[one.clone(), one]).is_err());
        assert!(from_toml("[[campaigns]]\nid = 1\nname = 'a'\nnmae = 'b'").is_err());
    }
}
