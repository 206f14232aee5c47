//! `kill -9` at any moment, disks that are full, and several processes over one plan.
//!
//! The tests run this program again as a child, which exports from the simulator of the parent.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use le_core::Timestamp;
use le_export::{Compression, Conversations, Dataset, Export, JsonLines};
use le_sim::{FaultAction, FaultPlan, FaultRule, Sim};
use serde_json::{Value, json};

use crate::support::*;

const JOB: &str = "LE_EXPORT_TEST_JOB";

/// What a child does; a test of its own only in name.
#[test]
#[ignore = "run by other tests, as a child"]
fn child() {
    let Ok(job) = std::env::var(JOB) else { return };
    let job: Value = serde_json::from_str(&job).unwrap();
    let text = |name: &str| job[name].as_str().unwrap().to_owned();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let data = data_with(&text("csds"), &(text("user"), text("password")), None).await;
        let compression = if job["gzip"] == true {
            Compression::Gzip
        } else {
            Compression::Plain
        };
        let lake = Dataset::open(&text("lake"), JsonLines::new(compression)).unwrap();
        let time = |name: &str| Timestamp::from_millis(job[name].as_i64().unwrap());
        let mut export = Export::of(Conversations::new(&data)).into(lake).concurrency(3);
        export = export
            .shared(job["shared"] == true)
            .since_last(job["since_last"] == true);
        export = export.range(time("from"), time("to"));
        match export.await {
            Ok(summary) => {
                eprintln!("SUMMARY {}", serde_json::to_string(&summary).unwrap());
                eprintln!("MEMORY {}", peak_memory().unwrap_or_default());
            }
            Err(error) => {
                eprintln!("FAILED {error}");
                std::process::exit(3);
            }
        }
    });
}

/// The most memory that this process had, in bytes, where the system tells (Linux).
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim()
        .strip_suffix(" kB")?
        .parse::<u64>()
        .ok()
        .map(|kilobytes| kilobytes * 1024)
}

/// The job of a child, which it gets as JSON.
fn job(sim: &Sim, lake: &std::path::Path, (from, to): (Timestamp, Timestamp)) -> Value {
    let (user, password) = credential(sim);
    json!({
        "csds": sim.plain_csds(), "user": user, "password": password, "lake": lake,
        "from": from.as_millis(), "to": to.as_millis(), "shared": false,
    })
}

fn command(job: &Value) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "kills::child", "--ignored", "--nocapture"])
        .env(JOB, job.to_string());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn start(job: &Value) -> Child {
    command(job).spawn().unwrap()
}

async fn end(child: Child) -> (bool, String) {
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap())
        .await
        .unwrap();
    (
        output.status.success(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

async fn slow_sim(conversations: usize) -> Sim {
    let delay = FaultRule::new(FaultAction::Delay { ms: 4 }).route(SEARCH);
    let sim = Sim::builder().account("70011223").conversations(conversations);
    sim.faults(FaultPlan::new(1).with(delay)).start().await.unwrap()
}

/// A sequence of pauses that looks random and is the same in each run.
fn moments(seed: u64) -> impl Iterator<Item = Duration> {
    let mut state = seed;
    std::iter::from_fn(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Some(Duration::from_millis(60 + (state >> 33) % 400))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_that_is_killed_again_and_again_loses_nothing_and_has_nothing_twice() {
    let sim = slow_sim(2_000).await;
    let folder = tempfile::tempdir().unwrap();
    let range = last_days(&sim, 250);
    let job = job(&sim, folder.path(), range);
    let mut kills = 0;
    for moment in moments(42).take(60) {
        let mut child = start(&job);
        tokio::time::sleep(moment).await;
        if child.try_wait().unwrap().is_some_and(|status| status.success()) {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        // Whoever reads in between sees whole records, each once.
        exported(folder.path());
    }
    let (ended, told) = end(start(&job)).await;
    assert!(ended, "{told}");
    assert!(kills > 2, "the export was never killed");
    let data = data(&sim).await;
    assert_same(&exported(folder.path()), &truth(&data, range).await);
    let staging = std::fs::read_dir(folder.path().join("_export/staging")).unwrap();
    assert_eq!(staging.count(), 0, "what killed runs left is gone");
}

/// A run that has nothing left to do writes nothing, but what was left before it holds personal data.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_with_nothing_left_to_do_removes_what_killed_runs_left() {
    let sim = sim(200).await;
    let folder = tempfile::tempdir().unwrap();
    let (lake, temporary) = (folder.path().join("lake"), folder.path().join("tmp"));
    std::fs::create_dir(&temporary).unwrap();
    let job = job(&sim, &lake, last_days(&sim, 30));
    let run = || {
        let mut command = command(&job);
        end(command.env("TMPDIR", &temporary).spawn().unwrap())
    };
    let (ended, told) = run().await;
    assert!(ended, "{told}");
    let room = |path: std::path::PathBuf| {
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("0.part"), "half a window").unwrap();
        std::fs::write(path.join("lock"), "").unwrap();
        path
    };
    let left = room(lake.join("_export/staging/w-left"));
    let spool = room(temporary.join("le-export-left"));
    let living = room(lake.join("_export/staging/w-living"));
    let lock = std::fs::File::open(living.join("lock")).unwrap();
    fs4::FileExt::lock(&lock).unwrap();
    let before = sim.control().requests_to(SEARCH);
    let (ended, told) = run().await;
    assert!(ended, "{told}");
    assert_eq!(sim.control().requests_to(SEARCH), before, "the export was complete");
    assert!(!left.exists(), "the unfinished files of a killed run");
    #[cfg(unix)]
    assert!(!spool.exists(), "the spool of a killed run");
    let _ = spool;
    assert!(living.join("0.part").exists(), "another process works in this room");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resumed_export_reads_again_at_most_the_windows_in_flight() {
    let sim = slow_sim(800).await;
    let folder = tempfile::tempdir().unwrap();
    let range = last_days(&sim, 200);
    let job = job(&sim, folder.path(), range);
    let mut child = start(&job);
    let entries = folder.path().join("_export/windows");
    let windows = || files(&entries, ".json").len();
    while windows() < 40 {
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before it could be killed"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let done = windows() as u64;
    let before = sim.control().requests_to(SEARCH);
    let (ended, told) = end(start(&job)).await;
    assert!(ended, "{told}");
    // A window of this size is one request; at the end of the first run three windows were read, and as many were committed.
    let requests = sim.control().requests_to(SEARCH) - before;
    // The simulator may have taken some of the killed run's requests only after they were counted.
    let (least, most) = (201 - done, 201 - done + 6);
    assert!((least..=most).contains(&requests), "{requests} of {least}: {told}");
    assert!(before <= done + 6, "{before} requests for {done} windows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_over_one_plan_lose_nothing_and_have_nothing_twice_though_some_are_killed() {
    let sim = slow_sim(1_500).await;
    let folder = tempfile::tempdir().unwrap();
    let range = last_days(&sim, 200);
    let mut job = job(&sim, folder.path(), range);
    job["shared"] = json!(true);
    let mut children: Vec<Child> = (0..4).map(|_| start(&job)).collect();
    for moment in moments(7).take(2) {
        tokio::time::sleep(moment).await;
        let mut killed = children.remove(0);
        killed.kill().unwrap();
        killed.wait().unwrap();
        children.push(start(&job));
    }
    let mut done = 0;
    for child in children {
        let (ended, told) = end(child).await;
        assert!(ended, "{told}");
        let summary = told.lines().find_map(|line| line.strip_prefix("SUMMARY ")).unwrap();
        let summary: le_export::RunSummary = serde_json::from_str(summary).unwrap();
        done += summary.windows.done;
    }
    assert!(done <= 201);
    let data = data(&sim).await;
    assert_same(&exported(folder.path()), &truth(&data, range).await);
    let manifest = std::fs::read_to_string(folder.path().join("_export/manifest.json")).unwrap();
    let manifest: le_export::Manifest = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest.windows.len(), 201);
    assert!(manifest.bookmark.is_some());
}

/// The shell sets a limit for the size of files, which the child meets as it would meet a full disk.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_what_is_committed_stays() {
    use std::os::unix::process::CommandExt as _;
    let sim = sim(3_000).await;
    let folder = tempfile::tempdir().unwrap();
    let range = last_days(&sim, 3);
    let job = job(&sim, folder.path(), range);
    let plain = command(&job);
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""])
        .arg(plain.get_program())
        .args(plain.get_args());
    limited
        .env(JOB, job.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0);
    let (ended, told) = end(limited.spawn().unwrap()).await;
    assert!(!ended && told.contains("FAILED"), "{told}");
    assert!(told.contains("too large") && told.contains("free some space"), "{told}");
    let part = exported(folder.path());
    let (ended, told) = end(start(&job)).await;
    assert!(ended, "{told}");
    let data = data(&sim).await;
    let truth = truth(&data, range).await;
    assert!(part.len() < truth.len());
    assert_same(&exported(folder.path()), &truth);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_does_not_grow_with_what_is_exported() {
    let sim = Sim::builder()
        .account("70011223")
        .conversations(20_000)
        .distinct_conversations(300);
    let sim = sim.start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (ended, told) = end(start(&job(&sim, folder.path(), last_days(&sim, 394)))).await;
    assert!(ended, "{told}");
    let bytes: u64 = files(folder.path(), ".jsonl")
        .iter()
        .map(|file| file.metadata().unwrap().len())
        .sum();
    let peak: u64 = told
        .lines()
        .find_map(|line| line.strip_prefix("MEMORY "))
        .unwrap()
        .parse()
        .unwrap();
    assert!(bytes > 80_000_000, "{bytes}");
    assert!(peak < 64_000_000, "{peak} bytes of memory for {bytes} bytes of records");
}
