//! Fault plans: what goes wrong, where, and when.
//!
//! A plan is data. It comes from Rust, from a TOML file, or over HTTP from `/_sim/faults`, with the same names in all
//! three:
//!
//! ```
//! use le_sim::{FaultAction, FaultPlan, FaultRule};
//!
//! let plan = FaultPlan::new(7)
//!     .with(FaultRule::new(FaultAction::status(503)).route("messaging_interactions.search").every(3).max(10))
//!     .with(FaultRule::new(FaultAction::ResetBeforeBody).path("/api/account/*/login").first(1));
//! let same = FaultPlan::from_toml(
//!     r#"
//!     seed = 7
//!     [[rules]]
//!     route = "messaging_interactions.search"
//!     every = 3
//!     max = 10
//!     action = { kind = "status", status = 503 }
//!     [[rules]]
//!     path = "/api/account/*/login"
//!     first = 1
//!     action = { kind = "reset_before_body" }
//!     "#,
//! )
//! .unwrap();
//! assert_eq!(plan, same);
//! ```

mod action;
mod damage;
mod engine;
mod pattern;
mod plan;
mod records;

pub use action::{FaultAction, FaultBody, RetryAfter};
pub use plan::{FaultPlan, FaultRule};

pub(crate) use damage::{Damage, damaged};
pub(crate) use engine::{FaultEngine, Incoming};
