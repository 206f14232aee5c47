//! Every case of the catalogue against le-sim: a fixed seed, and a clock that stands still, so that each run says the same.

use std::sync::Arc;
use std::time::Duration;

use le_auth::ApiKey;
use le_core::clock::{Clock, Sleep};
use le_core::retry::RetryPolicy;
use le_core::transport::HttpTransport;
use le_core::{AccountId, Authorize, Client, Timestamp, TrustedHosts};
use le_data::Data;
use le_domain::{Domain, Lookup};
use le_sim::{FaultAction, FaultPlan, FaultRule, Sim, SimClock};

use crate::Fallible;
use crate::history::{self, Found};
use crate::recorder::{Recorder, Sample};

const SEED: u64 = 7;
/// 2030-01-01T09:00:00Z.
const NOW_MILLIS: i64 = 1_893_488_400_000;

/// The simulator's time, for the client: signatures carry it.
#[derive(Debug)]
struct SimTime(SimClock);

impl Clock for SimTime {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.now_ms())
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now_ms()).unwrap_or(0))
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// What the cases share.
pub(crate) struct Stage {
    pub(crate) sim: Sim,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Stage {
    async fn set() -> Fallible<Self> {
        let clock = SimClock::manual(NOW_MILLIS);
        let sim = Sim::builder()
            .seed(SEED)
            .conversations(200)
            .clock(clock.clone())
            .start()
            .await?;
        let recorder = Recorder::new(Arc::new(HttpTransport::builder().no_proxy().build()?));
        Ok(Self {
            sim,
            recorder,
            clock: Arc::new(SimTime(clock)),
        })
    }

    /// A client that asks once: each answer is a sample.
    pub(crate) fn client(&self, account: &str) -> Fallible<Client> {
        let client = Client::builder(AccountId::new(account)?)
            .transport(Arc::<Recorder>::clone(&self.recorder))
            .trusted_hosts(TrustedHosts::vendor().with_host("localhost").with_host("127.0.0.1"))
            .clock(Arc::clone(&self.clock))
            .retry(RetryPolicy::never())
            .build()?;
        Ok(client)
    }

    pub(crate) fn domain(&self, account: &str, lookup: Lookup) -> Fallible<Domain> {
        let host = format!("http://{}", self.sim.plain_csds());
        let domain = Domain::builder(AccountId::new(account)?)
            .client(self.client(account)?)
            .host(host)
            .lookup(lookup)
            .fallback(false)
            .build()?;
        Ok(domain)
    }

    pub(crate) fn account(&self) -> &str {
        &self.sim.account().id
    }

    /// The client with discovery and a credential.
    pub(crate) fn authorized(&self, authorize: Arc<dyn Authorize>) -> Fallible<Client> {
        let domain = self.domain(self.account(), Lookup::All)?;
        Ok(self
            .client(self.account())?
            .with_discover(Arc::new(domain))
            .with_authorize(authorize))
    }

    /// An API key of the account, with another secret where one is given.
    pub(crate) fn api_key(&self, index: usize, secret: Option<&str>) -> Fallible<Arc<dyn Authorize>> {
        let key = self
            .sim
            .api_keys()
            .get(index)
            .ok_or("the simulated account has no such API key")?;
        let secret = secret.unwrap_or(&key.secret);
        let key = ApiKey::new(
            key.app_key.as_str(),
            secret,
            key.access_token.as_str(),
            key.access_token_secret.as_str(),
        )?;
        Ok(Arc::new(key.with_clock(Arc::clone(&self.clock))))
    }

    /// Fails where the answer that was waited for did not come.
    pub(crate) fn recorded(&self, case: &str) -> Fallible<()> {
        if self.recorder.has_come() {
            Ok(())
        } else {
            Err(format!("{case}: no answer was recorded").into())
        }
    }
}

/// Records all cases.
pub(crate) async fn record() -> Fallible<(serde_json::Value, Vec<Sample>)> {
    let stage = Stage::set().await?;
    domain_cases(&stage).await?;
    crate::login::cases(&stage).await?;
    history_cases(&stage).await?;
    crate::data_apis::cases(&stage).await?;
    crate::consumer::cases(&stage).await?;
    crate::visitors::cases(&stage).await?;
    let samples = stage.recorder.take();
    stage.sim.stop().await;
    let origin = serde_json::json!({ "source": "le-sim", "version": env!("CARGO_PKG_VERSION"), "seed": SEED });
    Ok((origin, samples))
}

async fn domain_cases(stage: &Stage) -> Fallible<()> {
    let recorder = &stage.recorder;
    let account = stage.account();
    for (lookup, operation, known, unknown) in [
        (Lookup::All, "domain.all_services", "list", "unknown_account"),
        (Lookup::Single, "domain.service", "one", "unknown_account"),
    ] {
        recorder.wait_for(operation, known);
        stage.domain(account, lookup)?.service("msgHist").await?;
        stage.recorded(known)?;
        recorder.wait_for(operation, unknown);
        let _ = stage.domain("nosuchaccount", lookup)?.service("msgHist").await;
        stage.recorded(unknown)?;
    }
    recorder.wait_for("domain.service", "unknown_service");
    let _ = stage.domain(account, Lookup::Single)?.service("noSuchService").await;
    stage.recorded("unknown_service")?;
    stage
        .sim
        .control()
        .adjust(|behaviour| behaviour.single_lookup_answers_list = true);
    recorder.wait_for("domain.service", "as_list");
    stage.domain(account, Lookup::Single)?.service("msgHist").await?;
    stage
        .sim
        .control()
        .adjust(|behaviour| behaviour.single_lookup_answers_list = false);
    stage.recorded("as_list")
}

async fn history_cases(stage: &Stage) -> Fallible<()> {
    let client = stage.authorized(stage.api_key(0, None)?)?;
    let found = history::record(&client, &stage.recorder, stage.clock.now()).await?;

    let stranger = stage.authorized(stage.api_key(0, Some("another-secret"))?)?;
    refusals(stage, &stranger, &found, "signature_invalid").await?;
    let unprivileged = stage.authorized(stage.api_key(1, None)?)?;
    refusals(stage, &unprivileged, &found, "forbidden").await?;

    for (case, action) in [
        ("throttled", FaultAction::retry_after(429, 2)),
        ("unavailable", FaultAction::status(503)),
    ] {
        let rule = FaultRule::new(action).route("messaging_interactions.*");
        stage.sim.control().set_faults(FaultPlan::new(SEED).with(rule))?;
        refusals(stage, &client, &found, case).await?;
        stage.sim.control().clear_faults();
    }
    Ok(())
}

/// Records the same refusal of all three operations.
async fn refusals(stage: &Stage, client: &Client, found: &Found, case: &str) -> Fallible<()> {
    let conversations = Data::new(client.clone()).conversations();
    stage.recorder.wait_for("messaging_interactions.search", case);
    let _ = conversations.search(history::range(stage.clock.now())).page().await;
    stage.recorded(case)?;
    stage.recorder.wait_for("messaging_interactions.conversation", case);
    let _ = conversations.by_id(found.conversation.clone()).get_raw().await;
    stage.recorded(case)?;
    stage.recorder.wait_for("messaging_interactions.consumer", case);
    let _ = conversations.by_consumer(found.consumer.clone()).page().await;
    stage.recorded(case)
}
