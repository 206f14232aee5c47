//! The page in headless Chromium, framed by a workspace, with a stand-in for the SDK.

use std::sync::Arc;

use le_auth::ApiKey;
use le_core::transport::HttpTransport;
use le_core::{AccountId, Client, TimeRange, Timestamp, TrustedHosts};
use le_data::Data;
use le_data::messaging_interactions::{ContentToRetrieve, SdePayload};
use le_domain::Domain;
use le_sim::Sim;
use serde_json::{Value, json};

use crate::driver::Browser;
use crate::stage::Stage;

const HOSTILE_NAME: &str = "<img src=x onerror=\"window.hacked = 1\">";
const HOSTILE_TYPE: &str = "</dd><script>window.hacked = 2</script>";
const HOSTILE_CODE: &str = "\"><svg onload=window.hacked=3>";

async fn set(browser: &Browser, path: &str, value: Value) {
    browser
        .run("standIn.set(arguments[0], arguments[1])", &[json!(path), value])
        .await;
}

async fn shown(browser: &Browser, label: &str, value: &str) {
    let (label, value) = (json!(label), json!(value));
    browser
        .wait_for(&format!(
            "return [...document.querySelectorAll('dt')].some((dt) => dt.textContent === {label} && dt.nextElementSibling.textContent === {value})"
        ))
        .await;
}

/// A browser that looks at the widget in the workspace, with all paths bound.
async fn at_work(stage: &Stage) -> Browser {
    let browser = Browser::open().await;
    browser.look_into_frame_at(stage.workspace).await;
    browser
        .wait_for("return window.standIn !== undefined && standIn.bound().length >= 14")
        .await;
    browser
}

async fn commands(browser: &Browser) -> Value {
    browser
        .wait_for("return standIn.state.commands.length > 0 && standIn.state.commands")
        .await
}

async fn breaks_no_rule_of_the_sdk(browser: &Browser) {
    let state = browser.run("return standIn.state", &[]).await;
    assert_eq!(state["initialized"], 1);
    assert_eq!(state["broken"], json!([]));
}

#[tokio::test]
#[ignore = "needs Chromium: cargo xtask ci --only widget"]
async fn the_model_is_shown_changes_are_applied_and_a_suggestion_goes_to_the_workspace() {
    let stage = Stage::new(None).await;
    let browser = at_work(&stage).await;
    set(&browser, "chatInfo.isMessaging", json!(true)).await;
    set(&browser, "visitorInfo.visitorName", json!("Ingrid Moe")).await;
    set(
        &browser,
        "SDE.customerDetails",
        json!([{ "type": "gold", "balance": "-12.5" }]),
    )
    .await;
    shown(&browser, "Name", "Ingrid Moe").await;
    shown(&browser, "Customer type", "gold").await;
    shown(&browser, "Customer type is", "as the page says, not confirmed").await;
    shown(&browser, "Balance", "-12.5").await;

    set(
        &browser,
        "SDE.customerDetails",
        json!([{ "type": "platinum", "balance": "3" }]),
    )
    .await;
    shown(&browser, "Customer type", "platinum").await;

    let cart = json!([{ "cartTotal": "61.4", "numItems": 2, "products": [{ "name": "Mug", "sku": "MG-2", "price": "30.7", "quantity": 2 }] }]);
    set(&browser, "SDE.shoppingCart", cart).await;
    browser
        .wait_for("return document.querySelector('[data-suggestion=cart]') !== null")
        .await;
    assert_eq!(
        browser.run("return standIn.state.commands", &[]).await,
        json!([]),
        "nothing goes out unasked"
    );
    browser
        .run("document.querySelector('[data-suggestion=cart]').click()", &[])
        .await;
    let sent = commands(&browser).await;
    assert_eq!(sent[0]["cmdName"], "Write StructuredContent");
    let card = &sent[0]["data"]["json"];
    assert_eq!(card["type"], "vertical");
    let texts: Vec<_> = card["elements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["text"].clone())
        .collect();
    assert_eq!(texts[..3], ["Your cart", "2 × Mug", "Total 61.4"]);
    let button = &card["elements"][3];
    assert_eq!(
        (&button["type"], &button["title"]),
        (&json!("button"), &json!("Check out"))
    );
    let replies = sent[0]["data"]["quickReplies"]["replies"].as_array().unwrap();
    assert_eq!(replies.len(), 2);
    browser
        .wait_for("return document.getElementById('done').textContent === 'handed to the workspace'")
        .await;

    set(&browser, "SDE.error", json!([{ "code": "PAY-7", "resolved": false }])).await;
    browser
        .wait_for("return document.querySelector('[data-suggestion=error]') !== null")
        .await;
    browser
        .run("document.querySelector('[data-suggestion=error]').click()", &[])
        .await;
    let sent = browser
        .wait_for("return standIn.state.commands.length > 1 && standIn.state.commands")
        .await;
    assert_eq!(sent[1]["cmdName"], "Write ChatLine");
    assert_eq!(
        sent[1]["data"],
        json!({ "text": "I see that something went wrong (PAY-7). Shall I look into it?" })
    );
    set(&browser, "SDE.error", json!([{ "code": "PAY-7", "resolved": true }])).await;
    browser
        .wait_for("return document.querySelector('[data-suggestion=error]') === null")
        .await;
    breaks_no_rule_of_the_sdk(&browser).await;
}

#[tokio::test]
#[ignore = "needs Chromium: cargo xtask ci --only widget"]
async fn hostile_attributes_are_text() {
    let stage = Stage::new(None).await;
    let browser = at_work(&stage).await;
    set(&browser, "visitorInfo.visitorName", json!(HOSTILE_NAME)).await;
    set(&browser, "SDE.customerDetails", json!([{ "type": HOSTILE_TYPE }])).await;
    set(
        &browser,
        "SDE.error",
        json!([{ "code": HOSTILE_CODE, "resolved": false }]),
    )
    .await;
    set(
        &browser,
        "SDE.shoppingCart",
        json!([{ "cartTotal": "1", "numItems": 1, "products": [{ "name": HOSTILE_NAME }] }]),
    )
    .await;
    shown(&browser, "Name", HOSTILE_NAME).await;
    shown(&browser, "Customer type", HOSTILE_TYPE).await;
    browser
        .wait_for("return document.querySelectorAll('[data-suggestion]').length === 2")
        .await;
    let made = "return document.querySelectorAll('body img, body svg, body script, body iframe').length";
    assert_eq!(browser.run(made, &[]).await, 0, "no markup came out of attributes");
    // The policy would stop such a script even if the page put it in; that none is there is what counts.
    assert_eq!(browser.run("return window.hacked === undefined", &[]).await, true);
    assert!(
        browser
            .rows()
            .await
            .contains(&("Name".to_owned(), HOSTILE_NAME.to_owned()))
    );
    // Nobody said that this is messaging, so the line is HTML: what it quotes is escaped.
    browser
        .run("document.querySelector('[data-suggestion=error]').click()", &[])
        .await;
    let line = commands(&browser).await[0]["data"]["text"].as_str().unwrap().to_owned();
    assert!(
        line.contains("&lt;svg onload=window.hacked=3&gt;") && !line.contains('<'),
        "{line}"
    );
    breaks_no_rule_of_the_sdk(&browser).await;
}

#[tokio::test]
#[ignore = "needs Chromium: cargo xtask ci --only widget"]
async fn a_stranger_cannot_frame_the_page_and_no_script_of_others_runs() {
    let stage = Stage::new(None).await;
    let browser = at_work(&stage).await;
    let injected = "const script = document.createElement('script'); script.textContent = 'window.hacked = 4'; \
                    document.body.append(script); return window.hacked === undefined";
    assert_eq!(browser.run(injected, &[]).await, true, "the policy is in force");
    browser.look_into_frame_at(stage.stranger).await;
    let framed = browser
        .run(
            "return [location.protocol, document.getElementById('rows') === null]",
            &[],
        )
        .await;
    assert_eq!(
        framed,
        json!(["chrome-error:", true]),
        "the browser refuses to show it there"
    );
}

/// A client of the simulated account.
fn data(sim: &Sim) -> Data {
    let transport = HttpTransport::builder().no_proxy().build().unwrap();
    let account = AccountId::new(sim.account().id.as_str()).unwrap();
    let client = Client::builder(account.clone())
        .transport(Arc::new(transport))
        .trusted_hosts(TrustedHosts::vendor().with_host("localhost").with_host("127.0.0.1"))
        .build()
        .unwrap();
    let domain = Domain::builder(account)
        .client(client.clone())
        .host(format!("http://{}", sim.plain_csds()))
        .fallback(false)
        .build()
        .unwrap();
    let key = &sim.api_keys()[0];
    let key = ApiKey::new(
        key.app_key.as_str(),
        key.secret.as_str(),
        key.access_token.as_str(),
        key.access_token_secret.as_str(),
    )
    .unwrap();
    Data::new(client.with_discover(Arc::new(domain)).with_authorize(Arc::new(key)))
}

/// A conversation of the account with a customer type that was reported in it.
async fn conversation_with_customer_type(data: &Data) -> (String, String) {
    let month = TimeRange::last(std::time::Duration::from_secs(30 * 86_400), Timestamp::now());
    let content = [ContentToRetrieve::Sdes, ContentToRetrieve::UnAuthSdes];
    let page = data
        .conversations()
        .search(month)
        .content(content)
        .page()
        .await
        .unwrap();
    let found = page.records.iter().find_map(|conversation| {
        let id = conversation
            .info
            .as_ref()?
            .conversation_id
            .as_ref()?
            .as_str()
            .to_owned();
        let kind = conversation
            .sdes_of("CUSTOMER_INFO")
            .find_map(|event| match event.payload() {
                Some(SdePayload::CustomerInfo(fields)) => fields.customer_type.clone(),
                _ => None,
            });
        Some((id, kind?))
    });
    // The simulated account has customers with a type.
    found.unwrap()
}

#[tokio::test]
#[ignore = "needs Chromium: cargo xtask ci --only widget"]
async fn what_the_page_says_is_compared_with_what_liveperson_has() {
    let sim = Sim::builder().conversations(200).start().await.unwrap();
    let data = data(&sim);
    let (conversation, kind) = conversation_with_customer_type(&data).await;
    let stage = Stage::new(Some(Arc::new(data))).await;
    let browser = at_work(&stage).await;
    set(&browser, "chatInfo.rtSessionId", json!(conversation)).await;
    set(&browser, "SDE.customerDetails", json!([{ "type": kind }])).await;
    shown(&browser, "Customer type is", "confirmed by LivePerson").await;
    set(&browser, "SDE.customerDetails", json!([{ "type": "forged" }])).await;
    shown(&browser, "Customer type is", "not in LivePerson's record").await;
    set(
        &browser,
        "chatInfo.rtSessionId",
        json!("11111111-0000-4000-8000-000000000000"),
    )
    .await;
    shown(&browser, "Customer type is", "as the page says, not confirmed").await;
    sim.stop().await;
}
