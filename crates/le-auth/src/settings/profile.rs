//! The profile file: `[profile.NAME]` tables in TOML.
//!
//! ```toml
//! [profile.default]
//! account = "70011223"
//! username = "ops@example.org"
//! password = "..."
//!
//! [profile.sandbox]
//! account = "12345678"
//! domain_host = "localhost:8443"
//! ca_file = "ca.pem"
//! trusted_hosts = ["localhost"]
//! app_key = "..."
//! app_secret = "..."
//! access_token = "..."
//! access_token_secret = "..."
//! ```
//!
//! On Unix, a file that group or others may read or write is refused, since it holds secrets. A `ca_file` that is relative is
//! relative to the directory of the profile file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use le_core::{Error, ErrorKind, Secret};
use toml::{Table, Value};

use super::{Field, Layer, Source};

/// The profile that is read where none is named.
pub const DEFAULT: &str = "default";
/// No settings are longer than this.
const LIMIT: u64 = 1 << 20;

/// Where the profile file is by default: `$XDG_CONFIG_HOME/le/config.toml`, or `~/.config/le/config.toml`; on Windows
/// `%APPDATA%\le\config.toml`. `read` reads a variable of the environment.
#[must_use]
pub fn default_file(read: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let absolute = |name: &str| read(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let directory = if cfg!(windows) {
        absolute("APPDATA")
    } else {
        absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))
    };
    Some(directory?.join("le").join("config.toml"))
}

/// The profile `name` of `file`. What was not asked for by name may be missing.
pub(super) fn layer(
    name: Option<String>,
    file: Option<PathBuf>,
    read: impl Fn(&str) -> Option<String>,
) -> Result<Option<Layer>, Error> {
    let asked = name.is_some() || file.is_some();
    let name = name.unwrap_or_else(|| DEFAULT.to_owned());
    let Some(file) = file.or_else(|| default_file(read)) else {
        return match asked {
            true => Err(Error::configuration("there is no place for a profile file")
                .with_advice("set LE_CONFIG to the file, or HOME")),
            false => Ok(None),
        };
    };
    let text = match text(&file) {
        Ok(text) => text,
        Err(Unread::Missing) if !asked => return Ok(None),
        Err(Unread::Missing) => {
            let message = format!("profile {name} was asked for, and {} does not exist", file.display());
            return Err(Error::configuration(message).with_advice("make the file, or set LE_CONFIG to another one"));
        }
        Err(Unread::Refused(error)) => return Err(error),
    };
    let mut profiles = profiles(&text, &file)?;
    let Some(table) = profiles.remove(&name) else {
        let known: Vec<String> = profiles.keys().cloned().collect();
        return match asked {
            true => Err(
                Error::configuration(format!("{} has no [profile.{name}]", file.display())).with_advice(
                    match known.len() {
                        0 => format!("add a table [profile.{name}]"),
                        _ => format!("it has: {}", known.join(", ")),
                    },
                ),
            ),
            false => Ok(None),
        };
    };
    let values = values(&name, table, &file)?;
    Ok(Some(Layer {
        source: Source::Profile { name, file },
        values,
    }))
}

enum Unread {
    Missing,
    Refused(Error),
}

/// Reads the file that was checked: the check is on the open file, not on its name.
fn text(path: &Path) -> Result<String, Unread> {
    let failed = |what: &str, e: std::io::Error| {
        let message = format!("{} cannot be {what}", path.display());
        Unread::Refused(Error::new(ErrorKind::Configuration, message).with_source(e))
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(Unread::Missing),
        Err(e) => return Err(failed("opened", e)),
    };
    let metadata = file.metadata().map_err(|e| failed("examined", e))?;
    check_private(path, &metadata).map_err(Unread::Refused)?;
    let mut text = String::new();
    file.take(LIMIT)
        .read_to_string(&mut text)
        .map_err(|e| failed("read", e))?;
    Ok(text)
}

#[cfg(unix)]
fn check_private(path: &Path, metadata: &std::fs::Metadata) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let path = path.display();
    Err(Error::configuration(format!(
        "{path} holds credentials and others than its owner can read or change it (mode {mode:03o})"
    ))
    .with_advice(format!("run: chmod 600 '{path}'")))
}

#[cfg(not(unix))]
fn check_private(_path: &Path, _metadata: &std::fs::Metadata) -> Result<(), Error> {
    Ok(())
}

/// The tables below `profile`. No message of the parser is passed on: it may quote the line, and a line may hold a password.
fn profiles(text: &str, file: &Path) -> Result<BTreeMap<String, Table>, Error> {
    let wrong = |what: String| Error::configuration(format!("{}: {what}", file.display()));
    let mut root: Table = toml::from_str(text).map_err(|e: toml::de::Error| {
        let line = e
            .span()
            .map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        wrong(format!("line {line} is not TOML")).with_advice("write fields as: name = \"value\"")
    })?;
    let tables = match root.remove("profile") {
        Some(Value::Table(tables)) => tables,
        None => Table::new(),
        Some(_) => return Err(wrong("`profile` is not a table".to_owned()).with_advice("write [profile.default]")),
    };
    if let Some(stray) = root.keys().next() {
        return Err(wrong(format!("`{stray}` stands outside of a profile"))
            .with_advice("put the fields below a line such as [profile.default]"));
    }
    let mut profiles = BTreeMap::new();
    for (name, table) in tables {
        let Value::Table(table) = table else {
            return Err(
                wrong(format!("`profile.{name}` is not a table")).with_advice(format!("write [profile.{name}]"))
            );
        };
        profiles.insert(name, table);
    }
    Ok(profiles)
}

fn values(name: &str, table: Table, file: &Path) -> Result<BTreeMap<Field, Secret>, Error> {
    let mut values = BTreeMap::new();
    for (key, value) in table {
        let wrong = |what: &str| Error::configuration(format!("{}: `{key}` of profile {name} {what}", file.display()));
        let Some(field) = Field::ALL.iter().copied().find(|field| field.key() == key) else {
            let keys: Vec<&str> = Field::ALL.iter().map(|field| field.key()).collect();
            return Err(wrong("is not known").with_advice(format!("the fields are: {}", keys.join(", "))));
        };
        let text = match (field, value) {
            (_, Value::String(text)) => text,
            (Field::Account, Value::Integer(number)) => number.to_string(),
            (Field::TrustedHosts, Value::Array(hosts)) => {
                let hosts: Option<Vec<&str>> = hosts.iter().map(Value::as_str).collect();
                hosts.ok_or_else(|| wrong("is not a list of texts"))?.join(",")
            }
            _ => return Err(wrong("is not a text").with_advice("put it in quotation marks")),
        };
        let text = match field {
            Field::CaFile => beside(file, &text),
            _ => text,
        };
        if !text.trim().is_empty() {
            values.insert(field, Secret::new(text));
        }
    }
    Ok(values)
}

/// A relative path counts from the directory of the profile file.
fn beside(file: &Path, path: &str) -> String {
    match file.parent() {
        Some(directory) if Path::new(path).is_relative() => directory.join(path).display().to_string(),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
