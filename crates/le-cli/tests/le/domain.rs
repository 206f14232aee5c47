//! `le domain`

use le_sim::Leaf;

use crate::stage::{Stage, ran};

#[test]
fn all_services_or_one_for_scripts() {
    let stage = Stage::new(1);
    let host = stage.sim().csds();
    let all = stage.run("domain").succeeds();
    assert!(all.out.lines().next().unwrap().starts_with("SERVICE"), "{all:?}");
    assert!(
        all.out
            .lines()
            .any(|line| line.split_whitespace().eq(["msgHist", host.as_str()])),
        "{all:?}"
    );
    assert_eq!(stage.run("domain msgHist").succeeds().out, format!("{host}\n"));
    let mut one = stage.run("domain agentVep --json").succeeds().json();
    one["baseURI"] = "[host]".into();
    insta::assert_json_snapshot!(one, @r#"
    {
      "account": "70011223",
      "baseURI": "[host]",
      "service": "agentVep"
    }
    "#);
    let json = stage.run("domain --json").succeeds().json();
    assert_eq!(json["services"]["agentVep"], host);
    assert_eq!(json["bootstrap"], host);
}

#[test]
fn what_is_not_there_ends_with_6() {
    let stage = Stage::new(1);
    stage.run("domain msghist").ends_with(6).says("did you mean `msgHist`?");
    let error = stage.run("domain --account 70011224 --json").ends_with(6).error();
    assert_eq!(error["kind"], "discovery");
    assert_eq!(error["status"], 401);
    assert!(error["advice"].as_str().unwrap().contains("account id"));
}

#[test]
fn a_certificate_that_nobody_vouches_for_ends_with_8() {
    let stage = Stage::new(1);
    ran(stage.le().env_remove("LE_CA_FILE").arg("domain"))
        .ends_with(8)
        .says("certificate is not trusted");
    let stage = Stage::with(1, |builder| builder.leaf(Leaf::SelfSigned));
    stage.run("domain").ends_with(8).says("certificate is not trusted");
}

#[test]
fn a_plain_simulator_is_reached_over_http() {
    let stage = Stage::new(1);
    let plain = format!("http://{}", stage.sim().plain_csds());
    ran(stage.le().args(["domain", "msgHist", "--domain-host", &plain]))
        .succeeds()
        .says("localhost:");
}
