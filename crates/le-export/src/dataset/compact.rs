//! Joining the parts of a day into one.

use std::collections::BTreeSet;

use le_core::Result;
use serde::{Deserialize, Serialize};

use super::rewrite::Base;
use super::writer::Parts;
use super::{Dataset, part};
use crate::checkpoint::Ledger;
use crate::destination::Destination as _;
use crate::state::{Holder, StateStore as _};
use crate::window::Window;

/// What compaction came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Compaction {
    /// Days whose parts were joined.
    pub days: u64,
    /// Parts before, of the table of records, in those days.
    pub parts_before: u64,
    /// Parts after.
    pub parts_after: u64,
}

/// What is about to happen, so that a run that was killed in the middle can be ended by the next.
#[derive(Serialize, Deserialize)]
struct Intent {
    into: Window,
    from: Vec<Window>,
}

fn intent_name(date: &str) -> String {
    format!("compacting/{date}.json")
}

impl Dataset {
    /// Joins the parts of each day into one, where there are several: days that were read in pieces have fewer files then.
    ///
    /// The windows stay what they are: each can still be written again. Between the moment when the joined part shows and that
    /// when the old ones are gone, a reader may see records twice; run it while nobody reads. Killed in between, the next run
    /// ends it.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io), and [`ErrorKind::Validation`](le_core::ErrorKind::Validation) while an export runs.
    pub async fn compact(&self) -> Result<Compaction> {
        let ledger = Ledger::new(self.state());
        let alone = ledger.lock("run", &Holder::here("compaction")).await?;
        let joined = self.join_days().await;
        alone.release().await;
        joined
    }

    async fn join_days(&self) -> Result<Compaction> {
        self.end_compactions().await?;
        let parts = self.parts(self.main_table(), None).await?;
        let days: BTreeSet<String> = parts.iter().map(|part| part.covers.date()).collect();
        let mut done = Compaction::default();
        for date in days {
            let alone = self.alone_in(&date).await?;
            let joined = self.join(&date).await;
            alone.release().await;
            let joined = joined?;
            if joined > 1 {
                done.days += 1;
                done.parts_before += joined;
                done.parts_after += 1;
            }
        }
        Ok(done)
    }

    /// Ends what a compaction that was killed had begun.
    pub(crate) async fn end_compactions(&self) -> Result<()> {
        for name in self.state.list("compacting").await? {
            let Some(text) = self.state.get(&name).await? else {
                continue;
            };
            if let Ok(intent) = serde_json::from_str::<Intent>(&text) {
                let alone = self.alone_in(&intent.into.date()).await?;
                let completed = self.complete(&intent).await;
                alone.release().await;
                completed?;
            }
            self.state.remove(&name).await?;
        }
        Ok(())
    }

    /// Where the joined part is there, the old ones go. Where its table of records is not, which shows last, what there is of
    /// it goes.
    async fn complete(&self, intent: &Intent) -> Result<()> {
        let parts = self.parts(self.main_table(), Some(&intent.into.date())).await?;
        let there = parts.iter().any(|part| part.covers == intent.into);
        let leave = if there {
            &intent.from[..]
        } else {
            std::slice::from_ref(&intent.into)
        };
        for covers in leave.iter().filter(|covers| !there || **covers != intent.into) {
            for table in self.format.tables() {
                self.place
                    .remove(&part::name(table, covers, self.format.extension()))
                    .await?;
            }
        }
        Ok(())
    }

    /// Joins the parts of a day. Gives how many they were.
    async fn join(&self, date: &str) -> Result<u64> {
        let parts: Vec<Window> = self
            .parts(self.main_table(), Some(date))
            .await?
            .iter()
            .map(|part| part.covers)
            .collect();
        if parts.len() < 2 {
            return Ok(0);
        }
        let from = parts.iter().map(Window::from).min();
        let to = parts.iter().map(Window::to).max();
        let (Some(from), Some(to)) = (from, to) else {
            return Ok(0);
        };
        let into = Window::new(from, to)?;
        let mut bases = Vec::new();
        for covers in &parts {
            bases.push(Base::fetch(self, *covers).await?);
        }
        let owned = self.clone();
        let joined = self.encoders.run(move || {
            let mut joined = Parts::stage(&owned)?;
            for base in bases {
                base.copy_without(&mut joined, &|_| false)?;
            }
            joined.finish()
        });
        let (files, rows) = joined.await?;
        let count = parts.len() as u64;
        let from = parts;
        let intent = Intent { into, from };
        let name = intent_name(date);
        self.state
            .put(&name, serde_json::to_string(&intent).unwrap_or_default())
            .await?;
        self.publish(&into, files, &rows).await?;
        self.complete(&intent).await?;
        self.state.remove(&name).await?;
        Ok(count)
    }
}
