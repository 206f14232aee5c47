//! Who is offered what.

use le_sim::campaign::{Campaign, Condition, Engagement, ProductMatch, Range};

use crate::*;

/// A simulator whose one engagement has this condition.
async fn with(condition: Condition) -> Sim {
    let campaign = Campaign::new(700_111, "One").with(Engagement::new(700_222, "It").when(condition));
    builder().campaigns([campaign]).start().await.unwrap()
}

/// Whether the engagement is offered to somebody who reports this in a new session.
async fn offered(sim: &Sim, attributes: Value) -> bool {
    let body = json!({ "engagementAttributes": attributes });
    let (_, answer) = Visitor::open(sim, &body).await;
    answer.get("engagementDetails").is_some()
}

#[tokio::test]
async fn what_is_reported_decides_what_is_offered() {
    let sim = sim().await;
    let (visitor, first) = Visitor::open(&sim, &json!({})).await;
    assert_eq!(first.get("engagementDetails"), None);
    visitor.tell(json!([cart(20.0)])).await;
    assert_eq!(visitor.engagement(&json!({})).await.1.get("engagementDetails"), None);
    visitor.tell(json!([cart(150.0)])).await;
    let rescue = visitor.engagement(&json!({})).await.1["engagementDetails"][0].clone();
    let named = |name: &str| {
        let campaigns = sim.control().monitoring().campaigns();
        campaigns.into_iter().find(|campaign| campaign.name == name).unwrap()
    };
    let campaign = named("Cart rescue");
    assert_eq!(rescue["campaignId"], campaign.id);
    assert_eq!(rescue["engagementId"], campaign.engagements[0].id);
    assert_eq!(
        (&rescue["status"], &rescue["contextId"]),
        (&json!("expose"), &json!("1"))
    );
    assert_eq!(rescue["language"], "en-US");
    assert!(rescue["connectorId"].is_i64() && rescue["windowId"].is_string());
    // An error in the check-out is more urgent, until it is resolved.
    let error = |resolved: bool| json!([{ "type": "error", "error": { "contextId": "checkout", "code": "PAY-7", "resolved": resolved } }]);
    let body = json!({ "engagementAttributes": error(false) });
    let stuck = visitor.engagement(&body).await.1["engagementDetails"][0].clone();
    assert_eq!(
        (&stuck["campaignId"], &stuck["contextId"]),
        (&json!(named("Checkout errors").id), &json!("2"))
    );
    let body = json!({ "engagementAttributes": error(true) });
    let back = visitor.engagement(&body).await.1["engagementDetails"][0].clone();
    assert_eq!(back, rescue, "an engagement that was offered keeps its context");
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.offers_at_once = 5);
    let body = json!({ "entryPoints": ["https://shop.example/help", "sec://Billing"] });
    let both = visitor.engagement(&body).await.1["engagementDetails"].clone();
    assert_eq!(both.as_array().unwrap().len(), 2, "{both}");
    assert_eq!(both[1]["campaignId"], named("Help").id);
}

#[tokio::test]
async fn a_condition_on_what_was_not_reported_is_not_evaluated() {
    let gold = || Condition::CustomerType(vec!["Gold".to_owned()]);
    let type_of = |name: &str| json!([{ "type": "ctmrinfo", "info": { "ctype": name } }]);
    let sim = with(gold()).await;
    assert!(offered(&sim, type_of("gold")).await, "case does not matter");
    assert!(!offered(&sim, type_of("silver")).await);
    assert!(!offered(&sim, json!([])).await);
    let sim = with(Condition::Not(Box::new(gold()))).await;
    assert!(offered(&sim, type_of("silver")).await);
    assert!(!offered(&sim, type_of("gold")).await);
    assert!(
        !offered(&sim, json!([])).await,
        "nobody said that this is no gold customer"
    );
    assert!(!offered(&sim, json!([{ "type": "ctmrinfo", "info": { "balance": 1 } }])).await);
    let sim = with(Condition::Any(vec![
        Condition::Not(Box::new(gold())),
        Condition::Always,
    ]))
    .await;
    assert!(offered(&sim, json!([])).await, "one that holds is enough");
}

#[tokio::test]
async fn every_attribute_can_be_asked_for() {
    let holds = |condition: &str, yes: Value, no: Value| {
        let text = format!(
            "[[campaigns]]\nid = 1\nname = 'c'\n[[campaigns.engagements]]\nid = 2\nname = 'e'\nwhen = {condition}"
        );
        async move {
            let campaigns = le_sim::campaign::from_toml(&text).unwrap();
            let sim = builder().campaigns(campaigns).start().await.unwrap();
            assert!(offered(&sim, yes).await, "{text}");
            assert!(!offered(&sim, no).await, "{text}");
        }
    };
    let customer = |info: Value| json!([{ "type": "ctmrinfo", "info": info }]);
    let person = |personal: Value| json!([{ "type": "personal", "personal": personal }]);
    let marketing = |info: Value| json!([{ "type": "mrktInfo", "info": info }]);
    let viewed = |product: Value| json!([{ "type": "prodView", "products": [{ "product": product }] }]);
    holds(
        "{ cart_items = { at_least = 2, at_most = 2 } }",
        json!([cart(1.0)]),
        json!([]),
    )
    .await;
    holds(
        "{ balance = { at_most = 0 } }",
        customer(json!({ "balance": -12.5 })),
        customer(json!({ "balance": "3" })),
    )
    .await;
    holds(
        "{ customer_status = ['active'] }",
        customer(json!({ "cstatus": "ACTIVE" })),
        customer(json!({})),
    )
    .await;
    holds(
        "{ age = { at_least = 40 } }",
        person(json!({ "age": { "year": 1983 } })),
        person(json!({ "age": { "age": 39.0 } })),
    )
    .await;
    holds(
        "{ gender = ['OTHER'] }",
        person(json!({ "gender": "OTHER" })),
        person(json!({ "gender": "MALE" })),
    )
    .await;
    holds(
        "{ marketing_channel = [1, 3] }",
        marketing(json!({ "channel": "1" })),
        marketing(json!({ "channel": 2 })),
    )
    .await;
    holds(
        "{ marketing_affiliate = ['Mail'] }",
        marketing(json!({ "affiliate": "mail" })),
        marketing(json!({})),
    )
    .await;
    holds(
        "{ marketing_campaign = ['s-24'] }",
        marketing(json!({ "campaignId": "s-24" })),
        marketing(json!({ "campaignId": "s" })),
    )
    .await;
    holds(
        "{ viewed_product = { category = 'home', price = { at_least = 50 } } }",
        viewed(json!({ "category": "Home", "price": 54.9 })),
        viewed(json!({ "category": "Home", "price": 5 })),
    )
    .await;
    holds(
        "{ cart_product = { name = 'lamp' } }",
        json!([{ "type": "cart", "total": 1, "numItems": 1, "products": [{ "product": { "name": "Red Lamp" } }] }]),
        json!([cart(1.0)]),
    )
    .await;
    holds(
        "{ search_keyword = 'return' }",
        json!([{ "type": "searchInfo", "keywords": ["Return policy"] }]),
        json!([{ "type": "searchInfo", "keywords": [] }]),
    )
    .await;
    holds(
        "{ purchase = { value = { at_least = 50 } } }",
        json!([{ "type": "purchase", "total": 54.9 }]),
        json!([{ "type": "purchase", "total": 5 }]),
    )
    .await;
    holds(
        "{ lead = { topic = 'upgrade' } }",
        json!([{ "type": "lead", "lead": { "topic": "Upgrade" } }]),
        json!([{ "type": "lead", "lead": { "value": 8 } }]),
    )
    .await;
    holds(
        "{ service = { status = [13] } }",
        json!([{ "type": "service", "service": { "status": 13 } }]),
        json!([{ "type": "service", "service": { "status": 1 } }]),
    )
    .await;
    holds(
        "{ unresolved_error = { level = { at_least = 3 } } }",
        json!([{ "type": "error", "error": { "code": "a", "level": 3 } }]),
        json!([{ "type": "error", "error": { "code": "a", "level": 3 } }, { "type": "error", "error": { "code": "a", "resolved": true } }]),
    )
    .await;
}

#[tokio::test]
async fn pages_and_identities_can_be_asked_for() {
    let asks = |condition: Condition, body: Value| async move {
        let sim = with(condition).await;
        Visitor::open(&sim, &body).await.1.get("engagementDetails").is_some()
    };
    let page = || json!({ "entryPoints": ["https://shop.example/help", "sec://Billing", "lang://Norwegian"] });
    assert!(asks(Condition::Section(vec!["billing".into()]), page()).await);
    assert!(!asks(Condition::Section(vec!["Help".into()]), page()).await);
    assert!(asks(Condition::Language(vec!["Norwegian".into()]), page()).await);
    assert!(asks(Condition::EntryPoint("https://shop.example/".into()), page()).await);
    assert!(!asks(Condition::EntryPoint("tel://".into()), page()).await);
    let known = |acr: &str| json!({ "identities": [{ "acr": acr, "sub": "cu-7f31" }] });
    assert!(asks(Condition::Authenticated, known("loa1")).await);
    assert!(!asks(Condition::Authenticated, known("0")).await);
}

#[tokio::test]
async fn a_new_revision_is_a_new_offer() {
    let sim = with(Condition::Always).await;
    let (visitor, first) = Visitor::open(&sim, &json!({})).await;
    assert_eq!(first["engagementDetails"][0]["contextId"], "1");
    let mut engagement = Engagement::new(700_222, "It");
    engagement.revision = 2;
    let control = sim.control().monitoring();
    control
        .set_campaigns(vec![Campaign::new(700_111, "One").with(engagement)])
        .unwrap();
    let offer = visitor.engagement(&json!({})).await.1["engagementDetails"][0].clone();
    assert_eq!(
        (&offer["contextId"], &offer["engagementRevision"]),
        (&json!("2"), &json!(2))
    );
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.ids_as_text = true);
    let offer = visitor.engagement(&json!({})).await.1["engagementDetails"][0].clone();
    assert_eq!(
        (&offer["engagementId"], &offer["engagementRevision"]),
        (&json!("700222"), &json!("2"))
    );
}

#[tokio::test]
async fn impressions_move_the_funnel() {
    let sim = with(Condition::Always).await;
    let (visitor, answer) = Visitor::open(&sim, &json!({})).await;
    let offer = &answer["engagementDetails"][0];
    for kind in ["impDisplay", "impAccept", "impExpanded", "impTimeout", "impClose"] {
        visitor.tell(json!([impression(kind, offer)])).await;
    }
    visitor.tell(json!([impression("impDisplay", offer)])).await;
    let funnel = &sim.control().monitoring().funnel()[0];
    assert_eq!(
        (funnel.campaign_id, funnel.engagement_id, funnel.offered),
        (700_111, 700_222, 1)
    );
    assert_eq!((funnel.displayed, funnel.accepted, funnel.expanded), (2, 1, 1));
    assert_eq!((funnel.timed_out, funnel.closed), (1, 1));
    let offers = sim.control().monitoring().offers();
    assert_eq!((offers[0].accepted, offers[0].last), (1, Some("impDisplay")));
    let shown = &visitor.state().await["engagements"][0];
    assert_eq!(shown["impressionAccepted"][0]["activityTime"], NOW);
    assert_eq!(
        shown["engagement"]["engagementEntity"]["engagementSkill"]["skillId"],
        -1
    );
}

#[tokio::test]
async fn a_range_has_both_bounds() {
    let between = Condition::All(vec![
        Condition::CartTotal(Range::at_least(10.0)),
        Condition::CartTotal(Range::at_most(20.0)),
        Condition::Not(Box::new(Condition::CartProduct(ProductMatch::default()))),
    ]);
    let sim = with(between).await;
    assert!(offered(&sim, json!([cart(10.0)])).await);
    assert!(offered(&sim, json!([cart(20.0)])).await);
    assert!(!offered(&sim, json!([cart(20.01)])).await);
    assert!(!offered(&sim, json!([cart(9.99)])).await);
}
