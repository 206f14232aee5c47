//! One run of one seed: everything in one thread, in paused time.

use std::sync::Arc;
use std::time::Duration;

use le_bots::supervisor::Mutation;
use serde_json::Value;
use tokio::sync::watch;

use crate::account::Account;
use crate::ledger::Ledger;
use crate::network::Weather;
use crate::plan::{Blow, Kind, Plan};
use crate::process::Order;
use crate::trace::{Detail, Trace};
use crate::{consumer, framework, process};

/// By then everything is answered, once all works again.
const REST: Duration = Duration::from_secs(15 * 60);

/// And after that, nothing more comes.
const STILL: Duration = Duration::from_secs(60);

/// How often it is looked whether all is answered.
const LOOK: Duration = Duration::from_secs(15);

/// How a run came out.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) complaints: Vec<String>,
    /// Hash and number of steps of the trace.
    pub(crate) sum: (u64, u64),
    pub(crate) lines: Vec<String>,
    pub(crate) took: Duration,
}

/// Runs a seed on a runtime of its own.
pub(crate) fn run(seed: u64, kind: Kind, mutation: Mutation, detail: Detail) -> Outcome {
    // The keys of upgrades come from the generator of the thread.
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    // The trace is made within, since only there the time stands still.
    runtime.block_on(async { played(Plan::of(seed, kind), mutation, Trace::new(detail)).await })
}

async fn played(plan: Plan, mutation: Mutation, trace: Trace) -> Outcome {
    trace.note(format_args!("{plan:?}"), &[]);
    let knobs = plan.knobs;
    let account = Account::new(
        plan.seed,
        |behaviour| knobs.apply(&mut behaviour.messaging),
        trace.clone(),
    );
    let account = Arc::new(account);
    account.sim.control().set_faults(plan.faults.clone()).unwrap();
    account.network.set(plan.weather);
    let ledger = Ledger::new(plan.kind, trace.clone());
    let (orders, ordered) = watch::channel(Order::Run);
    match plan.kind {
        Kind::Link => tokio::spawn(process::run(
            Arc::clone(&account),
            ledger.clone(),
            ordered,
            process::Way::of(&plan, mutation),
        )),
        Kind::Bot => tokio::spawn(framework::run(
            Arc::clone(&account),
            ledger.clone(),
            ordered,
            plan.clone(),
        )),
    };
    for (number, script) in plan.consumers.iter().enumerate() {
        tokio::spawn(consumer::play(
            Arc::clone(&account),
            ledger.clone(),
            number,
            script.clone(),
        ));
    }
    storm(&account, &plan, &orders).await;
    Outcome {
        complaints: calm(&account, &plan, &ledger).await,
        sum: trace.sum(),
        lines: trace.lines(),
        took: account.elapsed(),
    }
}

/// Deals the blows, until it is calm.
async fn storm(account: &Arc<Account>, plan: &Plan, orders: &watch::Sender<Order>) {
    for (number, (at, blow)) in plan.blows.iter().enumerate() {
        tokio::time::sleep(at.saturating_sub(account.elapsed())).await;
        account.trace.note(format_args!("blow {blow:?}"), &[]);
        deal(account, *blow, number as u64, orders);
    }
    tokio::time::sleep(plan.calm.saturating_sub(account.elapsed())).await;
}

fn deal(account: &Arc<Account>, blow: Blow, number: u64, orders: &watch::Sender<Order>) {
    let control = account.sim.control();
    match blow {
        Blow::Strike(strike) => account.network.strike(strike),
        Blow::Close { all, code } => {
            let user = (!all).then_some(account.bot_user().login_name.as_str());
            control.messaging().close_sockets(user, code, "");
        }
        Blow::Expire => {
            control.expire_sessions();
        }
        Blow::Rival(stays) => {
            let account = Arc::clone(account);
            tokio::spawn(async move {
                let rival = account.bot_connector(500 + number);
                if let Ok(_open) = rival.connect().await {
                    tokio::time::sleep(stays).await;
                }
            });
        }
        Blow::Restart(pause) => {
            orders.send_replace(Order::Restart(number, pause));
        }
        Blow::Kill(pause) => {
            orders.send_replace(Order::Kill(number, pause));
        }
    }
}

/// Everything works: waits until all is answered, and sees that it stays so.
async fn calm(account: &Account, plan: &Plan, ledger: &Ledger) -> Vec<String> {
    account.trace.note(format_args!("calm"), &[]);
    account.network.set(Weather::default());
    account.sim.control().clear_faults();
    if plan.recycle {
        account.sim.control().messaging().close_sockets(None, 1001, "recycled");
    }
    let script: Duration = plan
        .consumers
        .iter()
        .map(|script| script.lasts())
        .max()
        .unwrap_or_default();
    tokio::time::sleep(script.saturating_sub(account.elapsed())).await;
    let complaints = || ledger.complaints(&conversations(account), plan.consumers.len());
    let until = account.elapsed() + REST;
    loop {
        let mut found = complaints();
        if found.is_empty() {
            tokio::time::sleep(STILL).await;
            // A link that has just lost its socket may wait longer than that. What is lost or doubled stays so.
            found = complaints();
            if found.is_empty() {
                return found;
            }
        }
        if account.elapsed() > until {
            return found;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// All conversations as the simulator stored them.
fn conversations(account: &Account) -> Vec<Value> {
    let messaging = account.sim.control().messaging();
    let state = messaging.state();
    let ids = state["conversations"].as_array().into_iter().flatten();
    ids.filter_map(|one| messaging.conversation(one["conversationId"].as_str()?))
        .collect()
}
