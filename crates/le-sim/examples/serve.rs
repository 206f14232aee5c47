//! Serves a simulator over TLS until Ctrl-C: `cargo run -p le-sim --example serve -- ca.pem`.
//!
//! It prints the ready line, as `le sim --tls --ca-out ca.pem` does.
#![allow(clippy::print_stdout, reason = "the ready line belongs on standard output")]

use le_sim::driver::{self, Options};

#[tokio::main]
async fn main() -> Result<(), le_sim::SimError> {
    let mut options = Options::default();
    options.tls = true;
    options.conversations = 20;
    options.ca_out = std::env::args().nth(1).map(Into::into);
    driver::run(options, |sim| println!("{}", sim.ready_line())).await
}
