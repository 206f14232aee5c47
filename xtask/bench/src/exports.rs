//! Whole exports: the history in windows of a day, each there whole or not at all, against a bare pull of the same days into one file.
//!
//! Each export writes into an empty folder below the system's folder for temporary files.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use le_core::{BaseUri, Timestamp};
use le_data::Data;
use le_export::formats::Parquet;
use le_export::{Conversations, Dataset, Destination, Export, JsonLines, Sqlite};

use crate::target::{Figures, Target};
use crate::{bare, measure, ours};

/// What is measured in turns, the floor first.
pub(crate) const COMPARED: [&str; 3] = ["bare-export-jsonl", "export-jsonl", "export-parquet"];

/// What is measured once: it is reported without a wanted value.
pub(crate) const REPORTED: &str = "export-sqlite";

/// What is run once more with [`MANY`] records, to see that memory does not grow with them.
pub(crate) const LARGE: [(&str, &str); 2] = [
    ("export-jsonl", "export-jsonl-large"),
    ("export-parquet", "export-parquet-large"),
];

/// The records of a large export.
pub(crate) const MANY: usize = 1_000_000;

const DAY: i64 = 86_400_000;
/// As far back as the simulator's history goes.
const DAYS: i64 = 395;

/// Runs a scenario and measures the whole process: the work is spread over threads.
pub(crate) async fn measured(target: &Target, scenario: &str, folder: &Path) -> Result<Figures> {
    let own = std::process::id();
    let (client, server, begun) = (measure::whole_cpu(own), measure::cpu(target.server), Instant::now());
    let (records, bytes) = match scenario {
        "bare-export-jsonl" => floor(target, &folder.join("conversations.jsonl")).await?,
        "export-jsonl" => export(target, Dataset::open(text(folder)?, JsonLines::default())?).await?,
        "export-parquet" => export(target, Dataset::open(text(folder)?, Parquet::new())?).await?,
        _ => export(target, Sqlite::open(folder.join("export.sqlite"))?).await?,
    };
    let wall = begun.elapsed().as_secs_f64();
    let spent = |after: Option<Duration>, before: Option<Duration>| Some(after?.saturating_sub(before?).as_secs_f64());
    Ok(Figures {
        records,
        bytes,
        wall,
        client_cpu: spent(measure::whole_cpu(own), client),
        server_cpu: spent(measure::cpu(target.server), server),
        peak: measure::peak_memory(),
        p99: None,
    })
}

/// Empties the files of an export and lets them stay: ext4 is slow to make files where many were removed in the last minutes.
pub(crate) fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            empty(&entry.path())?;
        } else {
            File::create(entry.path())?;
        }
    }
    Ok(())
}

fn text(path: &Path) -> Result<&str> {
    path.to_str()
        .context("the folder for temporary files has a strange name")
}

/// The range of an export: all that there is, from a midnight on. Both ends of the windows are on 10-minute marks.
fn range(target: &Target) -> Result<(i64, i64)> {
    let (_, last) = *target.windows.last().context("no windows")?;
    let to = last + 1;
    Ok(((to - DAYS * DAY).div_euclid(DAY) * DAY, to))
}

async fn export(target: &Target, destination: impl Destination) -> Result<(u64, u64)> {
    let data = Data::new(ours::client(target, BaseUri::new(&target.csds)?)?);
    let (from, to) = range(target)?;
    let summary = Export::of(Conversations::new(&data).search(|search| search.limit(bare::PAGE)))
        .range(Timestamp::from_millis(from), Timestamp::from_millis(to))
        .into(destination)
        .await?;
    ensure!(summary.is_clean(), "the export is not clean");
    Ok((summary.records, summary.bytes))
}

/// The same days one after the other into one file, with nothing that survives being killed.
async fn floor(target: &Target, file: &Path) -> Result<(u64, u64)> {
    let (from, to) = range(target)?;
    let days = (0..).map(|day| from + day * DAY).take_while(|from| *from < to);
    let windows: Vec<(i64, i64)> = days.map(|from| (from, (from + DAY).min(to) - 1)).collect();
    let pull = bare::pull(target, &windows, File::create(file)?, false).await?;
    Ok((pull.records, pull.bytes))
}
