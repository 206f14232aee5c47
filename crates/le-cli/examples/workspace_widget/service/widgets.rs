//! The models of the widgets that are open, each as its page forwards it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use le_attributes::widget::{LiveModel, ModelUpdate};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::confirmation::{Confirmation, Records, confirm};
use super::rows::rows;
use super::suggestion::suggestions;

/// How many widgets are remembered. One that was forgotten is told everything again when its page binds again.
const MOST_WIDGETS: usize = 200;

/// What a page sends.
#[derive(Deserialize)]
pub(super) struct Forwarded {
    /// A name that the page drew at random.
    widget: String,
    updates: Vec<Box<RawValue>>,
}

impl Forwarded {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let forwarded: Self = serde_json::from_slice(body).ok()?;
        let fits = (16..=64).contains(&forwarded.widget.len());
        (fits && forwarded.updates.len() <= 500).then_some(forwarded)
    }
}

pub(super) struct Widgets {
    records: Option<Arc<dyn Records>>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    models: HashMap<String, (LiveModel, Option<Confirmation>)>,
    order: VecDeque<String>,
}

impl Widgets {
    pub(super) fn new(records: Option<Arc<dyn Records>>) -> Self {
        Self {
            records,
            open: Mutex::default(),
        }
    }

    /// Takes changes over, and says what the page shall show.
    pub(super) async fn take(&self, forwarded: Forwarded) -> Value {
        let (model, known, refused) = self.apply(&forwarded);
        let view = model.view();
        let confirmation = match &self.records {
            None => Confirmation::default(),
            Some(records) => confirm(records.as_ref(), &view, known).await,
        };
        let answer = json!({
            "rows": rows(&view, &confirmation),
            "suggestions": suggestions(&view),
            "refused": refused,
        });
        self.remember(&forwarded.widget, confirmation);
        answer
    }

    fn apply(&self, forwarded: &Forwarded) -> (LiveModel, Option<Confirmation>, Vec<String>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if !open.models.contains_key(&forwarded.widget) {
            if open.order.len() >= MOST_WIDGETS
                && let Some(oldest) = open.order.pop_front()
            {
                open.models.remove(&oldest);
            }
            open.order.push_back(forwarded.widget.clone());
        }
        let (model, known) = open.models.entry(forwarded.widget.clone()).or_default();
        let refused = forwarded
            .updates
            .iter()
            .filter_map(|update| {
                ModelUpdate::read(update.get())
                    .and_then(|update| model.apply(&update))
                    .err()
            })
            .map(|error| error.to_string())
            .collect();
        (model.clone(), known.clone(), refused)
    }

    fn remember(&self, widget: &str, confirmation: Confirmation) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = open.models.get_mut(widget) {
            *known = Some(confirmation);
        }
    }
}
