//! Cart, transaction and viewed products (`cart`, `purchase`, `prodView`).
//!
//! LivePerson computes no totals and no counts from the products: the sender gives them.

use le_core::wire::{Float, Int, List};

use crate::payload::payload;

payload! {
    /// What is in the cart now (`cart`). A newer report replaces the older one.
    ///
    /// <https://developers.liveperson.com/engagement-attributes-types-of-engagement-attributes.html>
    pub struct Cart {
        /// Value of the cart. Required.
        total: Option<Float> = "total",
        /// Three letters, e.g. `EUR`.
        currency: Option<String> = "currency",
        /// Number of items. Required.
        num_items: Option<Int> = "numItems",
        /// What is in it.
        products: List<Line> = "products" [safe],
    }
}

impl Cart {
    /// A cart with its two required numbers.
    #[must_use]
    pub fn new(total: f64, num_items: i64) -> Self {
        Self::default().total(total).num_items(num_items)
    }
}

payload! {
    /// A product and how many of it.
    pub struct Line {
        /// The product. Required.
        product: Option<Product> = "product" [safe],
        /// How many; not part of viewed products.
        quantity: Option<Int> = "quantity",
    }
}

impl Line {
    /// So many of a product.
    #[must_use]
    pub fn of(product: Product, quantity: i64) -> Self {
        Self::default().product(product).quantity(quantity)
    }
}

payload! {
    /// A product.
    pub struct Product {
        /// Name.
        name: Option<String> = "name",
        /// Category.
        category: Option<String> = "category",
        /// Stock keeping unit.
        sku: Option<String> = "sku",
        /// Price of one.
        price: Option<Float> = "price",
        /// How well it is stocked, in words of the brand's own; viewed products only.
        status_in_stock: Option<String> = "statusInStock",
        /// How many are stocked; viewed products only.
        quantity_in_stock: Option<Int> = "quantityInStock",
    }
}

payload! {
    /// A transaction (`purchase`). Each report adds one; the total counts as revenue.
    ///
    /// <https://developers.liveperson.com/engagement-attributes-types-of-engagement-attributes.html>
    pub struct Purchase {
        /// Value after discounts.
        total: Option<Float> = "total",
        /// Three letters, e.g. `EUR`.
        currency: Option<String> = "currency",
        /// Number of the order or receipt.
        order_id: Option<String> = "orderId",
        /// What was bought.
        cart: Option<PurchasedCart> = "cart" [safe],
    }
}

payload! {
    /// What was bought.
    pub struct PurchasedCart {
        /// Number of items.
        num_items: Option<Int> = "numItems",
        /// The products. Required.
        products: List<Line> = "products" [safe],
    }
}

payload! {
    /// Products that were looked at (`prodView`). Each report adds one.
    ///
    /// <https://developers.liveperson.com/engagement-attributes-types-of-engagement-attributes.html>
    pub struct ViewedProduct {
        /// Three letters, e.g. `EUR`.
        currency: Option<String> = "currency",
        /// The products, without quantities.
        products: List<Line> = "products" [safe],
    }
}
