//! What happens by itself as time passes: rings and surveys end, tokens run out.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::push;
use crate::world::World;

/// Sessions end without telling anyone, so they are looked at this often.
const LONGEST: Duration = Duration::from_secs(1);

/// Runs until the simulator stops.
pub(crate) async fn pulse(world: Arc<World>, stop: CancellationToken) {
    loop {
        let now = world.clock.now_ms();
        let due = world.messaging.next_due(now);
        let pause = match due {
            // A clock that stands still is moved by hand, and that wakes us.
            Some(at) if !world.clock.is_manual() => {
                Duration::from_millis(u64::try_from(at.saturating_sub(now)).unwrap_or(0).max(1))
            }
            _ => LONGEST,
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause.min(LONGEST)) => {}
            () = world.messaging.wake.notified() => {}
        }
        beat(&world);
        push::deliver(&world);
    }
}

/// Does everything that is due now.
pub(crate) fn beat(world: &World) {
    world.messaging.check_credentials(world);
    world.messaging.with(world, |hub| hub.engine.tick());
}
