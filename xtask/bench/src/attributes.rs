//! Engagement attributes: a purchase of ten products built and validated, and the same as a plain struct that is only written.

use std::hint::black_box;

use anyhow::Result;
use le_attributes::Sde;
use le_attributes::shopping::{Line, Product, Purchase, PurchasedCart};
use le_attributes::validate::{self, Route};
use serde::Serialize;

use crate::sockets;
use crate::target::{Figures, Target};

/// How many purchases are made in one run.
const PURCHASES: u64 = 300_000;

/// The products of a purchase.
const PRODUCTS: usize = 10;

/// A purchase through the builders.
fn purchase(order: &str) -> Sde {
    let lines = (0..PRODUCTS).map(|_| {
        let product = Product::default()
            .name("Desk lamp")
            .category("Home")
            .sku("LP-9")
            .price(54.9);
        Line::of(product, 1)
    });
    let cart = PurchasedCart::of(lines).num_items(PRODUCTS as i64);
    Purchase::default()
        .total(549.0)
        .currency("EUR")
        .order_id(order)
        .cart(cart)
        .into()
}

/// Built and validated.
pub(crate) async fn checked(target: &Target) -> Result<Figures> {
    sockets::measured(target, PURCHASES, async {
        for _ in 0..PURCHASES {
            let sde = purchase(black_box("O-5512"));
            validate::attributes(black_box(std::slice::from_ref(&sde)), Route::Report)?;
        }
        Ok(())
    })
    .await
}

/// Built, validated, and written.
pub(crate) async fn written(target: &Target) -> Result<Figures> {
    sockets::measured(target, PURCHASES, async {
        for _ in 0..PURCHASES {
            let sde = purchase(black_box("O-5512"));
            validate::attributes(black_box(std::slice::from_ref(&sde)), Route::Report)?;
            black_box(serde_json::to_string(&sde)?);
        }
        Ok(())
    })
    .await
}

/// The floor: what somebody writes who checks nothing and loses what is unknown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlainPurchase {
    r#type: &'static str,
    total: f64,
    currency: String,
    order_id: String,
    cart: PlainCart,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlainCart {
    num_items: i64,
    products: Vec<PlainLine>,
}

#[derive(Serialize)]
struct PlainLine {
    product: PlainProduct,
    quantity: i64,
}

#[derive(Serialize)]
struct PlainProduct {
    name: String,
    category: String,
    sku: String,
    price: f64,
}

fn plain(order: &str) -> PlainPurchase {
    let line = |_| PlainLine {
        product: PlainProduct {
            name: "Desk lamp".to_owned(),
            category: "Home".to_owned(),
            sku: "LP-9".to_owned(),
            price: 54.9,
        },
        quantity: 1,
    };
    PlainPurchase {
        r#type: "purchase",
        total: 549.0,
        currency: "EUR".to_owned(),
        order_id: order.to_owned(),
        cart: PlainCart {
            num_items: PRODUCTS as i64,
            products: (0..PRODUCTS).map(line).collect(),
        },
    }
}

/// A plain struct, built and written.
pub(crate) async fn bare(target: &Target) -> Result<Figures> {
    sockets::measured(target, PURCHASES, async {
        for _ in 0..PURCHASES {
            black_box(serde_json::to_string(&plain(black_box("O-5512")))?);
        }
        Ok(())
    })
    .await
}
