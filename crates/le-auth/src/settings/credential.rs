//! Which credential the fields of the settings make.

use std::collections::BTreeMap;
use std::fmt;

use le_core::{Error, Secret};

use super::{Field, Layer};
use crate::api_key::ApiKey;
use crate::credentials::{AppCredentials, LoginCredentials, UserCredentials};

/// A credential of the settings.
///
/// * `bearer`: sent as it is.
/// * `username` and `password`: a user's login.
/// * `username`, `app_key` and `app_secret`: a bot user's login, with `access_token` and `access_token_secret` by an OAuth 1.0 key,
///   without them by an OAuth 2.0 bot application.
/// * `app_key`, `app_secret`, `access_token` and `access_token_secret` without `username`: OAuth 1.0a signatures.
#[derive(Clone)]
#[non_exhaustive]
pub enum Credential {
    /// For a [`Session`](crate::Session).
    Login(LoginCredentials),
    /// Signs each call.
    ApiKey(ApiKey),
    /// For a [`StaticBearer`](le_core::auth::StaticBearer).
    Bearer(Secret),
}

impl Credential {
    /// `user login`, `app login`, `API key` or `bearer`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Login(LoginCredentials::User(_)) => "user login",
            Self::Login(LoginCredentials::App(_)) => "app login",
            Self::ApiKey(_) => "API key",
            Self::Bearer(_) => "bearer",
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}, <redacted>)", self.kind())
    }
}

/// The fields that name whose credential it is.
const NAMES: [Field; 3] = [Field::Bearer, Field::Username, Field::AppKey];
/// The fields that make credentials.
const PARTS: [Field; 6] = [
    Field::Username,
    Field::Password,
    Field::AppKey,
    Field::AppSecret,
    Field::AccessToken,
    Field::AccessTokenSecret,
];

/// What can be combined: the value of each field, and the rank of its source.
struct View<'a>(BTreeMap<Field, (usize, &'a Secret)>);

pub(super) fn resolve(layers: &[Layer]) -> Result<Credential, Error> {
    let named = |layer: &Layer| NAMES.iter().any(|name| layer.values.contains_key(name));
    let Some(anchor) = layers.iter().position(named) else {
        return Err(Error::configuration("no credential is set").with_advice(
            "set LE_USERNAME and LE_PASSWORD, or LE_APP_KEY, LE_APP_SECRET, LE_ACCESS_TOKEN and LE_ACCESS_TOKEN_SECRET, or a profile",
        ));
    };
    if let Some(bearer) = layers[anchor].values.get(&Field::Bearer) {
        return Ok(Credential::Bearer(bearer.clone()));
    }
    let view = View::new(layers, anchor);
    match (
        view.rank(Field::Username),
        view.rank(Field::AppKey),
        view.rank(Field::Password),
    ) {
        (Some(_), Some(app), Some(password)) if app == password => {
            let fields = format!("{} and {}", shown(Field::Password), shown(Field::AppKey));
            Err(
                Error::configuration(format!("both {fields} are set for one login, from the same source"))
                    .with_advice("remove one of them"),
            )
        }
        (Some(_), Some(app), password) if password.is_none_or(|password| app < password) => view.app_login(),
        (Some(_), _, _) => view.user_login(),
        (None, _, _) => view.api_key(),
    }
}

impl<'a> View<'a> {
    /// All layers, but those after `anchor` only as far as they name nobody else.
    fn new(layers: &'a [Layer], anchor: usize) -> Self {
        let mut view = Self(BTreeMap::new());
        for (rank, layer) in layers.iter().enumerate() {
            let other = |name: &Field| match (view.0.get(name), layer.values.get(name)) {
                (Some((_, ours)), Some(theirs)) => *ours != theirs,
                _ => false,
            };
            if rank > anchor && (layer.values.contains_key(&Field::Bearer) || NAMES.iter().any(other)) {
                continue;
            }
            for part in PARTS {
                if let Some(value) = layer.values.get(&part) {
                    view.0.entry(part).or_insert((rank, value));
                }
            }
        }
        view
    }

    fn rank(&self, field: Field) -> Option<usize> {
        self.0.get(&field).map(|(rank, _)| *rank)
    }

    /// The values of these fields, or an error that names those without one.
    fn values<const N: usize>(&self, what: &str, fields: [Field; N]) -> Result<[Secret; N], Error> {
        let missing: Vec<String> = fields
            .into_iter()
            .filter(|field| !self.0.contains_key(field))
            .map(shown)
            .collect();
        if !missing.is_empty() {
            return Err(Error::configuration(format!("{what} needs {}", missing.join(" and ")))
                .with_advice("set what is missing in the environment or the profile"));
        }
        Ok(fields.map(|field| {
            self.0
                .get(&field)
                .map_or_else(|| Secret::new(""), |(_, value)| (*value).clone())
        }))
    }

    fn user_login(&self) -> Result<Credential, Error> {
        let [username, password] = self.values("a login", [Field::Username, Field::Password])?;
        let user = UserCredentials::new(username.expose(), password);
        Ok(Credential::Login(user.into()))
    }

    fn app_login(&self) -> Result<Credential, Error> {
        let has_token = [Field::AccessToken, Field::AccessTokenSecret]
            .iter()
            .any(|field| self.0.contains_key(field));
        let [username, key, secret] =
            self.values("a bot user's login", [Field::Username, Field::AppKey, Field::AppSecret])?;
        if !has_token {
            let app = AppCredentials::oauth2(username.expose(), key.expose(), secret);
            return Ok(Credential::Login(app.into()));
        }
        let [token, token_secret] = self.values(
            "a bot user's login with an OAuth 1.0 key",
            [Field::AccessToken, Field::AccessTokenSecret],
        )?;
        let app = AppCredentials::oauth1(username.expose(), key.expose(), secret, token, token_secret);
        Ok(Credential::Login(app.into()))
    }

    fn api_key(&self) -> Result<Credential, Error> {
        let fields = [
            Field::AppKey,
            Field::AppSecret,
            Field::AccessToken,
            Field::AccessTokenSecret,
        ];
        let [key, secret, token, token_secret] = self.values("an API key", fields)?;
        ApiKey::new(key.expose(), secret, token, token_secret).map(Credential::ApiKey)
    }
}

fn shown(field: Field) -> String {
    format!("{} (`{}` in a profile)", field.variable(), field.key())
}

#[cfg(test)]
#[path = "credential_tests.rs"]
mod tests;
