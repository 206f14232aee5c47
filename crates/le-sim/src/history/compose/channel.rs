//! Where the consumer came from: channel, campaign, the web visit.

use fastrand::Rng;

use super::super::cast::Consumer;
use super::super::conversation::{Campaign, CampaignIds, Channel, Monitoring, PageView};
use super::super::vocabulary::{Language, pick};
use super::{MINUTE, SECOND};
use crate::account::{hexadecimal, uuid};

const PAGES: [(&str, &str, &str); 5] = [
    ("https://shop.example/track", "Track your parcel", "help"),
    ("https://shop.example/bill?month=last", "Your bill", "account"),
    ("https://shop.example/", "Shop – home & garden", ""),
    ("https://shop.example/é/panier", "Panier (2 articles)", "cart"),
    ("https://shop.example/help/returns#label", "Returns", "help"),
];

/// A channel with everything it tells about the consumer's side.
pub(super) fn channel(random: &mut Rng, consumer: &Consumer) -> Channel {
    match random.u8(..20) {
        0..=10 => web(random, consumer),
        11..=14 => app(random, consumer),
        15 => social("FACEBOOK", consumer),
        16 => social("SMS", consumer),
        17 => social("WHATSAPP", consumer),
        18 => social("Apple Business Chat", consumer),
        _ => social("AGENT", consumer),
    }
}

fn web(random: &mut Rng, consumer: &Consumer) -> Channel {
    let (browser, system, version) = pick(
        random,
        &[
            ("CHROME", "WINDOWS", Some("10")),
            ("FIREFOX", "LINUX", None),
            ("SAFARI", "MAC_OSX", Some("14.5")),
            ("EDGE", "WINDOWS", Some("11")),
            ("Samsung Internet", "ANDROID", Some("undefined")),
        ],
    );
    let device = if system == "ANDROID" {
        "MOBILE"
    } else {
        pick(random, &["DESKTOP", "DESKTOP", "TABLET"])
    };
    Channel {
        source: "SHARK",
        device: Some(device),
        device_model: None,
        browser: Some(browser),
        browser_version: Some(format!("{}.0", random.u32(90..199)).into()),
        operating_system: Some(system),
        operating_system_version: version,
        integration: Some("web-sdk"),
        integration_version: Some("3.0.61"),
        app_id: Some("webAsync"),
        app_version: None,
        ip_address: Some(format!("203.0.113.{}", random.u8(1..255)).into()),
        time_zone: Some(consumer.language.time_zone),
        language: Some(consumer.language.tag),
        features: pick(
            random,
            &[
                &[
                    "PHOTOSHARING",
                    "CO_BROWSE",
                    "QUICKREPLIES",
                    "AUTOMESSAGES",
                    "RICHCONTENT",
                    "SECUREFORMS",
                ],
                &["PHOTOSHARING", "RICHCONTENT"],
                &["COAPP", "AUTOMESSAGES"],
            ],
        ),
        visitor_id: Some(consumer.visitor_id.clone()),
        session_id: Some(hexadecimal(random, 22)),
        interaction_context_id: Some(pick(random, &["1", "2", "9", "null"]).into()),
    }
}

fn app(random: &mut Rng, consumer: &Consumer) -> Channel {
    let (system, version, model) = pick(
        random,
        &[
            ("IOS", "17.4", "iPhone14,3"),
            ("ANDROID", "13", "Pixel 7"),
            ("ANDROID", "9", "null"),
        ],
    );
    Channel {
        source: "APP",
        device: Some("MOBILE"),
        device_model: Some(model),
        browser: None,
        browser_version: None,
        operating_system: Some(system),
        operating_system_version: Some(version),
        integration: Some("mobile-sdk"),
        integration_version: Some("6.8.1"),
        app_id: Some("org.example.shop"),
        app_version: Some("12.4.0"),
        ip_address: Some(format!("203.0.113.{}", random.u8(1..255)).into()),
        time_zone: Some(consumer.language.time_zone),
        language: Some(consumer.language.tag),
        features: &["PHOTOSHARING", "QUICKREPLIES", "RICHCONTENT"],
        visitor_id: None,
        session_id: None,
        interaction_context_id: None,
    }
}

/// Channels that tell little: most members are missing, in the spellings that LiveEngage has for it.
fn social(source: &'static str, consumer: &Consumer) -> Channel {
    Channel {
        source,
        device: match source {
            "SMS" => Some("undefined"),
            "AGENT" => None,
            _ => Some("NA"),
        },
        device_model: Some("undefined"),
        browser: Some("NA"),
        browser_version: Some("".into()),
        operating_system: Some("NA"),
        operating_system_version: Some("NA"),
        integration: Some("brand-sdk"),
        integration_version: None,
        app_id: Some(if source == "AGENT" { "BrandAgent" } else { "ConsumerApp" }),
        app_version: None,
        ip_address: None,
        time_zone: None,
        language: (source == "WHATSAPP").then_some(consumer.language.tag),
        features: &[],
        visitor_id: None,
        session_id: None,
        interaction_context_id: None,
    }
}

pub(super) fn campaign(random: &mut Rng, channel: &Channel) -> Option<Campaign> {
    if random.u8(..6) == 0 {
        return None;
    }
    let web = channel.source == "SHARK";
    Some(Campaign {
        ids: CampaignIds::after(3_000_000_000 + 10 * random.u64(..40) as i64),
        name: pick(random, &["Help", "Checkout rescue", "Offre d'été", "Default campaign"]).into(),
        engagement_name: pick(random, &["Corner button", "Embedded link", "Überall-Knopf", "Toaster"]).into(),
        engagement_source: if web {
            "WEB_SITE"
        } else {
            pick(random, &["SOCIAL_MEDIA", "DIRECT_APPLICATION"])
        },
        goal_name: pick(random, &["Serve", "Sell", "Interact with consumers"]).into(),
        behavior_name: pick(random, &["Any", "Cart > 50", "Returning"]).into(),
        profile_name: pick(random, &["All Visitors", "Gold \"VIP\"", "null"]).into(),
        location_name: if web { "Entire site" } else { "NA" },
        line_of_business: random
            .bool()
            .then(|| pick(random, &[(2_210_011, "Retail"), (2_210_012, "Mobil & Netz")])),
        application_id: uuid(random),
        agent_note: (random.u8(..8) == 0).then_some("Be brief; consumers here are on the move.".into()),
    })
}

pub(super) fn monitoring(random: &mut Rng, channel: &Channel, language: &'static Language) -> Option<Monitoring> {
    if channel.source != "SHARK" && channel.source != "APP" {
        return None;
    }
    let (page, title, _) = pick(random, &PAGES);
    Some(Monitoring {
        country: language.country,
        country_code: language.country_code,
        state: random.bool().then_some("NA"),
        city: pick(random, language.cities),
        isp: pick(random, &["ExampleNet", "Example Mobile", "undefined"]),
        start_page: page.into(),
        start_page_title: title,
    })
}

pub(super) fn page_views(random: &mut Rng, monitoring: &Option<Monitoring>, start: i64) -> Vec<PageView> {
    if monitoring.is_none() {
        return Vec::new();
    }
    let mut time = start - 10 * MINUTE;
    (0..random.usize(..4))
        .map(|_| {
            let (page, title, section) = pick(random, &PAGES);
            time += random.i64(5 * SECOND..MINUTE);
            PageView {
                page: page.into(),
                title,
                referrer: pick(random, &["", "https://search.example/?q=parcel"]),
                section,
                time,
            }
        })
        .collect()
}
