use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use le_attributes::app_backend::{
    BackendService, NotificationType, PushHandler, PushNotification, PushReceiver, PushRefusal, PushService,
    SenderCheck,
};
use le_core::wire::{RawRecord, Record};

use super::*;

const APN: &str = include_str!("../../../../fixtures/crafted/push/apn.json");
const GCM: &str = include_str!("../../../../fixtures/crafted/push/gcm.json");
const QUIRKS: &str = include_str!("../../../../fixtures/crafted/push/quirks.json");
const OUTBOUND: &str = include_str!("../../../../fixtures/crafted/push/outbound.json");

/// Keeps what it gets; fails as often as it is told to; waits where it is told to.
#[derive(Default)]
struct Phone {
    got: Mutex<Vec<String>>,
    failures: Mutex<Vec<PushRefusal>>,
    gate: Option<Arc<tokio::sync::Semaphore>>,
}

#[async_trait]
impl PushHandler for Phone {
    async fn deliver(&self, push: &Record<PushNotification>) -> Result<(), PushRefusal> {
        if let Some(gate) = &self.gate {
            gate.acquire().await.map_err(|_| PushRefusal::Failed)?.forget();
        }
        if let Some(refusal) = self.failures.lock().unwrap().pop() {
            return Err(refusal);
        }
        self.got.lock().unwrap().push(push.raw().as_str().to_owned());
        Ok(())
    }
}

fn receiver(phone: &Arc<Phone>, clock: &TestClock) -> PushReceiver {
    let phone: Arc<dyn PushHandler> = Arc::clone(phone) as _;
    PushReceiver::new(phone, SenderCheck::basic("lp", "pass")).clock(Arc::new(clock.clone()))
}

async fn push(router: &Router, body: impl Into<Body>) -> Answer {
    let basic = format!("Basic {}", STANDARD.encode("lp:pass"));
    call(router, "POST", "/push", &[("authorization", &basic)], body).await
}

fn read(json: &str) -> Record<PushNotification> {
    RawRecord::new(json.trim()).unwrap().decode().unwrap()
}

#[test]
fn both_layouts_read_alike() {
    for (json, kind, service, token, unread, sequence) in [
        (APN, NotificationType::Apn, PushService::Apns, "ab12", 1, 8),
        (GCM, NotificationType::Gcm, PushService::Gcm, "cd34", 4, 6),
    ] {
        let push = read(json);
        assert_eq!(push.notification_type, Some(kind));
        assert_eq!(push.push_service_kind(), Some(service));
        assert_eq!(push.device_token(), Some(token));
        assert_eq!(push.text(), Some("Your parcel left the depot"));
        assert_eq!(push.conversation_id(), Some("3f2a"));
        assert_eq!(push.dialog_id(), Some("3f2a"));
        assert_eq!(push.originator_id(), Some("70011223.900001"));
        assert_eq!(push.brand_id(), Some("70011223"));
        assert_eq!((push.unread(), push.sequence_number()), (Some(unread), Some(sequence)));
        assert_eq!(push.service(), Some(&BackendService::Conversation));
        let shown = format!("{push:?}");
        assert!(!shown.contains(token) && !shown.contains("parcel"), "{shown}");
    }
}

#[test]
fn what_no_page_shows_is_kept() {
    let push = read(QUIRKS);
    assert_eq!(push.notification_type, Some(NotificationType::Other("hms".into())));
    assert_eq!(push.service(), Some(&BackendService::Other("fax".into())));
    assert_eq!((push.unread(), push.sequence_number()), (Some(2), Some(9)));
    assert_eq!(push.text(), None, "the text is an object here");
    assert_eq!(push.extra.get("later"), Some(r#"{"a":[1,null]}"#));
    let push = read(OUTBOUND);
    assert_eq!(push.service(), Some(&BackendService::Proactive));
    assert_eq!(push.text(), Some("Shall we write?"));
    for json in [APN, GCM, QUIRKS, OUTBOUND] {
        let written = serde_json::to_value(read(json).into_inner()).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(json).unwrap());
    }
}

#[tokio::test]
async fn a_repeated_push_is_acknowledged_and_not_handed_over_again() {
    let (phone, clock) = (Arc::new(Phone::default()), TestClock::manual(start()));
    let receiver = receiver(&phone, &clock);
    let figures = receiver.figures();
    let router = AppBackend::default().pushes(receiver).router();
    for json in [APN, GCM, OUTBOUND, QUIRKS] {
        for _ in 0..4 {
            assert_eq!(push(&router, json.trim()).await.status, StatusCode::OK);
            clock.advance(Duration::from_secs(10));
        }
    }
    let expected: Vec<String> = [APN, GCM, OUTBOUND, QUIRKS].map(|json| json.trim().to_owned()).to_vec();
    assert_eq!(*phone.got.lock().unwrap(), expected);
    assert_eq!((figures().delivered, figures().repeated, figures().refused), (4, 12, 0));
    // The same message with another count of unread ones, and the next message to the same device.
    let recounted = QUIRKS.trim().replace(r#""badge":"2""#, r#""badge":3"#);
    assert_eq!(push(&router, recounted).await.status, StatusCode::OK);
    let next = QUIRKS.trim().replace(r#""sequence":"9""#, r#""sequence":10"#);
    assert_eq!(push(&router, next).await.status, StatusCode::OK);
    assert_eq!(phone.got.lock().unwrap().len(), 5, "sequence 9 was known, 10 was not");
    clock.advance(Duration::from_secs(120));
    assert_eq!(push(&router, QUIRKS.trim()).await.status, StatusCode::OK);
    assert_eq!(
        phone.got.lock().unwrap().len(),
        6,
        "outside the window nothing is remembered"
    );
}

#[tokio::test]
async fn only_what_the_handler_took_is_acknowledged() {
    let (phone, clock) = (Arc::new(Phone::default()), TestClock::manual(start()));
    *phone.failures.lock().unwrap() = vec![PushRefusal::Device, PushRefusal::Failed, PushRefusal::Failed];
    let router = AppBackend::default().pushes(receiver(&phone, &clock)).router();
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(push(&router, APN.trim()).await.status.as_u16());
    }
    assert_eq!(statuses, [500, 500, 403, 200, 200]);
    assert_eq!(phone.got.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_repetition_waits_for_the_first_one() {
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let phone = Arc::new(Phone {
        gate: Some(Arc::clone(&gate)),
        failures: Mutex::new(vec![PushRefusal::Failed]),
        ..Phone::default()
    });
    let router = AppBackend::default()
        .pushes(receiver(&phone, &TestClock::manual(start())))
        .router();
    let send = || {
        let router = router.clone();
        tokio::spawn(async move { push(&router, APN.trim()).await.status.as_u16() })
    };
    let (first, second, third) = (send(), send(), send());
    tokio::task::yield_now().await;
    assert!(
        !first.is_finished() && !second.is_finished(),
        "nothing is acknowledged before the handler has it"
    );
    gate.add_permits(3);
    let mut statuses = [first.await.unwrap(), second.await.unwrap(), third.await.unwrap()];
    statuses.sort_unstable();
    assert_eq!(
        statuses,
        [200, 200, 500],
        "one failed, one was handed over, one was a repetition"
    );
    assert_eq!(phone.got.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn strangers_and_nonsense_are_refused_before_the_handler() {
    let (phone, clock) = (Arc::new(Phone::default()), TestClock::manual(start()));
    let receiver = receiver(&phone, &clock).longest_body(1000);
    let figures = receiver.figures();
    let router = AppBackend::default().pushes(receiver).router();
    let stranger = call(&router, "POST", "/push", &[], APN).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    assert_eq!(stranger.headers["www-authenticate"], "Basic realm=\"push\"");
    for (body, status) in [("", 400), ("null", 400), ("[]", 400), ("{\"aps\":", 400), ("{}{}", 400)] {
        assert_eq!(push(&router, body).await.status.as_u16(), status, "{body}");
    }
    assert_eq!(push(&router, vec![0xff_u8, 0xfe]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        push(&router, format!("{{\"a\":\"{}\"}}", "x".repeat(1000)))
            .await
            .status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert!(phone.got.lock().unwrap().is_empty());
    assert_eq!((figures().delivered, figures().refused), (0, 8));
}
