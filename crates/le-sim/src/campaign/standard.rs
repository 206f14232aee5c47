//! The campaigns that each account has.

use super::{Campaign, Condition, Engagement, EngagementSource, ErrorMatch, Goal, Named, Range};
use crate::account::Skill;

/// Carts from this total on are worth a word.
const RESCUED_CART: f64 = 100.0;

/// A cart to be rescued, a check-out that fails, help by section, and a phone line. `first` is the first of their ids, `connector`
/// the one that authenticates consumers of the brand.
pub(crate) fn standard(first: i64, skills: &[Skill], connector: i64) -> Vec<Campaign> {
    let skill = |name: &str| skills.iter().find(|skill| skill.name == name).map(|skill| skill.id);
    let engagement = |place: i64, name: &str, to: &str, when: Condition| Engagement {
        skill: skill(to),
        connector_id: Some(connector),
        window_id: Some((first + 90).to_string()),
        language: Some("en-US".to_owned()),
        when,
        ..Engagement::new(first + place, name)
    };
    let goal = |place: i64, name: &str| Goal {
        id: first + place,
        name: name.to_owned(),
        ..Goal::default()
    };
    let in_checkout = ErrorMatch {
        context_id: Some("checkout".to_owned()),
        ..ErrorMatch::default()
    };
    let help = ["Help", "Billing", "Parcels", "Returns"].map(str::to_owned).to_vec();
    vec![
        Campaign {
            goal: goal(71, "Reduce abandonment"),
            ..Campaign::new(first + 1, "Checkout errors")
        }
        .with(Engagement {
            behavior: Named::new(first + 81, "Error in the check-out"),
            agent_note: Some("The check-out failed; look at the error first.".to_owned()),
            ..engagement(
                11,
                "Stuck at the check-out",
                "Technical help",
                Condition::UnresolvedError(in_checkout),
            )
        }),
        Campaign {
            goal: goal(72, "Sell"),
            ..Campaign::new(first + 2, "Cart rescue")
        }
        .with(Engagement {
            behavior: Named::new(first + 82, "Cart from 100"),
            ..engagement(
                12,
                "Ask about the cart",
                "Sales",
                Condition::CartTotal(Range::at_least(RESCUED_CART)),
            )
        }),
        Campaign {
            goal: goal(73, "Serve"),
            ..Campaign::new(first + 3, "Help")
        }
        .with(Engagement {
            behavior: Named::new(first + 83, "In a help section"),
            ..engagement(13, "Help button", "Parcels", Condition::Section(help))
        }),
        Campaign {
            goal: goal(73, "Serve"),
            ..Campaign::new(first + 4, "Phone line")
        }
        .with(engagement(14, "Chat instead of waiting", "Billing", Condition::Always).sources([EngagementSource::Ivr])),
    ]
}
