//! Checks of what a login body claims.

use serde_json::Value;
use subtle::ConstantTimeEq as _;

use crate::{
    account::{User, UserType},
    behaviour::UserState,
    login::{Refusal, is_served_version},
    world::World,
};

/// A login that may begin a session.
#[derive(Debug)]
pub(super) struct Accepted<'a> {
    pub(super) user: &'a User,
    pub(super) application: bool,
}

/// What the body claims.
#[derive(Debug)]
enum Claim {
    Password(String),
    Application {
        app_key: String,
        secret: String,
        access_token: String,
        access_token_secret: String,
    },
}

/// Checks a login from the outside in: form, account, limits, states, and the credential last.
pub(super) fn accepted<'a>(world: &'a World, account: &str, query: &str, body: &[u8]) -> Result<Accepted<'a>, Refusal> {
    if !is_served_version(query) {
        return Err(Refusal::bad_request("the query parameter v must be 1.3"));
    }
    let (name, claim) = claim(body)?;
    if account != world.account.id {
        return Err(Refusal::unknown_account());
    }
    let behaviour = world.behaviour();
    let now_ms = world.clock.now_ms();
    if let Some(limit) = behaviour.login_limit
        && !world.sessions().admits(&name, limit, now_ms)
    {
        return Err(Refusal::throttled(limit.retry_after_s));
    }
    let state = behaviour.user_state(&name);
    if behaviour.account_blocked || state == UserState::Blocked {
        return Err(Refusal::blocked());
    }
    if state == UserState::Locked || world.sessions().is_locked(&name, now_ms) {
        return Err(Refusal::locked());
    }
    let user = world.account.user(&name);
    let checked = user.ok_or_else(Refusal::wrong_credential).and_then(|user| {
        check(world, user, &claim).map(|()| Accepted {
            user,
            application: matches!(claim, Claim::Application { .. }),
        })
    });
    match checked {
        Ok(accepted) if !accepted.user.enabled => Err(Refusal::disabled()),
        Ok(accepted) if accepted.application => Ok(accepted),
        Ok(accepted) => after_password(state).map(|()| accepted),
        Err(refusal) => {
            if refusal == Refusal::wrong_credential() {
                world.sessions().failed(&name, behaviour.lockout, now_ms);
            }
            Err(refusal)
        }
    }
}

fn claim(body: &[u8]) -> Result<(String, Claim), Refusal> {
    let body: Value =
        serde_json::from_slice(body).map_err(|_| Refusal::bad_request("the body must be a JSON object"))?;
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let require =
        |name: &str| text(name).ok_or_else(|| Refusal::bad_request(format!("{name} must be a text that is not empty")));
    if !body.is_object() {
        return Err(Refusal::bad_request("the body must be a JSON object"));
    }
    if body.get("jwt").is_some() || body.get("assertion").is_some() {
        return Err(Refusal::assertion_unsupported());
    }
    let name = require("username")?;
    if body.get("appKey").is_some() {
        let claim = Claim::Application {
            app_key: require("appKey")?,
            secret: require("secret")?,
            access_token: require("accessToken")?,
            access_token_secret: require("accessTokenSecret")?,
        };
        return Ok((name, claim));
    }
    // The page of 2017 writes the name with a capital; every client sends it in lower case.
    let password = text("Password").map_or_else(|| require("password"), Ok)?;
    Ok((name, Claim::Password(password)))
}

fn check(world: &World, user: &User, claim: &Claim) -> Result<(), Refusal> {
    let same = |a: &str, b: &str| bool::from(a.as_bytes().ct_eq(b.as_bytes()));
    match claim {
        Claim::Password(password) if same(password, &user.password) => Ok(()),
        Claim::Password(_) => Err(Refusal::wrong_credential()),
        Claim::Application {
            app_key,
            secret,
            access_token,
            access_token_secret,
        } => {
            if user.user_type != UserType::Bot {
                return Err(Refusal::wrong_credential());
            }
            if !world.behaviour().bot_users {
                return Err(Refusal::bots_not_enabled());
            }
            if let Some(client) = world.oauth_client(app_key) {
                // The token fields are deprecated in this form and may hold anything but nothing.
                let linked = client.login_name == user.login_name && same(secret, &client.client_secret);
                return if linked {
                    Ok(())
                } else {
                    Err(Refusal::wrong_credential())
                };
            }
            let key = world.account.api_key(app_key).filter(|key| {
                user.app_key.as_deref() == Some(app_key)
                    && same(secret, &key.secret)
                    && same(access_token, &key.access_token)
                    && same(access_token_secret, &key.access_token_secret)
            });
            match key {
                None => Err(Refusal::wrong_credential()),
                Some(key) if key.privileges.iter().any(|privilege| privilege == "User Login") => Ok(()),
                Some(_) => Err(Refusal::key_may_not_log_in()),
            }
        }
    }
}

/// States that a right password leads into.
fn after_password(state: UserState) -> Result<(), Refusal> {
    match state {
        UserState::PasswordExpired => Err(Refusal::password_expired()),
        UserState::MustChangePassword => Err(Refusal::must_change_password()),
        UserState::MfaRequired => Err(Refusal::mfa_required()),
        UserState::Normal | UserState::Blocked | UserState::Locked => Ok(()),
    }
}
