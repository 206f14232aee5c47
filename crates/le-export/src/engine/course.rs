//! The course of a run: lock, checkpoint, plan, windows, changes, bookmark.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use le_core::{Error, ErrorKind, Result, Timestamp};

use super::plan::{Plan, Wish};
use super::run::{Context, Course, Run, cancelled};
use super::summary::FailedWindow;
use super::window::Fate;
use crate::checkpoint::Checkpoint;
use crate::place::{Scratch, blocking};
use crate::state::LockGuard;
use crate::window::Window;

/// How long a process that shares an export waits before it looks again whether a window has become free.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

impl Run {
    /// The whole course of a run.
    pub(super) async fn course(&self, context: &Context<'_>, begun: Timestamp, course: &mut Course) -> Result<()> {
        let alone = self.enter(context).await?;
        let prepared = self.begin(context, begun).await;
        if context.shared {
            alone.release().await;
            let (plan, checkpoint) = prepared?;
            return self.steps(context, plan, checkpoint, begun, course).await;
        }
        let outcome = match prepared {
            Ok((plan, checkpoint)) => self.steps(context, plan, checkpoint, begun, course).await,
            Err(error) => Err(error),
        };
        alone.release().await;
        outcome
    }

    /// What happens under the lock of the run: the plan is made, and the checkpoint says what is under way.
    async fn begin(&self, context: &Context<'_>, begun: Timestamp) -> Result<(Plan, Checkpoint)> {
        let (plan, known) = self.plan().await?;
        // Spools of runs that were killed hold records, and this run may have none of its own.
        blocking(|| {
            Scratch::sweep_temporary();
            Ok(())
        })
        .await?;
        self.parts.destination.recover().await?;
        let checkpoint = self.checkpoint(&plan, known, begun, &context.holder.run);
        self.parts.ledger.save(&checkpoint).await?;
        Ok((plan, checkpoint))
    }

    async fn steps(
        &self,
        context: &Context<'_>,
        plan: Plan,
        checkpoint: Checkpoint,
        begun: Timestamp,
        course: &mut Course,
    ) -> Result<()> {
        course.windows.planned = plan.windows.len() as u64;
        course.windows.skipped = plan.done as u64;
        context
            .tracker
            .update(|progress| progress.windows = plan.windows.len() as u64);
        let since = checkpoint.known_until().filter(|_| self.since_last && plan.done > 0);
        let changes = match since {
            Some(until) => Some(self.read_changes(context, until - self.overlap, begun).await?),
            None => None,
        };
        self.windows(context, &plan, course).await?;
        if let Some(changes) = changes {
            course.changes = Some(self.merge_changes(context, changes).await?);
        }
        if !course.windows.failed.is_empty() {
            return Ok(());
        }
        if !context.shared {
            return self.end(context, checkpoint, begun, course).await;
        }
        // Others may have changed the checkpoint meanwhile.
        let alone = self.enter(context).await?;
        let ended = async {
            let known = self.parts.ledger.checkpoint(&self.parts.fingerprint).await?;
            self.end(context, known.unwrap_or(checkpoint), begun, course).await
        };
        let ended = ended.await;
        alone.release().await;
        ended
    }

    /// Takes the lock of the run. Processes that share an export hold it only while they look at the checkpoint.
    async fn enter(&self, context: &Context<'_>) -> Result<Box<dyn LockGuard>> {
        let ledger = &self.parts.ledger;
        if context.shared {
            for _ in 0..600 {
                if let Some(guard) = ledger.try_lock("run", &context.holder).await? {
                    return Ok(guard);
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        ledger.lock("run", &context.holder).await
    }

    fn checkpoint(&self, plan: &Plan, known: Option<Checkpoint>, begun: Timestamp, run: &str) -> Checkpoint {
        let Some(mut known) = known else {
            return Checkpoint::new(self.parts.fingerprint.clone(), plan.from, plan.to, begun, run);
        };
        known.from = known.from.min(plan.from);
        known.to = known.to.max(plan.to);
        known.run = run.to_owned();
        known
    }

    /// Reads the windows. One that fails does not keep others from being read, unless nothing can go on.
    async fn windows(&self, context: &Context<'_>, plan: &Plan, course: &mut Course) -> Result<()> {
        let mut left: BTreeSet<Window> = plan.windows.iter().copied().collect();
        let mut fatal = None;
        loop {
            // Processes that share an export do not all begin at the same end.
            let mut order: Vec<Window> = left.iter().copied().collect();
            if self.shared && !order.is_empty() {
                let turn = std::process::id() as usize % order.len();
                order.rotate_left(turn);
            }
            let fates = stream::iter(order).take_while(|_| std::future::ready(!context.is_stopped()));
            let mut fates = fates
                .map(|window| async move { (window, context.window(window).await) })
                // As many again may be on their way to the disk while these are read.
                .buffer_unordered(self.concurrency * 2);
            while let Some((window, fate)) = fates.next().await {
                match fate {
                    Fate::Done => {
                        left.remove(&window);
                        course.windows.done += 1;
                    }
                    Fate::Elsewhere => {}
                    Fate::Failed(error) if is_fatal(&error) => {
                        // The others end what they are committing, and give up the rest.
                        context.halt();
                        fatal.get_or_insert(error);
                    }
                    Fate::Failed(error) => {
                        left.remove(&window);
                        tracing::error!(%window, %error, "a window could not be read");
                        course.windows.failed.push(FailedWindow::new(window, &error));
                    }
                }
            }
            drop(fates);
            if let Some(error) = fatal {
                return Err(error);
            }
            if context.is_stopped() {
                return Err(cancelled());
            }
            let before = left.len();
            if before > 0 {
                let done = self.parts.ledger.done().await?;
                left.retain(|window| !done.contains(window));
                course.windows.skipped += (before - left.len()) as u64;
            }
            if left.is_empty() {
                return Ok(());
            }
            if !self.shared {
                return Err(self.elsewhere(&left));
            }
            context.pause(LOOK_AGAIN).await?;
        }
    }

    fn elsewhere(&self, left: &BTreeSet<Window>) -> Error {
        let first = left.first().map_or_else(String::new, Window::id);
        let message = format!(
            "{} windows are in the hands of other processes, the first is {first}",
            left.len()
        );
        Error::validation(message).with_advice("wait until they are done; to work beside them, run as shared")
    }

    /// Saves how far the export is known to be complete, and the manifest.
    async fn end(
        &self,
        context: &Context<'_>,
        mut checkpoint: Checkpoint,
        begun: Timestamp,
        course: &mut Course,
    ) -> Result<()> {
        let ledger = &self.parts.ledger;
        let done = ledger.done().await?;
        let whole = Wish {
            from: checkpoint.from,
            to: checkpoint.to,
            length: self.length,
            again: false,
        };
        let complete = whole.windows(&done)?.is_empty();
        if self.since_last {
            checkpoint.bookmark = Some(begun);
            checkpoint.begun = None;
        } else if complete && let Some(first) = checkpoint.begun.take() {
            checkpoint.bookmark = Some(checkpoint.bookmark.map_or(first, |before| before.min(first)));
        }
        self.parts.destination.finish().await?;
        if complete {
            let manifest = crate::manifest::read(ledger, &checkpoint).await?;
            ledger.put_manifest(&manifest).await?;
        }
        course.bookmark = checkpoint.bookmark;
        checkpoint.run.clone_from(&context.holder.run);
        ledger.save(&checkpoint).await
    }
}

/// Whether no other window can do better: credentials, settings, the disk.
fn is_fatal(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Authentication
            | ErrorKind::Authorization
            | ErrorKind::Discovery
            | ErrorKind::Configuration
            | ErrorKind::Validation
            | ErrorKind::Io
            | ErrorKind::Cancelled
    )
}
