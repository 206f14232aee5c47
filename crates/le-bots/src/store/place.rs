//! Where files of state belong on this machine.

use std::env;
use std::path::PathBuf;

use le_core::Error;

/// The directory in which bots keep their state where no other store is named: `LE_STATE_DIR`, or `le-bots` below
/// `XDG_STATE_HOME`, or below `~/.local/state`.
///
/// # Errors
/// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) where the environment names none of them.
pub fn state_directory() -> Result<PathBuf, Error> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let of_home = || {
        set("HOME")
            .or_else(|| set("USERPROFILE"))
            .map(|home| home.join(".local/state"))
    };
    set("LE_STATE_DIR")
        .or_else(|| {
            set("XDG_STATE_HOME")
                .or_else(of_home)
                .map(|state| state.join("le-bots"))
        })
        .ok_or_else(|| {
            Error::configuration("there is no directory for the state of a bot: neither LE_STATE_DIR nor HOME is set")
                .with_advice("set LE_STATE_DIR, or give the bot a store of its own")
        })
}
