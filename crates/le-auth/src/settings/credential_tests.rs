use std::collections::HashMap;

use super::super::{Field, Settings};
use super::*;

fn load(code: &[(Field, &str)], environment: &[(&str, &str)]) -> Settings {
    let environment: HashMap<String, String> = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let mut loader = Settings::loader().environment(move |name| environment.get(name).cloned());
    for (field, value) in code {
        loader = loader.set(*field, *value);
    }
    loader.load().unwrap()
}

fn kind(settings: &Settings) -> &'static str {
    settings.credential().unwrap().kind()
}

#[test]
fn the_fields_tell_the_kind() {
    let user = [("LE_USERNAME", "u"), ("LE_PASSWORD", "p")];
    let key = [("LE_APP_KEY", "k"), ("LE_APP_SECRET", "s")];
    let token = [("LE_ACCESS_TOKEN", "t"), ("LE_ACCESS_TOKEN_SECRET", "ts")];
    assert_eq!(kind(&load(&[], &user)), "user login");
    assert_eq!(kind(&load(&[], &[&key[..], &token].concat())), "API key");
    assert_eq!(kind(&load(&[], &[&user[..1], &key, &token].concat())), "app login");
    let oauth2 = load(&[], &[&user[..1], &key].concat()).credential().unwrap();
    let Credential::Login(login) = oauth2 else {
        panic!("an app login");
    };
    assert_eq!(login.body().unwrap()["accessToken"], "none");
    assert_eq!(kind(&load(&[], &[&user[..], &[("LE_BEARER", "b")]].concat())), "bearer");
}

#[test]
fn code_goes_before_the_environment() {
    let environment = [("LE_USERNAME", "u"), ("LE_PASSWORD", "p"), ("LE_ACCOUNT_ID", "1")];
    let settings = load(&[(Field::Account, "2"), (Field::Bearer, "b")], &environment);
    assert_eq!(settings.account().unwrap().as_str(), "2");
    assert_eq!(settings.origin(Field::Account), Some(super::super::Origin::Code));
    assert_eq!(kind(&settings), "bearer");
}

#[test]
fn a_password_is_not_tried_with_another_users_name() {
    let environment = [("LE_USERNAME", "u"), ("LE_PASSWORD", "p")];
    let error = load(&[(Field::Username, "other")], &environment)
        .credential()
        .unwrap_err()
        .to_string();
    assert!(error.contains("LE_PASSWORD (`password` in a profile)"), "{error}");
    assert_eq!(kind(&load(&[(Field::Username, "u")], &environment)), "user login");
    assert_eq!(
        kind(&load(
            &[(Field::Username, "other"), (Field::Password, "q")],
            &environment
        )),
        "user login"
    );
    let only_password = [("LE_PASSWORD", "p")];
    assert_eq!(kind(&load(&[(Field::Username, "u")], &only_password)), "user login");
}

#[test]
fn what_is_missing_is_named() {
    let error = |environment: &[(&str, &str)]| load(&[], environment).credential().unwrap_err().to_string();
    let none = error(&[("LE_PASSWORD", "p")]);
    assert!(none.contains("LE_USERNAME and LE_PASSWORD"), "{none}");
    let key = error(&[("LE_APP_KEY", "k"), ("LE_ACCESS_TOKEN", "t")]);
    assert!(
        key.contains("LE_APP_SECRET") && key.contains("LE_ACCESS_TOKEN_SECRET"),
        "{key}"
    );
    assert!(!key.contains("LE_ACCESS_TOKEN ("), "what is set is not named: {key}");
    let app = error(&[("LE_USERNAME", "u"), ("LE_APP_KEY", "k")]);
    assert!(app.contains("LE_APP_SECRET"), "{app}");
    let both = error(&[("LE_USERNAME", "u"), ("LE_PASSWORD", "p"), ("LE_APP_KEY", "k")]);
    assert!(both.contains("remove one"), "{both}");
    let empty = error(&[("LE_USERNAME", "u"), ("LE_PASSWORD", "  ")]);
    assert!(
        empty.contains("LE_PASSWORD"),
        "a variable set to nothing is not set: {empty}"
    );
}

#[test]
fn a_wrong_account_says_where_it_comes_from() {
    let error = load(&[], &[("LE_ACCOUNT_ID", "https://1")])
        .account()
        .unwrap_err()
        .to_string();
    assert!(error.contains("(from LE_ACCOUNT_ID)"), "{error}");
    let error = load(&[], &[]).account().unwrap_err().to_string();
    assert!(error.contains("set LE_ACCOUNT_ID"), "{error}");
}

#[test]
fn no_value_is_shown() {
    let environment = [
        ("LE_USERNAME", "max@example.org"),
        ("LE_PASSWORD", "hunter2"),
        ("LE_PROXY", "http://u:pw9@p"),
    ];
    let settings = load(&[(Field::AccessToken, "at9")], &environment);
    let text = format!("{settings:?} {:?}", settings.credential().unwrap());
    for secret in ["max@", "hunter2", "pw9", "at9"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(text.contains("password: <LE_PASSWORD>"), "{text}");
}

#[test]
fn hosts_are_trusted_besides_the_vendors() {
    let settings = load(&[], &[("LE_TRUSTED_HOSTS", "localhost, 127.0.0.1")]);
    let trusted = settings.trusted_hosts();
    for host in ["localhost:1", "127.0.0.1", "va.idp.liveperson.net"] {
        assert!(trusted.allows(&host.parse().unwrap()), "{host}");
    }
    assert!(!trusted.allows(&"example.org".parse().unwrap()));
}
