//! A process that runs a bot of the framework on a store that survives it: ended in good order, or killed anywhere.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use le_bots::bot::{Bot, BotRunner, Context, Handled, Message, Shutdown};
use le_bots::store::{Batch, MemoryStore, Store};
use le_bots::supervisor::Offline;
use le_core::{Error, ErrorKind};
use tokio::sync::watch;

use crate::account::{Account, Stream};
use crate::ledger::Ledger;
use crate::plan::Plan;
use crate::process::{Order, RESTART};
use crate::support::runtime::{rng, within};

/// A process that does not come to an end by itself is killed.
const PATIENCE: Duration = Duration::from_secs(90);

/// Runs the bot for as long as the run takes.
pub(crate) async fn run(account: Arc<Account>, ledger: Ledger, mut orders: watch::Receiver<Order>, plan: Plan) {
    let store: Arc<dyn Store> = Arc::new(SlowStore {
        inner: MemoryStore::surviving(),
        rng: Mutex::new(rng(plan.seed, Stream::Bot as u64)),
        ledger: ledger.clone(),
    });
    let patience = Offline::Wait {
        at_most: 1_000,
        deadline: Duration::from_secs(3_600),
    };
    for process in 0.. {
        let bot = Replier(ledger.clone(), process);
        let runner = BotRunner::new(bot, account.bot_connector(process));
        let runner = runner
            .shared_store(Arc::clone(&store))
            .offline(patience)
            .queue(plan.queue);
        let mut bot = runner.run().await.unwrap();
        ledger.note(format_args!("process {process} starts"));
        let order = tokio::select! {
            biased;
            order = ordered(&mut orders) => order,
            ended = bot.ended() => {
                ledger.note(format_args!("process {process}: {ended:?}"));
                Order::Kill(0, RESTART)
            }
        };
        let pause = match order {
            Order::Restart(_, pause) => {
                let ended = tokio::time::timeout(PATIENCE, bot.shutdown(Shutdown::Keep)).await;
                ledger.note(format_args!("process {process} ends: {ended:?}"));
                if let Ok(Ok(())) = ended {
                    ledger.seen().ended_well.insert(process);
                }
                pause
            }
            Order::Kill(_, pause) => {
                bot.abort();
                ledger.note(format_args!("process {process} is killed"));
                pause
            }
            Order::Run => Duration::ZERO,
        };
        // What the old one was writing is on the disk by then.
        tokio::time::sleep(pause + Duration::from_secs(1)).await;
    }
}

async fn ordered(orders: &mut watch::Receiver<Order>) -> Order {
    if orders.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
    *orders.borrow_and_update()
}

/// Replies to each message, and keeps count of them; and the number of its process.
struct Replier(Ledger, u64);

#[async_trait]
impl Bot for Replier {
    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        let Some(text) = message.text() else { return Ok(()) };
        let count = ctx.state::<i64>()?.unwrap_or(0);
        ctx.set_state(&(count + 1))?;
        let reply = format!("re: {text}");
        while let Err(error) = ctx.reply(reply.as_str()).await {
            self.0.note(format_args!("reply: {error} {:?}", error.disposition()));
            match error.kind() {
                // The dialog is closed.
                ErrorKind::InvalidRequest => break,
                ErrorKind::RateLimited | ErrorKind::Server => tokio::time::sleep(Duration::from_secs(1)).await,
                _ => return Err(error.into()),
            }
        }
        self.0.turned(self.1, ctx.dialog().as_str(), count, text);
        Ok(())
    }
}

/// A store whose writes take a while, so that a process is killed before, within and after them.
#[derive(Debug)]
struct SlowStore {
    inner: MemoryStore,
    rng: Mutex<fastrand::Rng>,
    ledger: Ledger,
}

impl SlowStore {
    async fn pause(&self) {
        let pause = within(&mut self.rng.lock().unwrap(), Duration::from_millis(200));
        tokio::time::sleep(pause).await;
    }
}

#[async_trait]
impl Store for SlowStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        self.inner.get(key).await
    }

    async fn scan(&self, prefix: &str) -> Result<Vec<(Box<str>, Bytes)>, Error> {
        self.inner.scan(prefix).await
    }

    async fn write(&self, batch: Batch) -> Result<(), Error> {
        self.pause().await;
        for (key, value) in batch.changes() {
            let value = value.map(|value| String::from_utf8_lossy(value));
            self.ledger.note(format_args!("store {key} {value:?}"));
        }
        self.inner.write(batch).await?;
        self.pause().await;
        Ok(())
    }

    fn survives(&self) -> bool {
        true
    }
}
