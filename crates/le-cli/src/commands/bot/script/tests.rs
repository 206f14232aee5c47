//! Scripts, right and wrong.

use super::{Fault, Script};

fn faults(text: &str) -> Vec<String> {
    match Script::read(text) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(Fault::to_string).collect(),
    }
}

/// The one fault of a script.
#[track_caller]
fn fault(text: &str) -> String {
    let mut found = faults(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[test]
fn the_script_of_the_documents_is_right() {
    let script = Script::read(include_str!("../../../../examples/shop.toml")).unwrap();
    assert_eq!(script.rules.len(), 8);
    assert_eq!(script.escalation.unwrap().after, 2);
}

#[test]
fn a_fault_names_the_line_and_the_rule() {
    let text = "[bot]\nno_match = \"?\"\n\n[[rule]]\nmatch = { any = true }\nreply = \"a\"\n\n[[rule]]\nname = \"late\"\nmatch = { contains = \"b\" }\nreply = \"b\"\n";
    assert_eq!(
        fault(text),
        "line 8, rule \"late\": it is never reached: rule 1 before it fits everything"
    );
}

#[test]
fn every_fault_is_told_at_once_in_the_order_of_lines() {
    let text = r#"
[[rule]]
match = { contains = "a", any = true }
reply = "a"

[[rule]]
match = { regex = "(" }
reply = "b"

[[rule]]
match = { press = "c" }

[[rule]]
reply = "d"

[[rule]]
match = { contains = "e" }
ttr = { type = "SOON", seconds = 5 }
transfer = { skill = 1 }
close = true
"#;
    let found = faults(text);
    let starts = [
        "line 3, rule 1: `match` has 2 conditions",
        "line 7, rule 2: the regular expression is wrong",
        "line 10, rule 3: nothing follows",
        "line 13, rule 4: it has no `match`",
        "line 16, rule 5: it has both `transfer` and `close`",
        "line 18, rule 5: `ttr` has the type \"SOON\"",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for (found, start) in found.iter().zip(starts) {
        assert!(found.starts_with(start), "{found}");
    }
}

#[test]
fn what_nobody_knows_and_what_is_no_toml_is_told_with_its_line() {
    assert!(fault("[[rule]]\nmatch = { any = true }\nreplay = \"x\"\n").starts_with("line 3: unknown field `replay`"));
    assert!(fault("[[rule]]\nmatch = { all = true }\nreply = \"x\"\n").contains("unknown field `all`"));
    assert!(
        fault("\n\n[[rule]\n").starts_with("line 3"),
        "{}",
        fault("\n\n[[rule]\n")
    );
    assert!(fault("").contains("there is no [[rule]]"));
}

#[test]
fn a_value_of_the_wrong_kind_is_answered_by_what_belongs_there() {
    for (rule, says) in [
        (
            "match = \"hello\"",
            "expected what it fits, such as { contains = \"hello\" }",
        ),
        ("match = { contains = 5 }", "a text, or a list of texts, was expected"),
        ("quick_replies = [5]", "a title, or a button such as {"),
        ("card = \"Blue kettle\"", "expected a card, such as {"),
        (
            "transfer = 700388830",
            "expected where to, such as { skill = 700388830 }",
        ),
        ("ttr = \"URGENT\"", "expected a time to respond, such as {"),
    ] {
        let told = fault(&format!("[[rule]]\n{rule}\n"));
        assert!(told.starts_with("line 2: ") && told.contains(says), "{told}");
    }
    let told = fault("rule = [5]\n");
    assert!(told.contains("expected a table that begins with `[[rule]]`"), "{told}");
    let told = fault("bot = 5\n");
    assert!(told.contains("expected a table with the keys of `[bot]`"), "{told}");
}

#[test]
fn what_the_vendor_refuses_is_refused_here() {
    let long = "x".repeat(200);
    let card = format!("[[rule]]\nmatch = {{ any = true }}\n[rule.card]\ntitle = \"t\"\nbuttons = [\"{long}\"]\n");
    let found = faults(&card);
    assert!(
        found
            .iter()
            .any(|fault| fault.starts_with("line 3, rule 1: the `card`:")),
        "{found:#?}"
    );
    let lonely = "[[rule]]\nmatch = { any = true }\nnote = \"n\"\nquick_replies = [\"a\"]\n";
    assert!(fault(lonely).contains("stand below a message"));
    let empty = "[[rule]]\nmatch = { any = true }\ncard = {}\n";
    assert!(faults(empty).iter().any(|fault| fault.contains("the `card` is empty")));
    let way_out = "[bot]\nescalate_after = 2\n[[rule]]\nmatch = { any = true }\nreply = \"x\"\n";
    assert!(fault(way_out).starts_with("line 2: `escalate_after` needs `escalate_to`"));
}
