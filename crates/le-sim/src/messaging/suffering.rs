//! Faults that meet requests on sockets, and which rules mean a frame.

use std::time::Duration;

use super::{
    engine::{LinkId, Refusal},
    hub::{Credential, Hub, Received},
    wire::Operation,
};
use crate::{
    faults::{FaultAction, Incoming},
    world::World,
};

/// What a fault on a request leads to.
pub(super) enum Suffered {
    Nothing,
    Refusal(Refusal),
    Instead(Received),
}

impl Hub {
    pub(super) fn inbound_fault(&mut self, world: &World, link: LinkId, operation: Operation, again: bool) -> Suffered {
        for action in self.fired(world, link, "request.", operation.name()) {
            return match action {
                FaultAction::Delay { ms } if !again => Suffered::Instead(Received::Later(Duration::from_millis(ms))),
                FaultAction::Status { status, .. } => Suffered::Refusal(Refusal::new(
                    status,
                    if status == 429 {
                        "Too many requests"
                    } else {
                        "injected fault"
                    },
                )),
                FaultAction::FrameDrop => Suffered::Instead(Received::Done),
                FaultAction::SocketSilent => Suffered::Instead(Received::Silence),
                FaultAction::ResetBeforeBody => Suffered::Instead(Received::Abort),
                FaultAction::SocketClose { code, .. } => Suffered::Instead(Received::Close(code, "injected fault")),
                FaultAction::ExpireSession => {
                    if let Some(Credential::Bearer(bearer)) = self.links.get(&link).map(|entry| &entry.credential) {
                        world.sessions().end(bearer);
                    }
                    continue;
                }
                _ => continue,
            };
        }
        Suffered::Nothing
    }

    /// The actions of the fault plan for a frame of this link.
    pub(super) fn fired(&self, world: &World, link: LinkId, direction: &str, name: &str) -> Vec<FaultAction> {
        if !world.has_faults() {
            return Vec::new();
        }
        let Some(entry) = self.links.get(&link) else {
            return Vec::new();
        };
        let side = if entry.version.is_agent() { "agent" } else { "consumer" };
        let route = format!("socket.{side}.{direction}{name}");
        let fired = world.faults().fire(Incoming {
            route: &route,
            method: "FRAME",
            path: &entry.name,
        });
        fired.into_iter().map(|(_, action)| action).collect()
    }
}
