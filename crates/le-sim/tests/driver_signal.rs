//! SIGTERM ends a driven simulator cleanly. Alone in its file, as a signal reaches the whole process.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

use std::{process::Command, sync::mpsc, time::Duration};

use le_sim::driver;

#[tokio::test]
async fn sigterm_stops_it_and_closes_the_port() {
    let mut options = driver::Options::default();
    options.conversations = 1;
    let (send, receive) = mpsc::channel();
    let running = driver::run(options, |sim| {
        send.send((sim.addr(), sim.ready_line())).unwrap();
        let pid = std::process::id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    });
    tokio::time::timeout(Duration::from_secs(10), running)
        .await
        .unwrap()
        .unwrap();
    let (address, line) = receive.recv().unwrap();
    assert!(line.starts_with('{') && line.contains("\"ready\":true"));
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
