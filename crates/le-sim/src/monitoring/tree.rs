//! The tree of Visit Information (<https://developers.liveperson.com/visit-information-api-methods-visit-state.html>).

use serde_json::{Map, Value, json};

use super::{
    Monitoring,
    attribute::{Kind, Step, number},
    place,
    visit::{Device, Item, Offer, Page, Visit},
    visitors::Visitor,
};
use crate::{
    account::Account,
    campaign::{self, Campaign, Engagement},
    generated::attributes::Attribute,
    history,
};

/// What stands where an engagement has no skill.
const NO_SKILL: &str = "*!@NULL*!@";

/// The state of the session of a visitor; an empty object if there is none.
pub(super) fn tree(monitoring: &Monitoring, visitor: &Visitor, campaigns: &[Campaign], account: &Account) -> Value {
    let Some(visit) = &visitor.visit else {
        return json!({});
    };
    let id = monitoring.visitors.minter.dotted(&visit.id);
    let mut session = Map::new();
    session.insert("id".to_owned(), json!(id));
    session.insert("startTime".to_owned(), json!(visit.started));
    client(&mut session, visit);
    revisions(&mut session, campaigns);
    merged(&mut session, visit);
    session.insert("pages".to_owned(), pages(visit));
    session.insert("engagements".to_owned(), engagements(visit, campaigns, account));
    session.insert("events".to_owned(), events(visitor, visit));
    json!({ "id": id, "appSessions": [session] })
}

fn client(session: &mut Map<String, Value>, visit: &Visit) {
    let Device {
        app_version,
        family,
        os,
        os_version,
        address,
    } = &visit.device;
    let agent = [os, os_version, app_version].into_iter().flatten().cloned();
    session.insert("userAgent".to_owned(), json!(agent.collect::<Vec<_>>().join(" ")));
    session.insert("deviceOS".to_owned(), json!(os));
    session.insert("deviceFamily".to_owned(), json!(family));
    let mobile = matches!(family.as_deref(), Some("MOBILE" | "TABLET"));
    session.insert(
        "mobileDeviceInfo".to_owned(),
        json!({ "mobile": mobile, "detected": family.is_some() }),
    );
    let told = address
        .clone()
        .or_else(|| visit.address.map(|address| address.to_string()));
    session.insert("ipv4".to_owned(), json!(told));
    session.insert("geo".to_owned(), json!(visit.address.map(place::of)));
    session.insert("externalReferrer".to_owned(), json!(""));
    session.insert("searchEngine".to_owned(), json!({ "searchEngine": "", "keywords": "" }));
    session.insert("siteControlGroup".to_owned(), json!("NA"));
}

/// The audiences and behaviours that there are. On-site locations the simulator has none.
fn revisions(session: &mut Map<String, Value>, campaigns: &[Campaign]) {
    let revision = |id: i64| (id.to_string(), json!({ "revision": 1 }));
    let audiences: Map<String, Value> = campaigns
        .iter()
        .map(|campaign| revision(campaign.audience.id))
        .collect();
    let behaviors: Map<String, Value> = campaign::engagements(campaigns)
        .map(|(_, engagement)| revision(engagement.behavior.id))
        .collect();
    for (name, map) in [
        ("revActiveVPs", audiences.clone()),
        ("revAllVPs", audiences),
        ("revActiveVBs", behaviors.clone()),
        ("revAllVBs", behaviors),
        ("revAllOSLs", Map::new()),
    ] {
        session.insert(name.to_owned(), Value::Object(map));
    }
}

fn merged(session: &mut Map<String, Value>, visit: &Visit) {
    let properties = [
        (Kind::Personal, &visit.personal),
        (Kind::Customer, &visit.customer),
        (Kind::Marketing, &visit.marketing),
    ];
    for (kind, known) in properties {
        let Attribute {
            payload, read: name, ..
        } = kind.attribute();
        if let (Some(known), Some(inner), Some(name)) = (known, payload, name) {
            let read = history::read_payload(kind, &json!({ *inner: known }));
            session.insert((*name).to_owned(), json!({ *name: read }));
        }
    }
    if let Some(cart) = &visit.cart {
        let read = history::read_payload(Kind::Cart, &cart.content);
        let cart = json!({ "cartStatus": read, "lastTotalChange": cart.change });
        session.insert("cart".to_owned(), cart);
    }
    let lists = [
        (Kind::Purchase, "purchases", "purchaseSeqId", "repeatedOrderId"),
        (Kind::Lead, "leads", "leadSeqId", "repeatedLeadId"),
        (
            Kind::Service,
            "serviceActivity",
            "serviceSeqId",
            "repeatedServiceActivity",
        ),
    ];
    for (kind, name, sequence, repeated) in lists {
        let items = visit.list(kind).iter().map(|item| {
            let mut read = read(kind, item);
            read.insert(sequence.to_owned(), json!(item.sequence.to_string()));
            read.insert(repeated.to_owned(), json!(item.repeated));
            read
        });
        insert_list(session, name, items.collect());
    }
    let errors = visit.list(Kind::Error).iter().map(|item| read(Kind::Error, item));
    insert_list(session, "visitorError", errors.collect());
    let viewed = visit.list(Kind::ProductView).iter().flat_map(|item| {
        let value = item.reported.value();
        let lines = value["products"].as_array().cloned().unwrap_or_default();
        lines.into_iter().filter_map(|line| line.as_object().cloned())
    });
    insert_list(session, "viewedProduct", viewed.collect());
}

fn read(kind: Kind, item: &Item) -> Map<String, Value> {
    history::read_payload(kind, &item.reported.value())
}

fn insert_list(session: &mut Map<String, Value>, name: &str, items: Vec<Map<String, Value>>) {
    if !items.is_empty() {
        session.insert(name.to_owned(), json!(items));
    }
}

/// Each page lasts until the next one begins; the newest until the last call.
fn pages(visit: &Visit) -> Value {
    let ends = visit.pages.iter().skip(1).map(|page| page.started).chain([visit.last]);
    visit
        .pages
        .iter()
        .zip(ends)
        .map(|(page, end)| shown_page(page, end))
        .collect()
}

fn shown_page(page: &Page, end: i64) -> Value {
    let bare = page
        .url
        .as_deref()
        .map(|url| url.split_once("://").map_or(url, |(_, rest)| rest));
    let sections: Vec<&str> = page
        .entry_points
        .iter()
        .filter_map(|point| point.strip_prefix("sec://"))
        .collect();
    json!({
        "id": &*page.id, "url": bare, "pageTitle": "", "startTime": page.started,
        "timeOnPage": (end - page.started).max(0), "pageLoaded": true, "revActiveOSLs": {},
        "pageBasic": { "url": page.url, "title": "", "sections": sections, "startTime": page.started },
    })
}

fn engagements(visit: &Visit, campaigns: &[Campaign], account: &Account) -> Value {
    visit
        .offers
        .iter()
        .map(|offer| engagement(offer, campaigns, account))
        .collect()
}

fn engagement(offer: &Offer, campaigns: &[Campaign], account: &Account) -> Value {
    let campaign = campaigns.iter().find(|campaign| campaign.id == offer.campaign);
    let engagement = campaign.and_then(|campaign| campaign.engagements.iter().find(|it| it.id == offer.engagement));
    let state = if offer.last == Some(Step::Timeout) { 2 } else { 1 };
    let mut shown = json!({
        "id": offer.context,
        "engagement": {
            "state": state, "zoneId": 0, "pageId": &*offer.page, "campaignControl": "NA",
            "campaignEntity": {
                "id": offer.campaign, "revision": campaign.map_or(1, |campaign| campaign.revision),
                "goalId": campaign.map(|campaign| campaign.goal.id),
                "activeVPs": campaign.map_or_else(|| json!({}), |it| active(it.audience.id)),
            },
            "engagementEntity": {
                "id": offer.engagement, "revision": offer.revision, "channel": 1, "type": 4, "isOffsiteEngagement": false,
                "activeVBs": engagement.map_or_else(|| json!({}), |it| active(it.behavior.id)), "activeOSLs": {},
                "engagementSkill": skill(engagement, account), "surveySkills": [],
                "availabilityPolicy": 0, "renderingType": 0, "conversationType": 1,
            },
            "goalEntity": campaign.map(|campaign| {
                let goal = &campaign.goal;
                json!({ "id": goal.id, "revision": goal.revision, "type": goal.kind, "indicatorType": goal.indicator })
            }),
        },
    });
    if !offer.accepted.is_empty() {
        let accepted = offer.accepted.iter();
        shown["impressionAccepted"] = accepted
            .map(|(at, page)| json!({ "activityTime": at, "pageId": &**page }))
            .collect();
    }
    shown
}

fn active(id: i64) -> Value {
    json!({ id.to_string(): { "revision": 1 } })
}

fn skill(engagement: Option<&Engagement>, account: &Account) -> Value {
    match engagement.and_then(|engagement| engagement.skill) {
        None => json!({ "skillName": NO_SKILL, "skillId": -1 }),
        Some(id) => json!({ "skillName": account.skill_name(id), "skillId": id }),
    }
}

/// What was reported in this session, each with its time and its page.
fn events(visitor: &Visitor, visit: &Visit) -> Value {
    let reported = visitor.reported.iter().filter(|one| one.number >= visit.first_number);
    reported
        .map(|one| {
            let attribute = one.kind.attribute();
            let name = attribute.read.unwrap_or_default();
            let read = Value::Object(history::read_payload(one.kind, &one.value()));
            let mut event = if attribute.nested { json!({ name: read }) } else { read };
            event["serverTimeStamp"] = json!(one.at);
            event["contexts"] = json!({ "page": { "id": &*one.page } });
            json!({ name: event })
        })
        .collect()
}

/// The total of a cart, for the overview.
pub(super) fn cart_total(visit: &Visit) -> Option<f64> {
    number(&visit.cart.as_ref()?.content["total"])
}
