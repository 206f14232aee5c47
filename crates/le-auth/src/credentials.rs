//! What a login proves itself with. None of it is ever printed.

use std::fmt;

use le_core::{Error, Secret};
use serde_json::{Map, Value};

/// A person's (or a bot user's) login name and password.
///
/// The login name is personal: `Debug` hides it too.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCredentials {
    username: String,
    password: Secret,
}

impl UserCredentials {
    /// A login name (often an e-mail address) and its password.
    #[must_use]
    pub fn new(username: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            username: username.into(),
            password: password.into(),
        }
    }
}

/// The credentials of an application that logs in as a bot user.
///
/// The account needs the feature "User Type - Bot"; the key needs the permission *User Login*; the app key must stand in the
/// record of the bot user. <https://developers.liveperson.com/login-service-api-methods-application-login.html>
#[derive(Clone, PartialEq, Eq)]
pub struct AppCredentials {
    username: String,
    app_key: String,
    secret: Secret,
    access_token: Secret,
    access_token_secret: Secret,
}

/// What stands for the two values that OAuth 2.0 does not have: the service wants them to be there and ignores them.
const PLACEHOLDER: &str = "none";

impl AppCredentials {
    /// The four values of an OAuth 1.0 API key.
    ///
    /// LivePerson ended its support for bot logins with these on 30 September 2025 and announced their end for 30 April 2026:
    /// prefer [`AppCredentials::oauth2`].
    #[must_use]
    pub fn oauth1(
        username: impl Into<String>,
        app_key: impl Into<String>,
        secret: impl Into<Secret>,
        access_token: impl Into<Secret>,
        access_token_secret: impl Into<Secret>,
    ) -> Self {
        Self {
            username: username.into(),
            app_key: app_key.into(),
            secret: secret.into(),
            access_token: access_token.into(),
            access_token_secret: access_token_secret.into(),
        }
    }

    /// `client_id` and `client_secret` of an OAuth 2.0 bot application.
    #[must_use]
    pub fn oauth2(username: impl Into<String>, client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self::oauth1(username, client_id, client_secret, PLACEHOLDER, PLACEHOLDER)
    }
}

/// What a [`Login`](crate::Login) or a [`Session`](crate::Session) proves itself with.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginCredentials {
    /// Login name and password.
    User(UserCredentials),
    /// An application that logs in as a bot user.
    App(AppCredentials),
}

impl LoginCredentials {
    /// The login name. It may be an e-mail address: do not log it.
    #[must_use]
    pub fn username(&self) -> &str {
        match self {
            Self::User(user) => &user.username,
            Self::App(app) => &app.username,
        }
    }

    /// `user` or `app`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::App(_) => "app",
        }
    }

    /// The body of the login call, all of whose fields are required.
    pub(crate) fn body(&self) -> Result<Value, Error> {
        let fields = match self {
            Self::User(user) => vec![
                ("username", user.username.as_str()),
                ("password", user.password.expose()),
            ],
            Self::App(app) => vec![
                ("username", app.username.as_str()),
                ("appKey", app.app_key.as_str()),
                ("secret", app.secret.expose()),
                ("accessToken", app.access_token.expose()),
                ("accessTokenSecret", app.access_token_secret.expose()),
            ],
        };
        if let Some((name, _)) = fields.iter().find(|(_, value)| value.is_empty()) {
            let message = format!("the field `{name}` of the {} login is empty", self.kind());
            return Err(Error::configuration(message).with_advice("all fields of a login must be set"));
        }
        let fields: Map<String, Value> = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect();
        Ok(Value::Object(fields))
    }
}

impl From<UserCredentials> for LoginCredentials {
    fn from(user: UserCredentials) -> Self {
        Self::User(user)
    }
}

impl From<AppCredentials> for LoginCredentials {
    fn from(app: AppCredentials) -> Self {
        Self::App(app)
    }
}

impl fmt::Debug for UserCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCredentials(<redacted>)")
    }
}

impl fmt::Debug for AppCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppCredentials(<redacted>)")
    }
}

impl fmt::Debug for LoginCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoginCredentials::{}(<redacted>)", self.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_the_fields_of_the_page() {
        let user = LoginCredentials::from(UserCredentials::new("ops@example.org", "p"));
        assert_eq!(
            user.body().unwrap(),
            serde_json::json!({"username": "ops@example.org", "password": "p"})
        );
        let app = LoginCredentials::from(AppCredentials::oauth2("night-bot", "id", "s"));
        assert_eq!(
            app.body().unwrap(),
            serde_json::json!({"username": "night-bot", "appKey": "id", "secret": "s",
                "accessToken": "none", "accessTokenSecret": "none"})
        );
    }

    #[test]
    fn an_empty_field_is_named_before_anything_is_sent() {
        let app = LoginCredentials::from(AppCredentials::oauth1("bot", "k", "s", "", "ts"));
        let error = app.body().unwrap_err().to_string();
        assert!(error.contains("`accessToken`"), "{error}");
    }

    #[test]
    fn debug_shows_nothing() {
        let user = UserCredentials::new("max@example.org", "hunter2");
        let app = AppCredentials::oauth1("bot9", "k9", "s9", "t9", "ts9");
        let text = format!("{user:?}{app:?}{:?}", LoginCredentials::from(user.clone()));
        for secret in ["max", "hunter2", "bot9", "k9", "s9", "t9"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
