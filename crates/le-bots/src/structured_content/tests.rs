//! What the builders write, against the instances of the vendor's schema; and the limits, on both sides.

use serde_json::{Value, json};

use super::*;

fn written(element: impl Into<Element>) -> Value {
    let element = element.into();
    element.check().unwrap();
    serde_json::to_value(&element).unwrap()
}

fn pointers(element: impl Into<Element>) -> Vec<String> {
    element
        .into()
        .problems()
        .into_iter()
        .map(|problem| problem.pointer)
        .collect()
}

#[test]
fn a_card_is_written_as_the_schema_has_it() {
    let card = Vertical::new()
        .with(Image::new("https://img.example/tea.png").alt("tea").tooltip("tea tin"))
        .with(Text::new("Green tea").tag("title").bold().size(Size::Large))
        .with(Button::says("Buy", "buy tea").marked("tea-1"));
    let expected = json!({"type":"vertical","elements":[
        {"type":"image","url":"https://img.example/tea.png","alt":"tea","tooltip":"tea tin"},
        {"type":"text","text":"Green tea","tag":"title","style":{"bold":true,"size":"large"}},
        {"type":"button","title":"Buy","click":{"metadata":[{"type":"ExternalId","id":"tea-1"}],
            "actions":[{"type":"publishText","text":"buy tea"}]}}]});
    assert_eq!(written(card), expected);
}

#[test]
fn layouts_and_actions_are_written_as_the_schema_has_them() {
    let card = |text: &str| Vertical::new().with(Text::new(text)).into();
    assert_eq!(
        written(Carousel::new([card("A"), card("B")]).padding(5.0)),
        json!({"type":"carousel","padding":5.0,"elements":[
            {"type":"vertical","elements":[{"type":"text","text":"A"}]},
            {"type":"vertical","elements":[{"type":"text","text":"B"}]}]})
    );
    let row = Horizontal::new()
        .widths([30.0, 70.0])
        .with(Image::new("https://img.example/a.png"))
        .with(card("x"));
    assert_eq!(
        written(row),
        json!({"type":"horizontal","percentages":[30.0,70.0],"elements":[
            {"type":"image","url":"https://img.example/a.png"},
            {"type":"vertical","elements":[{"type":"text","text":"x"}]}]})
    );
    let way = Map::new(52.1, 4.9).action(Action::Navigate {
        la: 52.1,
        lo: 4.9,
        name: Some("shop".to_owned()),
    });
    assert_eq!(
        written(
            Vertical::new()
                .border(Border::DropShadow)
                .with(way)
                .with(Button::opens("Call", "tel:+15550100").solid())
        ),
        json!({"type":"vertical","border":"dropShadow","elements":[
            {"type":"map","la":52.1,"lo":4.9,"click":{"actions":[{"type":"navigate","la":52.1,"lo":4.9,"name":"shop"}]}},
            {"type":"button","title":"Call","class":"button","click":{"actions":[{"type":"link","uri":"tel:+15550100"}]}}]})
    );
    let page = LinkPreview::new("https://shop.example").title("Shop");
    assert_eq!(
        written(page),
        json!({"type":"linkPreview","url":"https://shop.example","title":"Shop"})
    );
}

#[test]
fn quick_replies_are_written_as_the_schema_has_them() {
    let replies = QuickReplies::new([Button::says("Yes", "yes").marked("y")]).per_row(3);
    replies.check().unwrap();
    assert_eq!(
        serde_json::to_value(&replies).unwrap(),
        json!({"type":"quickReplies","itemsPerRow":3,"replies":[{"type":"button","title":"Yes",
            "click":{"actions":[{"type":"publishText","text":"yes"}],"metadata":[{"type":"ExternalId","id":"y"}]}}]})
    );
    let none = QuickReplies::new([]).per_row(9).problems();
    assert_eq!(
        none.iter().map(|problem| problem.pointer.as_str()).collect::<Vec<_>>(),
        ["/replies", "/itemsPerRow"]
    );
    assert!(QuickReplies::of((0..24).map(|n| n.to_string())).check().is_ok());
    assert!(QuickReplies::of((0..25).map(|n| n.to_string())).check().is_err());
    let bare = QuickReplies::new([Button::new("Yes")]).check().unwrap_err().to_string();
    assert!(bare.contains("/replies/0/click"), "{bare}");
    // Titles longer than an id may be are still marked.
    assert!(QuickReplies::of(["x".repeat(100)]).check().is_ok());
}

#[test]
fn limits_hold_on_both_sides_and_count_characters() {
    let long = |n: usize| "\u{1f375}".repeat(n);
    assert!(pointers(Text::new(long(5000))).is_empty());
    assert_eq!(pointers(Text::new(long(5001))), ["/text"]);
    let button = |n| Button::says(long(n), "x");
    assert!(pointers(button(128)).is_empty());
    assert_eq!(pointers(button(129)), ["/title"]);
    assert!(pointers(Button::says("x", long(256))).is_empty());
    assert_eq!(pointers(Button::says("x", long(257))), ["/click/actions/0/text"]);
    assert_eq!(
        pointers(Button::says("x", "y").marked(long(65))),
        ["/click/metadata/0/id"]
    );
    assert_eq!(
        pointers(Text::new("x").alt(long(2001)).tooltip(long(257)).tag(long(65))),
        ["/tag", "/tooltip", "/alt"]
    );
    let image = |n: usize| Image::new(format!("https://{}", "x".repeat(n - 8)));
    assert!(pointers(image(2048).caption(long(128))).is_empty());
    assert_eq!(pointers(image(2049).caption(long(129))), ["/url", "/caption"]);
    let cards = |n: usize| Carousel::new((0..n).map(|_| Text::new("x").into()));
    assert!(pointers(cards(2)).is_empty() && pointers(cards(10)).is_empty());
    assert_eq!(pointers(cards(1)), ["/elements"]);
    assert_eq!(pointers(cards(11)), ["/elements"]);
    assert_eq!(pointers(cards(2).padding(11.0)), ["/padding"]);
    let many = |n: usize| (0..n).fold(Vertical::new(), |card, _| card.with(Text::new("x")));
    assert!(pointers(many(256)).is_empty());
    assert_eq!(pointers(many(257)), ["/elements"]);
    let actions = |n: usize| {
        (0..n).fold(Button::new("x"), |b, _| {
            b.action(Action::PublishText { text: "y".to_owned() })
        })
    };
    assert!(pointers(actions(4)).is_empty());
    assert_eq!(pointers(actions(5)), ["/click/actions"]);
}

#[test]
fn what_renderers_refuse_is_refused() {
    let inner = Carousel::new([Text::new("1").into(), Text::new("2").into()]);
    let outer = Carousel::new([inner.clone().into(), Text::new("B").into()]);
    assert_eq!(pointers(outer), ["/elements/0"]);
    let between = Carousel::new([Vertical::new().with(inner).into(), Text::new("B").into()]);
    assert!(pointers(between).is_empty());
    assert_eq!(pointers(Image::new("http://img.example/a.png")), ["/url"]);
    assert_eq!(
        pointers(Vertical::new().with(Button::new("Nothing"))),
        ["/elements/0/click"]
    );
    assert_eq!(pointers(Map::new(91.0, 0.0)), [""]);
    for good in [
        "https://shop.example",
        "HTTPS://SHOP.EXAMPLE",
        "tel:+123",
        "mailto:a@b.example",
        "myapp://open",
        "urn:x:y",
    ] {
        assert!(pointers(Button::opens("x", good)).is_empty(), "{good}");
    }
    for bad in [
        "",
        "www.shop.example",
        "/path",
        "//host",
        "https://a b",
        "https://m\u{fc}nchen.example",
        "1x:y",
        "javascript:alert(1)",
        "DATA:text/html,x",
    ] {
        assert_eq!(pointers(Button::opens("x", bad)), ["/click/actions/0/uri"], "{bad}");
    }
    let secret = Text::new("Quill ".repeat(1000));
    assert!(!Element::from(secret).check().unwrap_err().to_string().contains("Quill"));
}

#[test]
fn json_goes_through_as_it_is() {
    let list = json!({"type": "list", "elements": []});
    let element = Element::json(&list).unwrap();
    element.check().unwrap();
    assert_eq!(
        serde_json::to_value(Vertical::new().with(element)).unwrap()["elements"][0],
        list
    );
}
