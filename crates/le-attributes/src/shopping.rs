//! Carts, transactions and viewed products.
//!
//! LivePerson computes no totals and no counts from the products: the sender gives them. What a report must have is asked for by
//! the constructors, and there is no other way to make one: [`Cart::new`], [`PurchasedCart::of`], [`Line::of`].
//!
//! ```compile_fail
//! let cart = le_attributes::shopping::Cart::default();
//! ```

use le_core::wire::{Extra, List};

use crate::amount::Amount;

pub use crate::generated::payloads::{Cart, Line, Product, Purchase, PurchasedCart, ViewedProduct};

impl Cart {
    /// A cart with its two required numbers.
    #[must_use]
    pub fn new(total: impl Into<Amount>, num_items: i64) -> Self {
        Self {
            total: Some(total.into().into()),
            currency: None,
            num_items: Some(num_items.into()),
            products: List::default(),
            extra: Extra::default(),
        }
    }
}

impl Line {
    /// So many of a product.
    #[must_use]
    pub fn of(product: Product, quantity: i64) -> Self {
        Self::single(product).quantity(quantity)
    }

    /// A product without a number: one that was looked at.
    #[must_use]
    pub fn single(product: Product) -> Self {
        Self {
            product: Some(product),
            quantity: None,
            extra: Extra::default(),
        }
    }
}

impl From<Product> for Line {
    fn from(product: Product) -> Self {
        Self::single(product)
    }
}

impl PurchasedCart {
    /// What was bought.
    #[must_use]
    pub fn of(products: impl IntoIterator<Item = Line>) -> Self {
        Self {
            num_items: None,
            products: products.into_iter().collect(),
            extra: Extra::default(),
        }
    }
}

impl ViewedProduct {
    /// Products that were looked at.
    #[must_use]
    pub fn of(products: impl IntoIterator<Item = Product>) -> Self {
        Self::default().products(products.into_iter().map(Line::single).collect::<Vec<_>>())
    }
}
