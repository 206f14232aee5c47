//! A real PostgreSQL server, for the tests of le-export.

use std::ffi::OsString;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::debian::{self, Packages};
use crate::steps::{Outcome, command_passes, tools_dir};
use crate::workspace;

/// Nobody in particular. The server refuses to run as root.
const NOBODY: &str = "65534";

/// How long the server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a server for the time of the tests that need one.
pub(crate) fn step(_: &Path) -> Result<Outcome> {
    let tools = match tools()? {
        Ok(tools) => tools,
        Err(reason) => return Ok(Outcome::Missing(reason)),
    };
    let server = Server::start(&tools)?;
    let args = [
        "test",
        "-p",
        "le-export",
        "--features",
        "postgres",
        "--test",
        "databases",
        "--",
        "--ignored",
        "postgres::",
    ];
    let mut command = workspace::cargo();
    command.args(args).env("LE_POSTGRES_URL", &server.url);
    command_passes(&mut command, &format!("LE_POSTGRES_URL=.. cargo {}", args.join(" ")))
}

/// Where `initdb` and `postgres` are, and the libraries that they need besides the system's.
struct Tools {
    programs: PathBuf,
    libraries: Option<OsString>,
}

impl Tools {
    /// A command of the server's, as a user who is not root.
    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command.current_dir("/").stdin(Stdio::null());
        command
    }
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// The newest server that is installed, or one unpacked into the target folder. Or why there is none.
fn tools() -> Result<Result<Tools, String>> {
    if let Some(programs) = programs_below(Path::new("/usr/lib/postgresql")) {
        return Ok(Ok(Tools {
            programs,
            libraries: None,
        }));
    }
    let scratch = tools_dir().join("postgres");
    let root = scratch.join("root");
    if programs_below(&root.join("usr/lib/postgresql")).is_none() {
        crate::say("   unpacking postgresql into the target folder");
        if let Err(reason) = debian::unpack(&Packages::With("postgresql"), &scratch, &root)? {
            return Ok(Err(format!(
                "no PostgreSQL server: {reason}; install it with `apt-get install postgresql`"
            )));
        }
    }
    let Some(programs) = programs_below(&root.join("usr/lib/postgresql")) else {
        return Ok(Err("the packages of PostgreSQL hold no server".to_owned()));
    };
    let libraries = debian::libraries(&root, "libpq.so.5")?;
    Ok(Ok(Tools {
        programs,
        libraries: libraries.map(PathBuf::into_os_string),
    }))
}

/// `<folder>/<version>/bin` of the newest version that has a server.
fn programs_below(folder: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let mut found: Vec<PathBuf> = versions
        .filter(|programs| programs.join("postgres").exists() && programs.join("initdb").exists())
        .collect();
    found.sort();
    found.pop()
}

/// A server with a database of its own. It ends, and its data go, when this is dropped.
struct Server {
    process: Child,
    data: PathBuf,
    url: String,
}

impl Server {
    fn start(tools: &Tools) -> Result<Self> {
        // Another user has to reach it, which the target folder may not allow.
        let data = std::env::temp_dir().join(format!("le-postgres-{}", std::process::id()));
        fs::create_dir(&data).with_context(|| format!("cannot make {}", data.display()))?;
        if is_root() {
            let owner = format!("{NOBODY}:{NOBODY}");
            command_passes(Command::new("chown").arg(owner).arg(&data), "chown")?;
        }
        let mut prepare = tools.command("initdb");
        prepare.arg("-D").arg(&data);
        prepare.args([
            "--username",
            "le",
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--no-sync",
        ]);
        let prepared = prepare.output().context("cannot run initdb")?;
        if !prepared.status.success() {
            fs::remove_dir_all(&data).ok();
            bail!("initdb failed: {}", String::from_utf8_lossy(&prepared.stderr));
        }
        let port = free_port()?;
        let mut command = tools.command("postgres");
        command
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", "", "-F"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().context("cannot run postgres")?;
        let mut server = Self {
            process,
            data,
            url: format!("postgres://le@127.0.0.1:{port}/postgres"),
        };
        server.wait(port)?;
        Ok(server)
    }

    fn wait(&mut self, port: u16) -> Result<()> {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = self.process.try_wait()? {
                bail!("the PostgreSQL server ended at once: {status}");
            }
            if begun.elapsed() > PATIENCE {
                bail!("the PostgreSQL server did not start");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        // It listens a moment before it takes logins.
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        // Its helpers notice, and end.
        std::thread::sleep(Duration::from_millis(300));
        fs::remove_dir_all(&self.data).ok();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
