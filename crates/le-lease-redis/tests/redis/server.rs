//! A Redis server of a test: started on a free port, killed, and started again on the same one.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

pub(crate) struct RedisServer {
    program: String,
    port: u16,
    directory: TempDir,
    child: Child,
    persistent: bool,
}

impl RedisServer {
    /// One that forgets everything when it ends.
    pub(crate) async fn forgetful() -> Self {
        Self::start(false).await
    }

    /// One that writes down every change.
    pub(crate) async fn persistent() -> Self {
        Self::start(true).await
    }

    async fn start(persistent: bool) -> Self {
        let program = std::env::var("LE_REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned());
        let directory = tempfile::tempdir().unwrap();
        // Somebody else may take the port between here and the server's start; then another one is tried.
        for _ in 0..20 {
            let port = TcpListener::bind("127.0.0.1:0")
                .await
                .unwrap()
                .local_addr()
                .unwrap()
                .port();
            let mut child = spawn(&program, port, &directory, persistent);
            if answers(port, &mut child).await {
                return Self {
                    program,
                    port,
                    directory,
                    child,
                    persistent,
                };
            }
        }
        panic!("no redis-server could be started by {program:?}; see `cargo xtask ci --only redis`");
    }

    pub(crate) fn address(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// `kill -9`.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    pub(crate) async fn restart(&mut self) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            self.child = spawn(&self.program, self.port, &self.directory, self.persistent);
            if answers(self.port, &mut self.child).await {
                return;
            }
        }
        panic!("the server did not come back");
    }

    /// Sends a command as it stands and reads nothing.
    pub(crate) async fn command(&self, line: &str) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        stream.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        let mut answer = [0; 64];
        tokio::io::AsyncReadExt::read(&mut stream, &mut answer).await.unwrap();
    }
}

fn spawn(program: &str, port: u16, directory: &TempDir, persistent: bool) -> Child {
    Command::new(program)
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
        .args([
            "--appendonly",
            if persistent { "yes" } else { "no" },
            "--appendfsync",
            "always",
        ])
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{program:?} cannot be started: {error}"))
}

/// Waits until it answers, or has ended.
async fn answers(port: u16, child: &mut Child) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await {
            let mut answer = [0; 5];
            let asked = stream.write_all(b"PING\r\n").await.is_ok();
            if asked
                && tokio::io::AsyncReadExt::read_exact(&mut stream, &mut answer)
                    .await
                    .is_ok()
                && &answer == b"+PONG"
            {
                return true;
            }
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}
