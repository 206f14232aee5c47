//! Consumer authentication: the connectors of the account, and what the identity provider gives and refuses.

use std::sync::Arc;

use le_auth::consumer::{Connector, Idp};
use le_core::{Client, Error, Secret};
use le_domain::Lookup;

use crate::Fallible;
use crate::simulator::Stage;

/// A token of a brand over `{"sub":"crm-000417","exp":1}`: over since 1970.
const EXPIRED: &str = "e30.eyJzdWIiOiJjcm0tMDAwNDE3IiwiZXhwIjoxfQ.c2ln";

/// Records all cases.
pub(crate) async fn cases(stage: &Stage) -> Fallible<()> {
    let idp = Idp::new(&client(stage, stage.account())?);
    let stranger = Idp::new(&client(stage, "nosuchaccount")?);
    let connector = connectors(stage, &idp, &stranger).await?;
    anonymous(stage, &idp, &connector).await?;
    brand(stage, &idp, &connector).await?;
    signup(stage, &idp).await
}

/// A client of an account that finds the hosts of the simulated one, so that a service itself meets an unknown account.
fn client(stage: &Stage, account: &str) -> Fallible<Client> {
    let domain = stage.domain(stage.account(), Lookup::All)?;
    Ok(stage.client(account)?.with_discover(Arc::new(domain)))
}

/// Gives the id of the connector of anonymous consumers.
async fn connectors(stage: &Stage, idp: &Idp, stranger: &Idp) -> Fallible<String> {
    const ALL: &str = "connectors.all";
    stage.recorder.wait_for(ALL, "list");
    let list = idp.connectors().await?;
    stage.recorded("list")?;
    stage.recorder.wait_for(ALL, "unknown_account");
    refused(stage, "unknown_account", stranger.connectors().await)?;
    let anonymous = list.iter().find(|connector| connector.is_anonymous());
    let id = anonymous.and_then(Connector::id_text);
    Ok(id.ok_or("the simulated account has no connector for anonymous consumers")?)
}

/// Both steps of an anonymous consumer, and a longer life for it.
async fn anonymous(stage: &Stage, idp: &Idp, connector: &str) -> Fallible<()> {
    const AUTHORIZE: &str = "idp.anonymous_authorize";
    stage.recorder.wait_for(AUTHORIZE, "new");
    let external = idp.authorize_anonymous(None).await?;
    stage.recorded("new")?;
    stage.recorder.wait_for(AUTHORIZE, "prolonged");
    let external = idp.authorize_anonymous(Some(&external)).await?;
    stage.recorded("prolonged")?;
    stage.recorder.wait_for("idp.app_authenticate", "anonymous");
    idp.authenticate(connector, &external).await?;
    stage.recorded("anonymous")?;
    stage.recorder.wait_for(AUTHORIZE, "token_unknown");
    let unknown = Secret::new("nobody");
    refused(stage, "token_unknown", idp.authorize_anonymous(Some(&unknown)).await)?;
    stage.recorder.wait_for(AUTHORIZE, "not_enabled");
    allow_anonymous(stage, false);
    let outcome = idp.authorize_anonymous(None).await;
    allow_anonymous(stage, true);
    refused(stage, "not_enabled", outcome)
}

/// Consumers whom the brand has authenticated, through a connector and the older way.
async fn brand(stage: &Stage, idp: &Idp, connector: &str) -> Fallible<()> {
    let (newer, older) = ("idp.app_authenticate", "idp.authenticate");
    stage.recorder.wait_for(older, "code");
    idp.authenticate_by_code(&Secret::new("crm-000417")).await?;
    stage.recorded("code")?;
    let malformed = Secret::new("no.web.token");
    for (case, token) in [("token_expired", Secret::new(EXPIRED)), ("not_a_jwt", malformed)] {
        stage.recorder.wait_for(newer, case);
        refused(stage, case, idp.authenticate(connector, &token).await)?;
        stage.recorder.wait_for(older, case);
        refused(stage, case, idp.authenticate_by_code(&token).await)?;
    }
    Ok(())
}

/// The older way of an anonymous consumer.
async fn signup(stage: &Stage, idp: &Idp) -> Fallible<()> {
    stage.recorder.wait_for("idp.signup", "new");
    idp.sign_up().await?;
    stage.recorded("new")?;
    stage.recorder.wait_for("idp.signup", "not_enabled");
    allow_anonymous(stage, false);
    let outcome = idp.sign_up().await;
    allow_anonymous(stage, true);
    refused(stage, "not_enabled", outcome)
}

fn allow_anonymous(stage: &Stage, yes: bool) {
    stage
        .sim
        .control()
        .adjust(|behaviour| behaviour.messaging.anonymous = yes);
}

/// Fails where the answer did not come, or was no refusal.
fn refused<T>(stage: &Stage, case: &str, outcome: Result<T, Error>) -> Fallible<()> {
    stage.recorded(case)?;
    match outcome {
        Err(_) => Ok(()),
        Ok(_) => Err(format!("{case}: the call was not refused").into()),
    }
}
