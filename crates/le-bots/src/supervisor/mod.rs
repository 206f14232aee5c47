//! A socket that comes back and loses nothing.
//!
//! An [`AgentLink`] or a [`ConsumerLink`] stands over a connector. One task owns it: it connects, says who is there, subscribes, catches
//! up, and when the socket ends it does all of that again, after a pause by [`Backoff`] and with a new credential where the end
//! asks for one ([`Recovery`](crate::Recovery)). What came meanwhile is asked for, so that [`Deliveries`] has
//!
//! * of each dialog every stored event, once, in the order of sequences, whatever order they came in and however often;
//! * of each conversation the newest state by `metaDataLastUpdateTs`, before its first event, and behind its last one that it
//!   [left](Delivery::Left);
//! * rings that wait for an answer, after everything else is caught up.
//!
//! Memory is bounded: of a dialog some numbers are kept and a few events that came early, and what a slow reader has no room for is
//! asked for again later. Requests go out through [`LinkCall`], which says what becomes of them while there is no
//! connection, and of those whose answer was lost.
//!
//! A restarted process goes on where it was with a [`Resume`]: what was said to be [`handled`](AgentLink::handled) is not
//! delivered again.
//!
//! ```no_run
//! use le_bots::AgentConnector;
//! use le_bots::supervisor::{AgentLink, Delivery};
//!
//! async fn echo(connector: AgentConnector) -> le_core::Result<()> {
//!     let (link, mut deliveries) = AgentLink::builder(connector).start()?;
//!     while let Some(delivery) = deliveries.next().await {
//!         match delivery {
//!             Delivery::Ring(ring) => {
//!                 link.accept(ring.ring_id.unwrap_or_default()).await?;
//!             }
//!             Delivery::Event(event) => {
//!                 let (Some((dialog, sequence)), Some(said)) = (event.key(), &event.event) else { continue };
//!                 if let Some(text) = said.as_text().filter(|_| !event.is_by(link.agent())) {
//!                     link.publish_text(dialog.clone(), format!("You said: {text}")).await?;
//!                 }
//!                 link.handled(dialog, sequence);
//!             }
//!             _ => {}
//!         }
//!     }
//!     println!("{}", link.ended().await);
//!     Ok(())
//! }
//! ```

mod agent_link;
mod board;
mod builder;
mod call;
mod changing;
mod consumer_link;
mod core;
mod delivery;
mod figures;
mod gathering;
mod glimpse;
mod junction;
mod ledger;
mod link;
mod listing;
mod mailbox;
mod owner;
mod policy;
mod publishing;
mod replay;
mod resume;
mod roster;
mod session;
mod settling;
mod setup;
mod side;
mod state;
mod way;

pub use agent_link::AgentLink;
pub use builder::LinkBuilder;
pub use call::LinkCall;
pub use consumer_link::ConsumerLink;
pub use delivery::{Deliveries, Delivery, Gone, RingId};
pub use figures::Figures;
#[doc(hidden)]
pub use policy::Mutation;
pub use policy::{Backoff, Follow, Offline, Rivalry};
pub use resume::Resume;
pub use state::{Ended, LinkState};
