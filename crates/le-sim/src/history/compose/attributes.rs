//! The engagement attributes that came with the conversation.

use super::super::conversation::Text;
use super::super::sde::{Node, SdeEvent, SdeKind};
use super::super::vocabulary::pick;
use super::{Composer, MINUTE, SECOND};

/// Text that never changes.
fn text(value: &'static str) -> Node {
    Node::Text(Text::Borrowed(value))
}

impl Composer<'_> {
    pub(super) fn attributes(&mut self) {
        let authenticated = [0, 0, 1, 1, 1, 1, 1, 2, 2][self.random.usize(..9)];
        for number in 0..authenticated {
            let kind = match number {
                0 if self.random.u8(..4) > 0 => SdeKind::CustomerInfo,
                1 if self.random.bool() => SdeKind::PersonalInfo,
                _ => SdeKind::ALL[self.random.usize(..SdeKind::ALL.len())],
            };
            let event = self.event(kind);
            self.draft.sdes.push(event);
            // The page reports the same kind again while the conversation goes on.
            if self.chance(20) {
                let event = self.event(kind);
                self.draft.sdes.push(event);
            }
        }
        for _ in 0..[0, 0, 0, 1, 1, 2][self.random.usize(..6)] {
            let kind = SdeKind::ALL[self.random.usize(..SdeKind::ALL.len())];
            let event = self.event(kind);
            self.draft.unauthenticated_sdes.push(event);
        }
        self.draft.sdes.sort_by_key(|event| event.server_time);
        self.draft.unauthenticated_sdes.sort_by_key(|event| event.server_time);
    }

    fn event(&mut self, kind: SdeKind) -> SdeEvent {
        let end = self.draft.close.as_ref().map_or(self.clock, |close| close.time);
        let server_time = self.random.i64(self.draft.start - 5 * MINUTE..=end);
        let original_time = server_time - self.random.i64(20..SECOND);
        let text_times = self.random.u8(..12) == 0;
        SdeEvent {
            kind,
            server_time,
            original_time,
            text_times,
            fields: self.fields(kind),
        }
    }

    fn fields(&mut self, kind: SdeKind) -> Vec<(&'static str, Node)> {
        match kind {
            SdeKind::CustomerInfo => self.customer_info(),
            SdeKind::PersonalInfo => self.personal_info(),
            SdeKind::MarketingCampaignInfo => vec![
                ("originatingChannel", Node::Integer(self.random.i64(0..7))),
                ("affiliate", text("Example Partners")),
                (
                    "campaignId",
                    Node::Text(format!("US-{}", self.random.u32(100..999)).into()),
                ),
            ],
            SdeKind::Lead => vec![
                (
                    "topic",
                    self.one_of(&["house move", "new contract", "Vertragsverlängerung"]),
                ),
                ("value", self.money()),
                ("currency", self.currency()),
                ("leadId", self.reference("L")),
            ],
            SdeKind::ServiceActivity => vec![
                ("topic", self.one_of(&["repair", "address change", "Réparation"])),
                ("status", Node::Integer(self.random.i64(0..14))),
                ("category", self.one_of(&["hardware", "contract", "NA"])),
                ("serviceId", self.reference("S")),
            ],
            SdeKind::VisitorError => vec![
                ("contextId", text("checkout")),
                (
                    "message",
                    self.one_of(&["card declined", "invalid <postcode>", "timeout\n\tat line 3"]),
                ),
                ("code", self.one_of(&["E-12", "E-403", ""])),
                ("level", Node::Integer(self.random.i64(0..4))),
                ("resolved", Node::Flag(self.random.bool())),
            ],
            SdeKind::Purchase => vec![
                ("total", self.money()),
                ("currency", self.currency()),
                ("orderId", Node::Text(self.order.clone().into())),
                ("cart", self.purchase_cart()),
            ],
            SdeKind::CartStatus => vec![
                ("total", self.money()),
                ("currency", self.currency()),
                ("numItems", Node::Integer(self.random.i64(1..6))),
                ("products", self.products()),
            ],
            SdeKind::ViewedProduct => vec![("products", self.products()), ("currency", self.currency())],
            SdeKind::SearchContent => {
                let words = self.draft.consumer.language.products;
                vec![(
                    "keywords",
                    Node::List((0..2).map(|_| text(pick(&mut self.random, words))).collect()),
                )]
            }
        }
    }

    fn customer_info(&mut self) -> Vec<(&'static str, Node)> {
        vec![
            ("customerStatus", self.one_of(&["paying", "trial", "cancelled", "null"])),
            (
                "customerType",
                self.one_of(&["gold", "silver", "platinum VIP", "new", "undefined"]),
            ),
            ("balance", self.money()),
            ("currency", self.currency()),
            ("customerId", self.reference("K")),
            ("socialId", Node::Null),
            ("imei", Node::Null),
            ("userName", Node::Text(self.draft.consumer.given_name.clone())),
            ("accountName", Node::Null),
            ("role", self.one_of(&["owner", "member", ""])),
            (
                "lastPaymentDate",
                if self.random.bool() { self.date() } else { Node::Null },
            ),
            ("registrationDate", self.date()),
            ("companySize", Node::Integer(self.random.i64(-1..4_000))),
            ("companyBranch", Node::Null),
            (
                "storeZipCode",
                Node::Text(format!("{:05}", self.random.u32(..99_999)).into()),
            ),
            ("storeNumber", Node::Text(self.random.u32(..400).to_string().into())),
            ("loginStatus", Node::Integer(self.random.i64(0..2))),
        ]
    }

    fn personal_info(&mut self) -> Vec<(&'static str, Node)> {
        let consumer = std::sync::Arc::clone(&self.draft.consumer);
        let year = self.random.i64(1940..2006);
        let optional = |value: &Option<String>| {
            value
                .as_ref()
                .map_or(Node::Null, |text| Node::Text(text.clone().into()))
        };
        let contact = Node::Object(vec![
            ("email", optional(&consumer.email)),
            ("phone", optional(&consumer.phone)),
            ("phoneType", Node::Null),
            ("address", Node::Null),
            ("preferredContactMethod", Node::Null),
        ]);
        vec![
            ("name", Node::Text(consumer.given_name.clone())),
            ("surname", consumer.family_name.clone().map_or(Node::Null, Node::Text)),
            ("gender", self.one_of(&["FEMALE", "MALE", "OTHER", "NA"])),
            ("company", self.one_of(&["Example GmbH", "shop.example", "undefined"])),
            ("language", text(consumer.language.tag)),
            (
                "customerAge",
                Node::Object(vec![
                    ("customerAgeInYears", Node::Number((2026 - year) as f64)),
                    ("customerYearOfBirth", Node::Number(year as f64)),
                    ("customerMonthOfBirth", Node::Number(self.random.i64(1..13) as f64)),
                    ("customerDateOfBirth", Node::Number(self.random.i64(1..29) as f64)),
                ]),
            ),
            (
                "contacts",
                Node::List(vec![Node::Object(vec![("personalContact", contact)])]),
            ),
        ]
    }

    /// The cart of a purchase; its members are often all `null`.
    fn purchase_cart(&mut self) -> Node {
        let members = [
            "total",
            "currency",
            "numItems",
            "products",
            "serverTimeStamp",
            "originalTimeStamp",
        ];
        let mut cart: Vec<_> = members.into_iter().map(|name| (name, Node::Null)).collect();
        if self.random.bool() {
            cart[0].1 = self.money();
            cart[1].1 = self.currency();
            cart[2].1 = Node::Integer(1);
            cart[3].1 = self.products();
        }
        Node::Object(cart)
    }

    fn products(&mut self) -> Node {
        let name = text(pick(&mut self.random, self.draft.consumer.language.products));
        let product = Node::Object(vec![
            ("name", name),
            ("category", self.one_of(&["home", "outdoor", "Mode & Schuhe"])),
            ("sku", self.reference("B")),
            ("price", self.money()),
            ("statusInStock", Node::Null),
            ("quantityInStock", Node::Integer(self.random.i64(0..90))),
        ]);
        Node::List(vec![Node::Object(vec![
            ("quantity", Node::Integer(self.random.i64(1..4))),
            ("product", product),
        ])])
    }

    fn one_of(&mut self, choices: &[&'static str]) -> Node {
        text(pick(&mut self.random, choices))
    }

    fn currency(&self) -> Node {
        text(self.draft.consumer.language.currency)
    }

    fn money(&mut self) -> Node {
        Node::Number(f64::from(self.random.u32(0..200_000)) / 100.0)
    }

    fn reference(&mut self, letter: &str) -> Node {
        Node::Text(format!("{letter}-{}", self.random.u32(10..9_999)).into())
    }

    fn date(&mut self) -> Node {
        Node::Object(vec![
            ("year", Node::Integer(self.random.i64(2012..2026))),
            ("month", Node::Integer(self.random.i64(1..13))),
            ("day", Node::Integer(self.random.i64(1..29))),
        ])
    }
}
