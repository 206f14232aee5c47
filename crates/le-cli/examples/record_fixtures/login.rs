//! The Login Service: every refusal that the catalogue knows, and the three calls of a session.

use std::sync::Arc;

use le_auth::{AppCredentials, Login, LoginCredentials, UserCredentials};
use le_domain::Lookup;
use le_sim::{Behaviour, FaultAction, FaultPlan, FaultRule, LoginErrors, LoginLimit, UserState};

use crate::Fallible;
use crate::simulator::Stage;

/// Records all cases.
pub(crate) async fn cases(stage: &Stage) -> Fallible<()> {
    session(stage).await?;
    application(stage).await?;
    refused_logins(stage).await
}

fn login(stage: &Stage) -> Fallible<Login> {
    let domain = stage.domain(stage.account(), Lookup::All)?;
    Ok(Login::new(
        stage.client(stage.account())?.with_discover(Arc::new(domain)),
    ))
}

/// The first user, with a right or a wrong password.
fn user(stage: &Stage, right: bool) -> Fallible<LoginCredentials> {
    let user = stage.sim.users().first().ok_or("the simulated account has no user")?;
    let password = if right {
        user.password.as_str()
    } else {
        "not-the-password"
    };
    Ok(LoginCredentials::User(UserCredentials::new(
        user.login_name.as_str(),
        password,
    )))
}

/// Login, refresh and logout, and the last two again when the session is gone.
async fn session(stage: &Stage) -> Fallible<()> {
    let login = login(stage)?;
    stage.recorder.wait_for("login.login", "user");
    let mut grant = login.login(user(stage, true)?).await?;
    stage.recorded("user")?;
    stage.recorder.wait_for("login.refresh", "prolonged");
    login.refresh(&mut grant).await?;
    stage.recorded("prolonged")?;
    stage.recorder.wait_for("login.logout", "ended");
    login.logout(&grant).await?;
    stage.recorded("ended")?;
    stage.recorder.wait_for("login.refresh", "session_gone");
    let _ = login.refresh(&mut grant).await;
    stage.recorded("session_gone")?;
    stage.recorder.wait_for("login.logout", "session_gone");
    let _ = login.logout(&grant).await;
    stage.recorded("session_gone")
}

/// A bot user with an API key, and the same where the account lacks the feature.
async fn application(stage: &Stage) -> Fallible<()> {
    let bot = stage
        .sim
        .users()
        .iter()
        .find_map(|user| Some((user, user.app_key.as_deref()?)));
    let (bot, app_key) = bot.ok_or("the simulated account has no bot with an API key")?;
    let key = stage
        .sim
        .account()
        .api_key(app_key)
        .ok_or("the bot's API key does not exist")?;
    let credentials = AppCredentials::oauth1(
        bot.login_name.as_str(),
        key.app_key.as_str(),
        key.secret.as_str(),
        key.access_token.as_str(),
        key.access_token_secret.as_str(),
    );
    stage.recorder.wait_for("login.login", "application");
    login(stage)?.login(LoginCredentials::App(credentials.clone())).await?;
    stage.recorded("application")?;
    stage.sim.control().adjust(|behaviour| behaviour.bot_users = false);
    stage.recorder.wait_for("login.login", "bot_users_not_enabled");
    let _ = login(stage)?.login(LoginCredentials::App(credentials)).await;
    stage.sim.control().reset();
    stage.recorded("bot_users_not_enabled")
}

async fn refused_logins(stage: &Stage) -> Fallible<()> {
    refused(stage, "wrong_password", false, |_, _| {}).await?;
    for (case, state) in [
        ("locked", UserState::Locked),
        ("password_expired", UserState::PasswordExpired),
        ("password_must_change", UserState::MustChangePassword),
        ("second_factor", UserState::MfaRequired),
        ("blocked", UserState::Blocked),
    ] {
        refused(stage, case, true, move |behaviour, user| {
            behaviour.users.insert(user.to_owned(), state);
        })
        .await?;
    }
    refused(stage, "throttled", true, |behaviour, _| {
        let limit = LoginLimit {
            attempts: 0,
            per_ms: 60_000,
            retry_after_s: Some(5),
        };
        behaviour.login_limit = Some(limit);
    })
    .await?;
    refused(stage, "error_as_text", false, |behaviour, _| {
        behaviour.login_errors = LoginErrors::Text
    })
    .await?;
    refused(stage, "error_in_success", false, |behaviour, _| {
        behaviour.login_errors = LoginErrors::ObjectInSuccess
    })
    .await?;
    let rule = FaultRule::new(FaultAction::status(500)).route("login.login");
    stage.sim.control().set_faults(FaultPlan::new(0).with(rule))?;
    refused(stage, "server_error", true, |_, _| {}).await
}

/// Records a login that fails under a changed behaviour, and puts the behaviour back.
async fn refused(
    stage: &Stage,
    case: &str,
    right_password: bool,
    change: impl FnOnce(&mut Behaviour, &str),
) -> Fallible<()> {
    let name = stage
        .sim
        .users()
        .first()
        .map(|user| user.login_name.clone())
        .unwrap_or_default();
    stage.sim.control().adjust(|behaviour| change(behaviour, &name));
    stage.recorder.wait_for("login.login", case);
    let refused = login(stage)?.login(user(stage, right_password)?).await.is_err();
    stage.sim.control().reset();
    stage.recorded(case)?;
    if refused {
        Ok(())
    } else {
        Err(format!("{case}: the login was not refused").into())
    }
}
