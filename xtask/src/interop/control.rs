//! The control API of le-sim (`/_sim`), over plain HTTP.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

/// How long the simulator may take for an answer.
const LIMIT: Duration = Duration::from_secs(20);

/// A caller of the control API.
#[derive(Debug, Clone)]
pub(super) struct Control {
    /// `host:port` of the plain port.
    address: String,
}

impl Control {
    pub(super) fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
        }
    }

    pub(super) fn get(&self, path: &str) -> Result<Value> {
        self.call("GET", path, None)
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call("POST", path, Some(body))
    }

    /// HTTP/1.0, so that the answer is the rest of the connection: no chunks, nothing kept open.
    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let shown = format!("{method} /_sim{path}");
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} /_sim{path} HTTP/1.0\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let answer = self.exchange(&request).with_context(|| shown.clone())?;
        let (status, text) = parts(&answer).with_context(|| format!("{shown}: not an HTTP answer"))?;
        ensure!(
            (200..300).contains(&status),
            "{shown} was answered with {status}: {text}"
        );
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(text).with_context(|| format!("{shown} was not answered with JSON"))
    }

    fn exchange(&self, request: &str) -> Result<String> {
        let mut stream =
            TcpStream::connect(&self.address).with_context(|| format!("cannot connect to {}", self.address))?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

/// Status and body of an HTTP/1.x answer that was read to its end.
fn parts(answer: &str) -> Result<(u16, &str)> {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        bail!("no end of the head");
    };
    let status = head.split(' ').nth(1).context("no status")?;
    Ok((status.parse().context("the status is no number")?, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_status_and_body() {
        assert_eq!(parts("HTTP/1.0 200 OK\r\na: b\r\n\r\n{}").unwrap(), (200, "{}"));
        assert_eq!(parts("HTTP/1.1 404 Not Found\r\n\r\n").unwrap(), (404, ""));
        assert!(parts("HTTP/1.0 200 OK\r\n").is_err());
        assert!(parts("SSH-2.0\r\n\r\n").is_err());
    }
}
