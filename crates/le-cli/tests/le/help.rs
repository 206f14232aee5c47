//! Help, completions, colours, usage.

use crate::stage::{Stage, le, ran};

fn help(arguments: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    ran(le(home.path()).args(arguments)).succeeds().out
}

#[test]
fn the_exit_codes_stand_in_the_help() {
    let help = help(&["--help"]);
    let (_, table) = help.split_once("Exit codes").unwrap();
    insta::assert_snapshot!(format!("Exit codes{table}"));
}

#[test]
fn every_command_has_help_with_its_purpose() {
    for (command, purpose) in [
        #[cfg(feature = "sim")]
        ("demo", "session that the server ends"),
        #[cfg(feature = "sim")]
        ("sim", "\"ready\":true"),
        ("domain", "Domain API"),
        ("login", "No token is ever shown"),
        ("doctor", "exit code is that of the first failure"),
        ("agent", "rings, accept, reply, transfer, close"),
        ("chat", "LE_CONSUMER_JWT"),
        ("watch", "It takes no conversation"),
        ("completions", "le completions bash"),
    ] {
        let text = help(&[command, "--help"]).replace('\n', " ");
        assert!(text.contains(purpose), "{command}: {text}");
    }
    for (command, purpose) in [
        ("types", "catalogue that this program was built with"),
        ("validate", "never its value"),
    ] {
        let text = help(&["attributes", command, "--help"]).replace('\n', " ");
        assert!(text.contains(purpose), "{command}: {text}");
    }
    for (command, purpose) in [("echo", "says everything back"), ("run", "[[rule]]")] {
        let text = help(&["bot", command, "--help"]);
        assert!(text.contains(purpose), "{command}: {text}");
    }
    let text = help(&["conversations", "export", "--help"]);
    insta::assert_snapshot!(text);
}

#[test]
fn wrong_usage_ends_with_2() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [
        &[][..],
        &["fly"],
        &["domain", "--account"],
        &["conversations", "export"],
        &["conversations", "export", "--last", "seven days"],
        &["conversations", "get"],
        &["completions", "tcl"],
    ] {
        ran(le(home.path()).args(arguments)).ends_with(2);
    }
    ran(le(home.path()).args(["conversations", "export", "--from", "2026-02-01", "--to", "2026-01-01"])).ends_with(2);
}

#[test]
fn wrong_usage_is_told_to_machines_too() {
    let home = tempfile::tempdir().unwrap();
    let run = ran(le(home.path()).args(["conversations", "export", "--json", "--last", "soon"])).ends_with(2);
    let error = run.error();
    assert_eq!(
        (error["kind"].as_str(), error["exit_code"].as_u64()),
        (Some("usage"), Some(2))
    );
    assert!(error["message"].as_str().unwrap().contains("--last"), "{error}");
    assert!(
        ran(le(home.path()).args(["--json", "--version"]))
            .succeeds()
            .out
            .starts_with("le ")
    );
}

#[test]
fn a_missing_account_is_named_with_all_ways_to_give_it() {
    let home = tempfile::tempdir().unwrap();
    ran(le(home.path()).arg("domain"))
        .ends_with(3)
        .says("--account")
        .says("LE_ACCOUNT_ID");
    ran(le(home.path()).args(["domain", "--account", "https://70011223"]))
        .ends_with(3)
        .says("1 to 20 letters");
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = help(&["completions", shell]);
        for word in ["conversations", "doctor", "look-ahead"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
}

#[test]
fn colours_follow_the_terminal_the_flag_and_no_color() {
    let stage = Stage::new(5);
    let colored = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = stage.le();
        command.envs(variables.iter().copied()).arg("doctor").args(arguments);
        ran(&mut command).succeeds().out.contains('\u{1b}')
    };
    assert!(!colored(&[], &[]), "no colours in a pipe");
    assert!(colored(&[], &["--color", "always"]));
    assert!(colored(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1")], &["--color=never"]));
}
