//! `le sim`, `le agent`, `le chat` and `le watch` as processes that talk to each other through pipes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stage::{le, ran};

/// How long a line may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program with its keyboard and its screen.
pub(crate) struct Terminal {
    name: &'static str,
    child: Child,
    lines: Receiver<String>,
}

impl Terminal {
    pub(crate) fn open(name: &'static str, command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let err_sender = sender.clone();
        std::thread::spawn(move || read(out, &sender));
        std::thread::spawn(move || read(err, &err_sender));
        Self { name, child, lines }
    }

    pub(crate) fn types(&mut self, line: &str) {
        let mut keyboard = self.child.stdin.as_ref().unwrap();
        writeln!(keyboard, "{line}").unwrap();
    }

    /// Waits for a line with this text; gives it and those before it.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> Vec<String> {
        let mut read = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => read.push(line),
                Err(error) => panic!("{}: {error} before {text:?}: {read:#?}", self.name),
            }
            if read.last().is_some_and(|line| line.contains(text)) {
                return read;
            }
        }
    }

    /// Sends a signal by its short name.
    #[cfg(unix)]
    pub(crate) fn gets(&self, name: &str) {
        crate::stage::signal(&self.child, name);
    }

    /// Waits for the end; gives the exit code.
    pub(crate) fn ends(mut self) -> i32 {
        drop(self.child.stdin.take());
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(stream: impl std::io::Read, sender: &mpsc::Sender<String>) {
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        if sender.send(line).is_err() {
            return;
        }
    }
}

/// A running `le sim`, and two agents who have no skill in common that matters.
struct World {
    home: TempDir,
    _sim: Terminal,
    ready: Value,
}

impl World {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = le(home.path());
        command.args(["sim", "--tls", "--ca-out", "ca.pem", "--conversations", "5"]);
        command.args(arguments);
        let sim = Terminal::open("sim", &mut command);
        let line = sim.says("\"ready\"").pop().unwrap();
        Self {
            home,
            _sim: sim,
            ready: serde_json::from_str(&line).unwrap(),
        }
    }

    fn people(&self) -> impl Iterator<Item = &Value> {
        let users = self.ready["users"].as_array().unwrap();
        users
            .iter()
            .filter(|user| user["enabled"] == true && user["type"] == "Human")
    }

    /// An agent, another one, and a skill of each that the other has not.
    fn pair(&self) -> [(&Value, String); 2] {
        let lacks = |user: &Value, skill: &Value| !user["skills"].as_array().unwrap().contains(skill);
        let own = |user: &Value, other: &Value| {
            let skills = user["skills"].as_array().unwrap();
            skills.iter().find(|skill| lacks(other, skill)).map(ToString::to_string)
        };
        let one = self.people().nth(1).unwrap();
        let pair = self.people().skip(2).find_map(|two| {
            let (first, second) = (own(one, two)?, own(two, one)?);
            Some([(one, first), (two, second)])
        });
        pair.unwrap()
    }

    fn le(&self, arguments: &[&str]) -> Command {
        let mut command = le(self.home.path());
        command
            .env("LE_ACCOUNT_ID", self.ready["account"].as_str().unwrap())
            .env("LE_DOMAIN_HOST", self.ready["csds"].as_str().unwrap())
            .env("LE_CA_FILE", self.home.path().join("ca.pem"))
            .args(arguments);
        command
    }

    fn user(&self, name: &'static str, user: &Value, arguments: &[&str]) -> Terminal {
        let mut command = self.le(arguments);
        command
            .env("LE_USERNAME", user["loginName"].as_str().unwrap())
            .env("LE_PASSWORD", user["password"].as_str().unwrap());
        Terminal::open(name, &mut command)
    }

    fn chat(&self, arguments: &[&str]) -> Terminal {
        let mut command = self.le(&["chat"]);
        Terminal::open("chat", command.args(arguments))
    }

    /// A call of the control API.
    fn control(&self, method: &str, path: &str, body: &Value) {
        let address = self.ready["plain"].as_str().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let body = body.to_string();
        let length = body.len();
        write!(
            stream,
            "{method} /_sim{path} HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    }
}

#[test]
fn a_conversation_with_a_card_a_transfer_and_a_survey() {
    let world = World::with(&["--survey"]);
    let card = json!({"type": "vertical", "elements": [
        {"type": "text", "text": "Blue kettle"},
        {"type": "button", "title": "Buy", "click": {
            "metadata": [{"type": "ExternalId", "id": "buy-kettle"}],
            "actions": [{"type": "publishText", "text": "I take the kettle"}]}},
    ]});
    std::fs::write(world.home.path().join("card.json"), card.to_string()).unwrap();
    let [(one, skill), (two, other_skill)] = world.pair();

    let mut first = world.user("first agent", one, &["agent"]);
    first.says("you are online");
    let mut chat = world.chat(&["--skill", &skill, "--name", "Ingrid"]);
    chat.says("somebody will be with you");
    chat.types("Hello?");
    first.says("#1 rings");
    first.types("/accept");
    first.says("#1 is yours");
    first.says("#1 consumer: Hello?");
    chat.says("an agent is here");
    first.types("How can I help?");
    first.types("/typing");
    chat.says("agent: How can I help?");
    chat.says("agent is typing");

    first.types("/card card.json");
    chat.says("[1] Buy");
    chat.types("1");
    first.says("consumer has pressed a button");
    first.says("#1 consumer: I take the kettle");

    first.types("/note a nice one");
    first.types(&format!("/skill {other_skill}"));
    first.says("#1 is no longer yours");
    first.types("still there?");
    first.says("you have no conversation");
    let between = chat.says("you are handed over");
    assert!(!between.iter().any(|line| line.contains("a nice one")), "{between:#?}");
    let mut second = world.user("second agent", two, &["agent", "--accept"]);
    let taken = second.says("#1 is yours");
    assert!(
        taken
            .iter()
            .any(|line| line.contains(&format!("rings (skill {other_skill})")))
    );
    let history = second.says("agent (private): a nice one");
    for said in [
        "consumer: Hello?",
        "agent: How can I help?",
        "agent: (card)",
        "consumer: I take the kettle",
    ] {
        assert!(history.iter().any(|line| line.contains(said)), "{said}: {history:#?}");
    }
    chat.says("an agent is here");
    second.types("It is on its way.");
    chat.says("agent: It is on its way.");

    chat.types("/close");
    second.says("#1 closed by the consumer");
    chat.says("a few questions");
    chat.says("[1]  [2]  [3]");
    chat.types("5");
    chat.says("[0]  [1]");
    chat.types("10");
    chat.says("the conversation is over");
    assert_eq!(chat.ends(), 0);
    first.types("/quit");
    assert_eq!(first.ends(), 0);
    assert_eq!(second.ends(), 0, "the end of the input ends it, too");
}

#[test]
fn an_agent_comes_back_after_a_break_and_after_its_token_was_taken() {
    let world = World::new();
    let [(user, skill), _] = world.pair();
    let name = user["loginName"].as_str().unwrap();
    let mut agent = world.user("agent", user, &["agent", "--accept"]);
    agent.says("you are online");
    let mut chat = world.chat(&["--skill", &skill]);
    agent.says("#1 is yours");

    world.control("POST", "/messaging/sockets/close", &json!({"user": name, "code": 1006}));
    agent.says("the connection broke; coming back in 1 s");
    chat.says("an agent is here");
    chat.types("one");
    agent.says("you are online");
    agent.says("#1 consumer: one");
    agent.types("two");
    chat.says("agent: two");

    world.control("POST", &format!("/sessions/expire?loginName={name}"), &json!({}));
    agent.says("coming back with a new credential");
    agent.says("you are online");
    chat.types("three");
    agent.says("#1 consumer: three");

    // What ends while the agent is away is not his any more when he is back.
    world.control("POST", "/messaging/sockets/close", &json!({"user": name, "code": 1006}));
    agent.says("the connection broke");
    chat.types("/close");
    chat.says("the conversation is over");
    assert_eq!(chat.ends(), 0);
    agent.says("#1 ended or went to somebody else while you were away");
    agent.types("hello?");
    agent.says("you have no conversation");
}

#[test]
fn watching_shows_what_is_said_to_others_and_takes_no_part() {
    let world = World::new();
    let [(user, skill), _] = world.pair();
    let manager = world.people().next().unwrap();
    let watch = world.user("watch", manager, &["watch", "--json"]);
    watch.says("watching");
    let mut agent = world.user("agent", user, &["agent", "--accept"]);
    agent.says("you are online");
    let mut chat = world.chat(&["--skill", &skill]);
    agent.says("#1 is yours");
    chat.types("Where is my parcel?");
    agent.says("Where is my parcel?");

    let line = watch.says("Where is my parcel?").pop().unwrap();
    let event: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (event["kind"].as_str(), event["by"].as_str()),
        (Some("event"), Some("consumer"))
    );
    assert_eq!(event["event"]["message"], "Where is my parcel?");
    agent.types("/close");
    let line = watch.says("\"conversation_gone\"").pop().unwrap();
    let gone: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(gone["conversation"]["conversationDetails"]["stage"], "CLOSE");
    let participants = gone["conversation"]["conversationDetails"]["participants"].to_string();
    assert!(
        !participants.contains(manager["userId"].as_str().unwrap()),
        "{participants}"
    );
}

#[test]
fn the_agent_of_the_readme_can_log_in() {
    let home = tempfile::tempdir().unwrap();
    let sim = Terminal::open("sim", le(home.path()).arg("sim"));
    let ready: Value = serde_json::from_str(&sim.says("\"ready\"").pop().unwrap()).unwrap();
    let users = ready["users"].as_array().unwrap();
    let user = users.iter().find(|user| user["loginName"] == "ruth.adler@shop.example");
    let user = user.unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let readme = include_str!("../../README.md");
    for shown in [text(&ready["account"]), text(&user["password"]), "700388830".to_owned()] {
        assert!(readme.contains(&shown), "{shown}");
    }
    assert!(user["skills"].as_array().unwrap().contains(&json!(700_388_830)));
}

#[test]
fn what_cannot_work_is_said_at_once() {
    let world = World::new();
    world.control("PATCH", "/behaviour", &json!({"messaging": {"anonymous": false}}));
    ran(&mut world.le(&["chat"]))
        .ends_with(5)
        .says("no anonymous consumer could be made")
        .says("LE_CONSUMER_JWT");
    ran(world.le(&["chat"]).env("LE_CONSUMER_JWT", "no.such.token"))
        .ends_with(4)
        .says("no socket could be opened");
    let key = &world.ready["apiKeys"][0];
    let mut agent = world.le(&["agent"]);
    for (name, member) in [
        ("LE_APP_KEY", "appKey"),
        ("LE_APP_SECRET", "secret"),
        ("LE_ACCESS_TOKEN", "accessToken"),
        ("LE_ACCESS_TOKEN_SECRET", "accessTokenSecret"),
    ] {
        agent.env(name, key[member].as_str().unwrap());
    }
    ran(&mut agent).ends_with(3).says("needs the login of a user");
}
