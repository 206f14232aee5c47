//! Chromium through its WebDriver (<https://www.w3.org/TR/webdriver2/>). Only what the tests need.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http::Request;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stage::exchange;

/// How long the page may take to show something.
const PATIENCE: Duration = Duration::from_secs(20);

/// A headless Chromium with an empty profile. Both it and its driver end with this value.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: TempDir,
}

impl Browser {
    pub(crate) async fn open() -> Self {
        let setting = |name| {
            std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: use `cargo xtask ci --only widget`"))
        };
        let profile = tempfile::tempdir().unwrap();
        let (driver, port) = start_driver(&setting("LE_CHROMEDRIVER"));
        let mut browser = Self {
            driver,
            port,
            session: String::new(),
            _profile: profile,
        };
        let mut args: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
        ]
        .map(str::to_owned)
        .to_vec();
        args.push(format!("--user-data-dir={}", browser._profile.path().display()));
        let options = json!({ "binary": setting("LE_CHROMIUM"), "args": args });
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": options } } });
        let answer = browser.ask("POST", "/session", &wanted).await;
        browser.session = answer["sessionId"].as_str().unwrap().to_owned();
        browser
    }

    /// Opens the page of a host, and looks into the frame in it.
    pub(crate) async fn look_into_frame_at(&self, host: SocketAddr) {
        self.post("/url", &json!({ "url": format!("http://{host}/") })).await;
        self.post("/frame", &json!({ "id": 0 })).await;
    }

    /// Runs a script in the page and gives what it returns.
    pub(crate) async fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": arguments }))
            .await
    }

    /// Waits until the script returns something true, and gives it.
    pub(crate) async fn wait_for(&self, script: &str) -> Value {
        let started = Instant::now();
        loop {
            let value = self.run(script, &[]).await;
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return value;
            }
            if started.elapsed() > PATIENCE {
                let page = self.run("return document.documentElement.outerHTML", &[]).await;
                panic!("`{script}` did not come true; the page is {page}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The table that the widget shows.
    pub(crate) async fn rows(&self) -> Vec<(String, String)> {
        let script = "return [...document.querySelectorAll('dt')].map((dt) => [dt.textContent, dt.nextElementSibling.textContent])";
        serde_json::from_value(self.run(script, &[]).await).unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", &format!("/session/{}{path}", self.session), body)
            .await
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}{path}", self.port))
            .header("content-type", "application/json")
            .body(body.to_string().into())
            .unwrap();
        let answer = exchange(request).await;
        let mut value: Value = serde_json::from_slice(answer.body()).unwrap();
        assert!(answer.status().is_success(), "{method} {path}: {value}");
        value["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser ends with its session; if only the driver were killed, it would stay.
        self.end_session().ok();
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}

impl Browser {
    fn end_session(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (session, port) = (&self.session, self.port);
        write!(
            stream,
            "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        )?;
        // The answer comes when the browser has ended.
        stream.read_to_end(&mut Vec::new()).map(|_| ())
    }
}

/// Starts the driver on a port of its choice, and reads which one it took.
fn start_driver(program: &str) -> (Child, u16) {
    let mut driver = Command::new(program)
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(driver.stdout.take().unwrap());
    let port = output.lines().map_while(Result::ok).find_map(|line| {
        let rest = line.split("started successfully on port ").nth(1)?;
        rest.trim_end_matches('.').parse().ok()
    });
    if port.is_none() {
        driver.kill().ok();
        driver.wait().ok();
    }
    (driver, port.unwrap())
}
