//! Ends of sockets and what follows; addresses that show no credential.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use http::StatusCode;
use le_bots::close::{CLOSE_CODES, Reconnect, code};
use le_bots::socket::consumer_authorization;
use le_bots::{Close, NextStep, Recovery, SocketUrl};
use le_core::{AccountId, BaseUri, ErrorKind, Secret, TrustedHosts};

fn first_step(close: &Close) -> NextStep {
    Recovery::default().closed(close)
}

#[test]
fn every_documented_code_has_its_step() {
    for known in CLOSE_CODES {
        let expected = match known.reconnect {
            Reconnect::NewToken => NextStep::RenewCredential,
            Reconnect::ExtendIdentity => NextStep::ExtendIdentity,
            _ => NextStep::Reconnect,
        };
        assert_eq!(
            first_step(&Close::by_server(known.code, "")),
            expected,
            "{}",
            known.code
        );
    }
    assert_eq!(first_step(&Close::by_server(4401, "")), NextStep::RenewCredential);
    assert_eq!(first_step(&Close::by_server(4407, "")), NextStep::ExtendIdentity);
    assert_eq!(first_step(&Close::by_server(1001, "")), NextStep::Reconnect);
}

#[test]
fn other_codes_keep_the_token_but_the_vendors_own_do_not() {
    assert_eq!(first_step(&Close::by_server(1012, "")), NextStep::Reconnect);
    assert_eq!(first_step(&Close::broken()), NextStep::Reconnect);
    let mut recovery = Recovery::default();
    assert_eq!(recovery.closed(&Close::by_server(4500, "")), NextStep::RenewCredential);
    assert_eq!(
        recovery.closed(&Close::by_server(4500, "")),
        NextStep::Reconnect,
        "a new token did not help"
    );
}

#[test]
fn a_reason_without_a_status_can_blame_the_identity() {
    let blamed = Close::by_server(code::NO_STATUS.code, "Identity token is INVALID");
    assert_eq!(first_step(&blamed), NextStep::ExtendIdentity);
    assert_eq!(
        first_step(&Close::by_server(code::NO_STATUS.code, "bye")),
        NextStep::Reconnect
    );
    assert!(!format!("{blamed:?} {blamed}").to_lowercase().contains("identity token"));
}

#[test]
fn a_bad_credential_is_not_sent_round_in_circles() {
    let expired = Close::by_server(code::TOKEN_EXPIRED.code, "");
    let mut recovery = Recovery::default();
    recovery.opened();
    assert_eq!(recovery.closed(&expired), NextStep::RenewCredential);
    assert_eq!(
        recovery.closed(&Close::broken()),
        NextStep::Reconnect,
        "the network is not the credential's fault"
    );
    assert_eq!(recovery.closed(&expired), NextStep::GiveUp);

    recovery.opened();
    assert_eq!(
        recovery.closed(&expired),
        NextStep::RenewCredential,
        "it worked in between"
    );
    recovery.opened();
    let failing = Close::by_server(code::SERVER_ERROR.code, "");
    assert_eq!(recovery.closed(&failing), NextStep::RenewCredential);
    assert_eq!(
        recovery.closed(&failing),
        NextStep::Reconnect,
        "1011 is a failing server after all"
    );
}

#[test]
fn refused_upgrades() {
    for (status, step) in [
        (401, NextStep::RenewCredential),
        (403, NextStep::GiveUp),
        (404, NextStep::GiveUp),
        (429, NextStep::Reconnect),
        (502, NextStep::Reconnect),
        (200, NextStep::GiveUp),
    ] {
        assert_eq!(
            Recovery::default().refused(StatusCode::from_u16(status).unwrap()),
            step,
            "{status}"
        );
    }
    assert_eq!(Recovery::default().closed(&Close::requested()), NextStep::Stay);
    assert_eq!(Recovery::default().unreachable(), NextStep::Reconnect);
}

#[test]
fn addresses_show_no_bearer_and_go_to_trusted_hosts_only() {
    let account = AccountId::new("70000001").unwrap();
    let bearer = Secret::new("s3cr3t+/= ");
    let local = TrustedHosts::vendor().with_host("127.0.0.1");
    let base = BaseUri::plain("127.0.0.1:9000").unwrap();
    let url = SocketUrl::agent(&base, &account, &bearer, &local).unwrap();
    assert_eq!(
        url.expose(),
        "ws://127.0.0.1:9000/ws_api/account/70000001/messaging/brand/s3cr3t%2B%2F%3D%20?v=2.1"
    );
    assert!(!format!("{url} {url:?}").contains("s3cr3t"));

    let consumer = SocketUrl::consumer(&base, &account, &local).unwrap();
    assert_eq!(
        consumer.expose(),
        "ws://127.0.0.1:9000/ws_api/account/70000001/messaging/consumer?v=3"
    );

    let error = SocketUrl::agent(&base, &account, &bearer, &TrustedHosts::vendor()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert!(!error.to_string().contains("s3cr3t"));
    let empty = SocketUrl::agent(&base, &account, &Secret::new(""), &local).unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::Configuration);
}

#[test]
fn the_consumers_header_is_sensitive() {
    let header = consumer_authorization(&Secret::new("e.y.J")).unwrap();
    assert_eq!(header.to_str().unwrap(), "jwt e.y.J");
    assert!(header.is_sensitive() && !format!("{header:?}").contains("e.y.J"));
    assert!(consumer_authorization(&Secret::new("a\nb")).is_err());
}
