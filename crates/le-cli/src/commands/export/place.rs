//! Where an export goes and in which form: the flags, and the destination that they mean.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use le_export::formats::Csv;
use le_export::{Compression, Dataset, Export, JsonLines, Singer};

use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// Where `le export` writes and `le query` reads where nothing else is said.
pub(crate) const DEFAULT: &str = "history.sqlite";

/// Where, and in which form.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Destination")]
pub(crate) struct Place {
    /// A folder, an address (s3://bucket/prefix, gs://.., az://..), postgres://user@host/database (the
    /// password is in PGPASSWORD), or a file ending in .sqlite or .db
    #[arg(long, short, value_name = "PLACE", default_value = DEFAULT, value_hint = ValueHint::AnyPath)]
    into: String,

    /// The form [default: sqlite for a file ending in .sqlite or .db, postgres for postgres://, else parquet]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,

    /// How files are compressed [default: gzip for jsonl, snappy for parquet, none for csv]
    #[arg(long, value_name = "CODEC")]
    compression: Option<Codec>,

    /// Writes messages, transfers and the other lists of conversations as tables of their own, too; for parquet
    #[arg(long)]
    flat_tables: bool,

    /// The value of the last STATE message of the run before, as a file; for singer
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    state: Option<PathBuf>,
}

/// The forms that this program can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Each record as received, one a line
    Jsonl,
    /// Flat tables; nested lists are tables of their own
    Csv,
    /// Typed columns, and the record as received beside them
    Parquet,
    /// One file with all tables, for `le query` and every SQLite tool
    Sqlite,
    /// Tables of a PostgreSQL database
    Postgres,
    /// SCHEMA, RECORD and STATE messages on the standard output, for Singer targets
    Singer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Codec {
    None,
    Gzip,
    Zstd,
    /// Parquet only
    Snappy,
}

impl Codec {
    fn of_text(self) -> Result<Compression> {
        match self {
            Self::None => Ok(Compression::Plain),
            Self::Gzip => Ok(Compression::Gzip),
            #[cfg(feature = "zstd")]
            Self::Zstd => Ok(Compression::Zstd),
            #[cfg(not(feature = "zstd"))]
            Self::Zstd => Err(not_built_in("zstd", "zstd")),
            Self::Snappy => Err(Failure::usage("snappy is for parquet").advise("choose none, gzip or zstd")),
        }
    }
}

/// A destination that is open.
#[derive(Debug)]
pub(crate) enum Opened {
    Dataset(Dataset),
    #[cfg(feature = "sqlite")]
    Sqlite(le_export::Sqlite),
    #[cfg(feature = "postgres")]
    Postgres(le_export::Postgres),
    Singer(Singer),
}

impl Opened {
    /// Makes it the destination of an export.
    pub(crate) fn of(self, export: Export) -> Export {
        match self {
            Self::Dataset(dataset) => export.into(dataset),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(file) => export.into(file),
            #[cfg(feature = "postgres")]
            Self::Postgres(database) => export.into(database),
            Self::Singer(singer) => export.into(singer),
        }
    }
}

#[cfg(not(all(feature = "parquet", feature = "sqlite", feature = "postgres", feature = "zstd")))]
fn not_built_in(what: &str, feature: &str) -> Failure {
    Failure::configuration(format!("this program was built without {what}"))
        .advise(format!("build it with `--features {feature}`"))
}

impl Place {
    /// The place for messages: as it was written, where anything is written there.
    pub(crate) fn name(&self) -> &str {
        if self.is_stdout() {
            return "the standard output";
        }
        &self.into
    }

    fn format(&self) -> Format {
        self.format.unwrap_or_else(|| {
            let ends = Path::new(&self.into).extension().and_then(|ending| ending.to_str());
            match ends {
                _ if self.into.starts_with("postgres://") || self.into.starts_with("postgresql://") => Format::Postgres,
                Some("sqlite" | "sqlite3" | "db") if !self.into.contains("://") => Format::Sqlite,
                _ => Format::Parquet,
            }
        })
    }

    /// Opens it, or makes it.
    pub(crate) async fn open(&self) -> Result<Opened> {
        match self.format() {
            Format::Jsonl => {
                let compression = self.compression.unwrap_or(Codec::Gzip).of_text()?;
                Ok(Opened::Dataset(Dataset::open(&self.into, JsonLines::new(compression))?))
            }
            Format::Csv => {
                let compression = self.compression.unwrap_or(Codec::None).of_text()?;
                Ok(Opened::Dataset(Dataset::open(&self.into, Csv::new(compression))?))
            }
            Format::Parquet => self.parquet().await,
            Format::Sqlite => self.sqlite(),
            Format::Postgres => self.postgres().await,
            Format::Singer => self.singer(),
        }
    }

    /// Whether the standard output belongs to the records.
    pub(crate) fn is_stdout(&self) -> bool {
        self.format() == Format::Singer
    }

    fn singer(&self) -> Result<Opened> {
        let singer = Singer::new(std::io::BufWriter::new(std::io::stdout()));
        let Some(file) = &self.state else {
            return Ok(Opened::Singer(singer));
        };
        let text = std::fs::read_to_string(file).map_err(|e| Failure::file("read", file, &e))?;
        let state = serde_json::from_str(&text)
            .map_err(|e| Failure::configuration(format!("{} is not JSON", file.display())).because(e.to_string()))?;
        Ok(Opened::Singer(singer.with_state(state)?))
    }

    #[cfg(feature = "parquet")]
    async fn parquet(&self) -> Result<Opened> {
        use le_export::formats::{Parquet, ParquetCompression};

        let compression = match self.compression.unwrap_or(Codec::Snappy) {
            Codec::Snappy => ParquetCompression::Snappy,
            Codec::None => ParquetCompression::None,
            #[cfg(feature = "zstd")]
            Codec::Zstd => ParquetCompression::Zstd,
            #[cfg(not(feature = "zstd"))]
            Codec::Zstd => return Err(not_built_in("zstd", "zstd")),
            Codec::Gzip => {
                return Err(
                    Failure::usage("parquet is not compressed with gzip here").advise("choose snappy, zstd or none")
                );
            }
        };
        let format = Parquet::new().compression(compression);
        let lake = Dataset::open(&self.into, format.clone())?;
        // Tables that are there go on, and what is forgotten is forgotten in them too.
        if !self.flat_tables && lake.files("messages").await?.is_empty() {
            return Ok(Opened::Dataset(lake));
        }
        Ok(Opened::Dataset(Dataset::open(&self.into, format.flat_tables(true))?))
    }

    #[cfg(not(feature = "parquet"))]
    async fn parquet(&self) -> Result<Opened> {
        Err(not_built_in("Parquet", "parquet"))
    }

    #[cfg(feature = "sqlite")]
    fn sqlite(&self) -> Result<Opened> {
        if self.compression.is_some_and(|codec| codec != Codec::None) {
            return Err(Failure::usage("a SQLite file is not compressed").advise("leave --compression out"));
        }
        Ok(Opened::Sqlite(le_export::Sqlite::open(&self.into)?))
    }

    #[cfg(not(feature = "sqlite"))]
    fn sqlite(&self) -> Result<Opened> {
        Err(not_built_in("SQLite", "sqlite"))
    }

    #[cfg(feature = "postgres")]
    async fn postgres(&self) -> Result<Opened> {
        Ok(Opened::Postgres(le_export::Postgres::connect(&self.into).await?))
    }

    #[cfg(not(feature = "postgres"))]
    async fn postgres(&self) -> Result<Opened> {
        Err(not_built_in("PostgreSQL", "postgres"))
    }

    /// Refuses a place without anything in it: for commands that look after what is there.
    pub(crate) async fn existing(&self) -> Result<Opened> {
        let is_local = !self.into.contains("://");
        if is_local && !Path::new(&self.into).exists() {
            return Err(Failure::new(Exit::NotFound, format!("{} is not there", self.into))
                .advise("name the place that was exported into"));
        }
        self.open().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(to: &str) -> Place {
        Place {
            into: to.to_owned(),
            format: None,
            compression: None,
            flat_tables: false,
            state: None,
        }
    }

    #[test]
    fn the_form_follows_from_the_place() {
        assert_eq!(place("history.sqlite").format(), Format::Sqlite);
        assert_eq!(place("history.db").format(), Format::Sqlite);
        assert_eq!(place("lake").format(), Format::Parquet);
        assert_eq!(place("s3://bucket/history.db").format(), Format::Parquet);
        assert_eq!(place("postgres://db/history").format(), Format::Postgres);
        let given = Place {
            format: Some(Format::Csv),
            ..place("history.db")
        };
        assert_eq!(given.format(), Format::Csv);
    }

    #[tokio::test]
    async fn what_does_not_go_together_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("lake").display().to_string();
        let snappy = Place {
            format: Some(Format::Jsonl),
            compression: Some(Codec::Snappy),
            ..place(&to)
        };
        assert_eq!(snappy.open().await.unwrap_err().exit(), Exit::Usage);
        assert_eq!(place(&to).existing().await.unwrap_err().exit(), Exit::NotFound);
    }
}
