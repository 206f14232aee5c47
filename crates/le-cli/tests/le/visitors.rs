//! `le attributes send` and `le visitor`, against le-sim.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::stage::{Ran, Stage, end, ran};

fn typed(command: &mut Command, lines: &str) -> Ran {
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    end(child)
}

fn json_of(run: &Ran) -> Value {
    serde_json::from_str(&run.out).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[test]
fn a_file_is_sent_and_its_session_gone_on_with() {
    let stage = Stage::new(10);
    let app = stage.sim().app_installation_id().to_owned();
    let cart = json!([{ "type": "cart", "total": 61.4, "numItems": 2, "currency": "EUR" }]);
    std::fs::write(stage.file("cart.json"), cart.to_string()).unwrap();
    let send = |arguments: &[&str]| {
        let mut command = stage.anonymous();
        ran(command
            .args(["attributes", "send", "--json", "--app", &app])
            .args(arguments))
        .succeeds()
    };
    let opened = json_of(&send(&["cart.json", "--by", "engagement"]));
    assert_eq!(
        (&opened["attributes"], &opened["newSession"]),
        (&json!(1), &json!(true))
    );
    let (vid, sid) = (text(&opened, "vid"), text(&opened, "sid"));
    let session = ["--vid", vid, "--sid", sid];
    let again = json_of(&send(&[&["cart.json"][..], &session].concat()));
    assert_eq!((text(&again, "sid"), &again["newSession"]), (sid, &json!(false)));

    // From outside, with an API key.
    let key = &stage.sim().api_keys()[0];
    let outcome = r#"{"type":"service","service":{"topic":"card","status":13}}"#;
    std::fs::write(stage.file("outcome.json"), outcome).unwrap();
    let mut command = stage.anonymous();
    command
        .env("LE_APP_KEY", &key.app_key)
        .env("LE_APP_SECRET", &key.secret)
        .env("LE_ACCESS_TOKEN", &key.access_token)
        .env("LE_ACCESS_TOKEN_SECRET", &key.access_token_secret)
        .args(["attributes", "send", "outcome.json", "--by", "visit"])
        .args(session);
    let run = ran(&mut command).succeeds();
    assert!(run.out.contains("1 attribute(s) sent in 1 request(s)"), "{}", run.out);
    let visit = stage.control().monitoring().visit(vid).unwrap().to_string();
    assert!(visit.contains("61.4") && visit.contains("card"), "{visit}");
}

#[test]
fn nothing_is_sent_of_a_file_with_a_fault() {
    let stage = Stage::new(10);
    let app = stage.sim().app_installation_id().to_owned();
    for (content, says) in [
        (
            r#"[{"type":"lead","lead":{"topic":"a"}},{"type":"cart","numItems":2}]"#,
            "attributes[1]",
        ),
        ("[7]", "attributes[0]"),
    ] {
        std::fs::write(stage.file("bad.json"), content).unwrap();
        let mut command = stage.anonymous();
        let run = ran(command.args(["attributes", "send", "bad.json", "--app", &app]));
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains(says), "{}", run.err);
    }
    std::fs::write(stage.file("good.json"), r#"{"type":"lead","lead":{"topic":"a"}}"#).unwrap();
    let mut command = stage.anonymous();
    let run = ran(command.args(["attributes", "send", "good.json"]));
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--app"), "{}", run.err);
    assert!(stage.control().monitoring().visitors().is_empty());
}

#[test]
fn what_no_page_names_is_told_and_sent() {
    let stage = Stage::new(10);
    let app = stage.sim().app_installation_id().to_owned();
    let lead = r#"{"type":"lead","lead":{"topic":"a","worth":7}}"#;
    let told = "`lead` has no member `lead.worth`; it is sent as it is";
    std::fs::write(stage.file("lead.json"), lead).unwrap();
    let mut command = stage.anonymous();
    let sent = ran(command.args(["attributes", "send", "lead.json", "--by", "engagement", "--app", &app])).succeeds();
    assert!(sent.err.contains(told), "{}", sent.err);
    let mut command = stage.anonymous();
    let said = typed(command.args(["visitor", "--app", &app]), &format!("{lead}\n")).succeeds();
    assert!(said.err.contains(told), "{}", said.err);
    let visitors = stage.control().monitoring().visitors();
    assert_eq!(visitors.len(), 2);
}

#[test]
fn a_visitor_types_events_and_sees_what_is_offered() {
    let stage = Stage::new(10);
    let app = stage.sim().app_installation_id().to_owned();
    let lines = "cart 161.40 2 EUR\nsearch return policy\ndance\nerror Card refused\n/engagement\n/shown\n/accept\n/start\n/ids\n/quit\n";
    let mut command = stage.anonymous();
    let run = typed(
        command.args(["visitor", "--json", "--app", &app, "--at", "https://shop.example/cart"]),
        lines,
    )
    .succeeds();
    assert!(run.err.contains("wrong:"), "{}", run.err);
    let ids: Value = serde_json::from_str(run.out.lines().last().unwrap()).unwrap();
    let visit = stage
        .control()
        .monitoring()
        .visit(text(&ids, "vid"))
        .unwrap()
        .to_string();
    for reported in ["161.4", "Card refused"] {
        assert!(visit.contains(reported), "{reported}: {visit}");
    }
    assert!(
        run.out.contains("\"interactionContextId\""),
        "an engagement was offered: {}",
        run.out
    );
    let mut command = stage.anonymous();
    let run = typed(
        command.args([
            "visitor",
            "--app",
            &app,
            "--vid",
            text(&ids, "vid"),
            "--sid",
            text(&ids, "sid"),
        ]),
        "/ids\n",
    )
    .succeeds();
    assert!(
        run.out.contains(text(&ids, "sid")),
        "the session is gone on with: {}",
        run.out
    );
    let mut command = stage.anonymous();
    let run = typed(
        command.args(["visitor", "--app", "0a0b0c0d-1111-4222-8333-444455556666"]),
        "search x\n",
    );
    assert_eq!(run.code, 6, "{}", run.err);
    assert!(run.err.contains("app installation id"), "{}", run.err);
}
