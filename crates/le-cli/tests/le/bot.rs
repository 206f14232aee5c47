//! `le bot`: an echo and a script as processes, with somebody at the terminal.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::messaging::Terminal;
use crate::stage::{Stage, le, ran};

const SCRIPT: &str = include_str!("../../examples/shop.toml");

#[test]
fn one_command_shows_a_bot_and_a_consumer_to_talk_to() {
    let home = tempfile::tempdir().unwrap();
    let mut command = le(home.path());
    command.args(["bot", "echo", "--sim"]);
    let mut terminal = Terminal::open("echo", &mut command);
    terminal.says("you are the consumer");
    terminal.says("an agent is here");
    terminal.types("Is anybody there?");
    terminal.says("agent: You said: Is anybody there?");
    terminal.types("/close");
    // The account has a survey.
    terminal.says("a few questions");
    terminal.types("/close");
    terminal.says("the conversation is over");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(
        std::fs::read_dir(home.path()).unwrap().count(),
        0,
        "it leaves nothing behind"
    );
}

#[test]
fn a_script_greets_answers_shows_a_card_and_hands_over() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("shop.toml"), SCRIPT).unwrap();
    let mut command = le(home.path());
    command.args(["bot", "run", "--script", "shop.toml", "--sim"]);
    let mut terminal = Terminal::open("script", &mut command);
    terminal.says("I am the bot of the shop");
    terminal.says("[1] My order  [2] Kettles  [3] A person");
    terminal.types("1");
    terminal.says("What is the number of your order?");
    terminal.types("order 471100");
    terminal.says("I have found your order 471100.");
    terminal.says("arrives tomorrow");
    terminal.types("show me a kettle");
    terminal.says("Blue kettle");
    terminal.says("[1] Buy");
    terminal.types("Buy");
    terminal.says("The kettle is yours");
    terminal.types("what is the meaning of life");
    terminal.says("I did not understand that");
    terminal.types("why");
    terminal.says("A colleague will answer you");
    terminal.says("you are handed over");
    terminal.types("/quit");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_script_is_checked_before_anything_is_sent() {
    let stage = Stage::new(0);
    std::fs::write(stage.file("good.toml"), SCRIPT).unwrap();
    ran(stage.le().args(["bot", "run", "--script", "good.toml", "--check"]))
        .succeeds()
        .says("good.toml: 8 rules");
    let bad = "[[rule]]\nmatch = { any = true }\nreplay = \"x\"\n";
    std::fs::write(stage.file("bad.toml"), bad).unwrap();
    for check in [&["--check"][..], &[]] {
        ran(stage.le().args(["bot", "run", "--script", "bad.toml"]).args(check))
            .ends_with(2)
            .says("line 3: unknown field `replay`");
    }
    assert_eq!(stage.control().logins().len(), 0);
    ran(stage.le().args(["bot", "run", "--script", "missing.toml"])).says("missing.toml");
}

#[cfg(unix)]
#[test]
fn ctrl_c_gives_conversations_back_and_logs_out() {
    let stage = Stage::new(0);
    let mut command = stage.le();
    command.args(["bot", "echo", "--state", "echo.redb"]);
    let terminal = Terminal::open("bot", &mut command);
    terminal.says("online; Ctrl-C");
    let window = stage.control().messaging();
    let consumer = window
        .open_consumer(le_sim::NewConsumer::default())
        .unwrap()
        .consumer_id;
    let conversation = window
        .start_conversation(&consumer, Some(stage.user().skills[0]))
        .unwrap();
    window.say(&consumer, "hello").unwrap();
    let begun = Instant::now();
    let heard = || {
        window
            .inbox(&consumer)
            .unwrap()
            .iter()
            .any(|frame| frame.to_string().contains("You said: hello"))
    };
    while !heard() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the bot does not answer");
        std::thread::sleep(Duration::from_millis(10));
    }
    terminal.gets("INT");
    terminal.says("handing back 1 conversation(s)");
    assert_eq!(terminal.ends(), 0);
    let now = window.conversation(&conversation).unwrap();
    assert_eq!(now["stage"], "OPEN");
    let role = |participant: &Value| participant["role"].as_str().unwrap().to_owned();
    let roles: Vec<_> = now["participants"].as_array().unwrap().iter().map(role).collect();
    assert_eq!(roles, ["CONSUMER"], "the conversation waits for somebody else");
    assert!(stage.control().sessions().is_empty(), "it logs out");
    assert!(stage.file("echo.redb").exists());
}

#[test]
fn a_consumer_whose_token_ends_comes_back_as_the_same_one() {
    let stage = Stage::new(0);
    let mut command = stage.anonymous();
    command.args(["chat", "--skill", &stage.user().skills[0].to_string()]);
    let mut terminal = Terminal::open("chat", &mut command);
    let line = terminal.says("somebody will be with you").pop().unwrap();
    let id = line.split(' ').nth(2).unwrap().trim_end_matches(';').to_owned();
    terminal.types("one");
    let window = stage.control().messaging();
    let said = |count: usize| {
        let begun = Instant::now();
        loop {
            let now = window.conversation(&id).unwrap();
            let events = now["events"].as_array().unwrap();
            let by = |event: &Value| (event["role"] == "CONSUMER").then(|| event["by"].to_string());
            let authors: Vec<_> = events.iter().filter_map(by).collect();
            if authors.len() == count {
                return authors;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{authors:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let first = said(1).remove(0);
    // Anonymous tokens last for ten minutes; the socket closes with 4407.
    window.advance(Duration::from_secs(700));
    terminal.says("coming back with a new credential");
    terminal.types("two");
    assert_eq!(said(2), [first.clone(), first]);
    terminal.types("/quit");
    assert_eq!(terminal.ends(), 0);
}
