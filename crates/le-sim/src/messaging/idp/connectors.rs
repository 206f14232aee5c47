//! The connectors of the account: how consumers are authenticated. The list is public.

use serde_json::{Value, json};

use crate::account::{fold_text, mix};

/// The page's method by which anonymous consumers get a token, and that of consumers whom the brand knows.
const ANONYMOUS: &str = "lpTag.taglets.unAuthMessaging.lpUnauthFunction";
const BRAND: &str = "lpGetAuthenticationToken";

/// The ids of both connectors, which follow from the account.
fn ids(account: &str) -> [u64; 2] {
    let number = |part: u64| 1_000_000_000 + mix(fold_text(account), part) % 1_000_000_000;
    [number(0), number(1)]
}

/// The id of the connector that authenticates consumers whom the brand knows.
pub(crate) fn brand(account: &str) -> i64 {
    let [brand, _] = ids(account);
    i64::try_from(brand).unwrap_or(i64::MAX)
}

/// The public list.
pub(super) fn list(account: &str) -> Value {
    let [brand, anonymous] = ids(account);
    json!([
        { "id": brand, "name": "Brand", "configuration": { "jsMethodName": BRAND } },
        { "id": anonymous, "name": "Unauthenticated", "configuration": { "jsMethodName": ANONYMOUS } },
    ])
}
