//! `le login`, and where its settings come from.

use le_sim::UserState;

use crate::stage::{Stage, ran};

#[test]
fn shows_who_it_is_and_logs_out() {
    let stage = Stage::new(1);
    let text = stage
        .run("login")
        .succeeds()
        .says(&stage.user().user_id)
        .says("lasts 8 h 0 min");
    assert!(text.out.starts_with("account "), "{text:?}");
    let mut json = stage.run("whoami --json").succeeds().json();
    assert!(json["server_clock_ahead_ms"].as_i64().unwrap().abs() < 60_000);
    json["server_clock_ahead_ms"] = 0.into();
    insta::assert_json_snapshot!(json);
    assert_eq!(stage.control().requests_to("login.logout"), 2);
    assert!(stage.control().sessions().is_empty());
}

#[test]
fn no_secret_is_shown_even_in_the_most_talkative_logs() {
    let stage = Stage::new(20);
    let export = stage
        .run("-vvv conversations export --last 400d --out all.jsonl")
        .succeeds();
    assert!(export.err.contains("TRACE"), "{}", export.err.len());
    let wrong = ran(stage.le().env("LE_PASSWORD", "hunter2-secret").args(["-vvv", "login"])).ends_with(4);
    for said in [&export.out, &export.err, &wrong.out, &wrong.err] {
        for secret in [stage.user().password.as_str(), "hunter2-secret", "Bearer "] {
            assert!(!said.contains(secret), "{secret} is in the logs");
        }
    }
}

#[test]
fn refusals_have_their_codes() {
    let stage = Stage::new(1);
    let name = stage.user().login_name.clone();
    let wrong = ran(stage.le().env("LE_PASSWORD", "wrong").args(["login", "--json"])).ends_with(4);
    insta::assert_json_snapshot!(wrong.error());
    assert!(wrong.out.is_empty());
    stage.control().set_user_state(&name, UserState::Blocked);
    stage.run("login").ends_with(5).says("what to do");
    ran(stage.anonymous().arg("login")).ends_with(3).says("LE_USERNAME");
    ran(stage.anonymous().env("LE_USERNAME", &name).arg("login"))
        .ends_with(3)
        .says("LE_PASSWORD");
    ran(stage.anonymous().env("LE_BEARER", "b").arg("login"))
        .ends_with(3)
        .says("needs no login");
}

#[test]
fn through_a_proxy_to_the_vendors_hosts() {
    let stage = Stage::with(5, |builder| builder.proxy(true));
    let proxy = format!("http://{}", stage.sim().proxy().unwrap());
    ran(stage
        .le()
        .env_remove("LE_DOMAIN_HOST")
        .args(["login", "--proxy", &proxy]))
    .succeeds()
    .says(&stage.user().user_id);
    ran(stage
        .le()
        .env_remove("LE_DOMAIN_HOST")
        .env("HTTPS_PROXY", &proxy)
        .arg("doctor"))
    .succeeds();
}

#[test]
fn a_credential_does_not_go_to_a_host_that_is_not_trusted() {
    let stage = Stage::with(5, |builder| builder.proxy(true).names(["gateway.example.net"]));
    let proxy = format!("http://{}", stage.sim().proxy().unwrap());
    let arguments = ["login", "--domain-host", "gateway.example.net", "--proxy", &proxy];
    ran(stage.le().args(arguments))
        .ends_with(3)
        .says("is not trusted with a credential")
        .says("--trust-host");
    let key = &stage.sim().api_keys()[0];
    let mut with_key = stage.anonymous();
    with_key
        .env("LE_APP_KEY", &key.app_key)
        .env("LE_APP_SECRET", &key.secret)
        .env("LE_ACCESS_TOKEN", &key.access_token)
        .env("LE_ACCESS_TOKEN_SECRET", &key.access_token_secret)
        .args(["doctor", "--domain-host", "gateway.example.net", "--proxy", &proxy]);
    ran(&mut with_key).ends_with(3).says("is not trusted");
    assert_eq!(stage.control().requests_to("login.login"), 0);
    assert_eq!(stage.control().requests_to("messaging_interactions.search"), 0);
    ran(stage.le().args(arguments).args(["--trust-host", "localhost"])).succeeds();
}

#[cfg(unix)]
mod profile {
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn config(stage: &Stage) -> std::path::PathBuf {
        let folder = stage.file(".config/le");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("config.toml");
        let user = stage.user();
        let text = format!(
            "[profile.default]\naccount = \"{}\"\nusername = \"{}\"\npassword = \"{}\"\ndomain_host = \"{}\"\n\
             ca_file = \"../../ca.pem\"\n[profile.other]\naccount = \"1\"\n",
            stage.sim().account().id,
            user.login_name,
            user.password,
            stage.sim().csds()
        );
        write(&file, text).unwrap();
        set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        file
    }

    fn bare(stage: &Stage) -> std::process::Command {
        crate::stage::le(stage.home.path())
    }

    #[test]
    fn everything_can_come_from_a_profile_and_a_flag_goes_first() {
        let stage = Stage::new(1);
        let file = config(&stage);
        ran(bare(&stage).arg("login")).succeeds().says(&stage.user().user_id);
        ran(bare(&stage).args(["login", "--account", "999"])).ends_with(6);
        ran(bare(&stage).args(["login", "--profile", "other"]))
            .ends_with(3)
            .says("LE_USERNAME");
        ran(bare(&stage).env("LE_PROFILE", "none").arg("login"))
            .ends_with(3)
            .says("[profile.none]");
        ran(bare(&stage).args(["login", "--config", "missing.toml"]))
            .ends_with(3)
            .says("missing.toml");
        let doctor = ran(bare(&stage).arg("doctor")).succeeds();
        doctor.says(&format!("password from profile default in {}", file.display()));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_command_that_helps() {
        let stage = Stage::new(1);
        let file = config(&stage);
        set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        for command in ["login", "doctor"] {
            let refused = ran(bare(&stage).arg(command))
                .ends_with(3)
                .says("chmod 600")
                .says("640");
            assert!(!refused.err.contains(&stage.user().password));
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let stage = Stage::new(1);
        // A folder in its place cannot be read by anybody, whoever runs the tests.
        std::fs::create_dir_all(stage.file("folder.toml")).unwrap();
        set_permissions(stage.file("folder.toml"), Permissions::from_mode(0o700)).unwrap();
        ran(bare(&stage).args(["login", "--config", "folder.toml"]))
            .ends_with(3)
            .says("folder.toml");
    }
}
