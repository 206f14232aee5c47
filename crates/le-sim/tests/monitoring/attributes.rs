//! How attributes of a session are merged, listed and bounded: the rules of chat.

use crate::*;

#[tokio::test]
async fn properties_are_updated_and_carts_replaced() {
    let sim = sim().await;
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    let customer = |info: Value| json!([{ "type": "ctmrinfo", "info": info }]);
    visitor
        .tell(customer(
            json!({ "ctype": "gold", "customerId": "cu-7f31", "role": "buyer" }),
        ))
        .await;
    visitor
        .tell(customer(json!({ "ctype": "silver", "balance": -12.5, "role": null })))
        .await;
    visitor
        .tell(
            json!([{ "type": "personal", "personal": { "firstname": "Ingrid", "lastname": "Moe",
            "age": { "age": 41, "year": 1983 }, "contacts": { "email": "ingrid@example.org" } } }]),
        )
        .await;
    visitor
        .tell(json!([{ "type": "mrktInfo", "info": { "channel": "3", "campaignId": "spring-24" } }]))
        .await;
    let product = json!({ "product": { "name": "Mug", "sku": "MG-2", "price": 30.7 }, "quantity": 2 });
    visitor
        .tell(json!([cart(20.0), { "type": "cart", "total": 61.4, "numItems": 2, "products": [product] }]))
        .await;
    let state = visitor.state().await;
    assert_eq!(
        state["customerInfo"]["customerInfo"],
        json!({ "customerType": "silver", "customerId": "cu-7f31", "role": "buyer", "balance": -12.5 })
    );
    assert_eq!(
        state["personalInfo"]["personalInfo"],
        json!({ "name": "Ingrid", "surname": "Moe", "contacts": [{ "email": "ingrid@example.org" }],
            "customerAge": { "customerAgeInYears": 41, "customerYearOfBirth": 1983 } })
    );
    let marketing = &state["marketingCampaignInfo"]["marketingCampaignInfo"];
    assert_eq!(
        marketing,
        &json!({ "originatingChannel": "3", "campaignId": "spring-24" })
    );
    assert_eq!(
        state["cart"]["cartStatus"],
        json!({ "total": 61.4, "numItems": 2, "products": [product] }),
        "the currency of the first is gone"
    );
    let change = state["cart"]["lastTotalChange"].as_f64().unwrap();
    assert!((change - 41.4).abs() < 1e-9, "{change}");
    let kinds: Vec<&String> = state["events"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|event| event.as_object().unwrap().keys())
        .collect();
    assert_eq!(
        kinds,
        [
            "customerInfo",
            "customerInfo",
            "personalInfo",
            "marketingCampaignInfo",
            "cartStatus",
            "cartStatus"
        ]
    );
}

#[tokio::test]
async fn everything_else_adds_up_and_is_numbered() {
    let sim = sim().await;
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    let purchase = |order: &str, total: f64| {
        json!({ "type": "purchase", "orderId": order, "total": total,
            "cart": { "numItems": 1, "products": [{ "product": { "name": "Lamp" }, "quantity": 1 }] } })
    };
    let lead = |id: &str| json!({ "type": "lead", "lead": { "topic": "upgrade", "value": 80, "leadId": id } });
    let service = |id: &str| json!({ "type": "service", "service": { "serviceId": id, "status": 13 } });
    visitor
        .tell(json!([purchase("O-1", 5.0), lead("L-9"), service("S-1")]))
        .await;
    visitor
        .tell(json!([
            purchase("O-1", 6.0),
            purchase("O-2", 7.0),
            lead("L-9"),
            service("S-2")
        ]))
        .await;
    visitor
        .tell(json!([
            { "type": "error", "error": { "contextId": "checkout", "code": "PAY-7", "level": 3, "resolved": false } },
            { "type": "prodView", "products": [{ "product": { "sku": "A" } }, { "product": { "sku": "B" } }] },
            { "type": "searchInfo", "keywords": ["return policy"] },
        ]))
        .await;
    let state = visitor.state().await;
    let of = |name: &str, member: &str| -> Vec<Value> {
        state[name]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one[member].clone())
            .collect()
    };
    assert_eq!(of("purchases", "purchaseSeqId"), ["1", "2", "3"]);
    assert_eq!(of("purchases", "repeatedOrderId"), [false, true, false]);
    assert_eq!(of("purchases", "total"), [5.0, 6.0, 7.0]);
    assert_eq!(of("leads", "leadSeqId"), ["1", "2"]);
    assert_eq!(of("leads", "repeatedLeadId"), [false, true]);
    assert_eq!(of("serviceActivity", "serviceSeqId"), ["1", "2"]);
    assert_eq!(
        of("serviceActivity", "repeatedServiceActivity"),
        [false, false],
        "chat lists both"
    );
    assert_eq!(of("visitorError", "code"), ["PAY-7"]);
    assert_eq!(
        of("viewedProduct", "product"),
        [json!({ "sku": "A" }), json!({ "sku": "B" })]
    );
    let events = state["events"].as_array().unwrap();
    assert_eq!(events.len(), 10);
    let first = &events[0]["purchase"];
    assert_eq!(
        (&first["orderId"], &first["serverTimeStamp"]),
        (&json!("O-1"), &json!(NOW))
    );
    assert_eq!(events[1]["lead"]["lead"]["leadId"], "L-9", "a lead is nested once more");
    assert_eq!(events[9]["searchContent"]["keywords"], json!(["return policy"]));
}

#[tokio::test]
async fn what_is_kept_of_a_visitor_is_bounded() {
    let sim = sim().await;
    sim.control().adjust(|behaviour| {
        behaviour.monitoring.attributes_per_visitor = 10;
        behaviour.monitoring.pages_per_session = 3;
    });
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    visitor
        .tell(json!([{ "type": "ctmrinfo", "info": { "ctype": "gold" } }]))
        .await;
    for number in 0..30 {
        visitor
            .tell(json!([{ "type": "purchase", "orderId": format!("O-{number}"), "total": number }]))
            .await;
    }
    let state = visitor.state().await;
    assert_eq!(
        state["customerInfo"]["customerInfo"]["customerType"], "gold",
        "merged state stays"
    );
    assert_eq!(state["events"].as_array().unwrap().len(), 10);
    let purchases = state["purchases"].as_array().unwrap();
    assert_eq!(purchases.len(), 10);
    assert_eq!(
        (&purchases[9]["total"], &purchases[9]["purchaseSeqId"]),
        (&json!(29), &json!("30"))
    );
    assert_eq!(state["pages"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_session_begins_without_what_the_last_one_knew() {
    let sim = sim().await;
    let (mut visitor, _) = Visitor::open(&sim, &json!({ "engagementAttributes": [cart(150.0)] })).await;
    sim.clock().advance(std::time::Duration::from_millis(HOUR));
    let (status, answer) = visitor.engagement(&json!({})).await;
    assert_eq!(status, 201);
    assert_eq!(answer.get("engagementDetails"), None, "nobody knows of a cart");
    visitor.sid = answer["sessionId"].as_str().unwrap().to_owned();
    let state = visitor.state().await;
    assert_eq!((&state["cart"], &state["events"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn hostile_text_comes_back_as_it_was() {
    let sim = sim().await;
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    let text = "\u{202e}<script>alert('x')</script>\r\nSet-Cookie: a=b\u{0} \u{1f9fa} \"\\";
    visitor
        .tell(json!([{ "type": "lead", "lead": { "topic": text } }]))
        .await;
    assert_eq!(visitor.state().await["leads"][0]["topic"], text);
    let log = serde_json::to_string(&sim.control().requests()).unwrap();
    assert!(!log.contains("script"), "no attribute reaches the log");
    assert!(!log.contains(&visitor.vid) || !log.contains("vid="), "{log}");
}
