//! The successes against a real account, from the environment (`LE_ACCOUNT_ID`, `LE_USERNAME`, `LE_PASSWORD` ...) or a profile.
//!
//! Only reads and one session of its own: nothing is changed, and no login is made to fail, which could lock the user.

use std::sync::Arc;

use le_auth::settings::Credential;
use le_auth::{Login, Settings};
use le_core::auth::StaticBearer;
use le_core::transport::HttpTransport;
use le_core::{Client, Timestamp};
use le_domain::{Domain, Lookup};

use crate::recorder::{Recorder, Sample};
use crate::{Fallible, history};

/// Records what can be recorded without harm.
pub(crate) async fn record() -> Fallible<(serde_json::Value, Vec<Sample>)> {
    let settings = Settings::load()?;
    let account = settings.account()?;
    let Credential::Login(credentials) = settings.credential()? else {
        return Err(
            "--live logs in: set LE_USERNAME and LE_PASSWORD, or LE_USERNAME and an application's secrets".into(),
        );
    };
    let recorder = Recorder::new(Arc::new(transport(&settings)?));
    let client = Client::builder(account.clone())
        .transport(Arc::<Recorder>::clone(&recorder))
        .trusted_hosts(settings.trusted_hosts())
        .build()?;

    let domain = |lookup| {
        let builder = Domain::builder(account.clone())
            .client(client.clone())
            .lookup(lookup)
            .fallback(false);
        match settings.domain_host() {
            Some(host) => builder.host(host).build(),
            None => builder.build(),
        }
    };
    recorder.wait_for("domain.service", "one");
    domain(Lookup::Single)?.service("msgHist").await?;
    recorder.wait_for("domain.service", "unknown_service");
    let _ = domain(Lookup::Single)?.service("noSuchService").await;
    recorder.wait_for("domain.all_services", "list");
    let all = domain(Lookup::All)?;
    all.all().await?;

    let client = client.with_discover(Arc::new(all));
    let login = Login::new(client.clone());
    recorder.wait_for("login.login", "user");
    let mut grant = login.login(credentials).await?;
    let read = async {
        recorder.wait_for("login.refresh", "prolonged");
        login.refresh(&mut grant).await?;
        let bearer = Arc::new(StaticBearer::new(grant.bearer().clone()));
        history::record(&client.with_authorize(bearer), &recorder, Timestamp::now()).await
    }
    .await;
    // The session ends whatever the reads came to.
    recorder.wait_for("login.logout", "ended");
    login.logout(&grant).await?;
    read?;
    Ok((serde_json::json!({ "source": "live" }), recorder.take()))
}

fn transport(settings: &Settings) -> Fallible<HttpTransport> {
    let mut builder = HttpTransport::builder();
    if let Some(file) = settings.ca_file() {
        builder = builder.add_root_pem(&std::fs::read(file)?)?;
    }
    if let Some(proxy) = settings.proxy() {
        builder = builder.proxy(proxy);
    }
    Ok(builder.build()?)
}
