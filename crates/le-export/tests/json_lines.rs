//! Files of JSON Lines end with a whole line, whatever happens.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use le_core::ErrorKind;
use le_core::wire::RawRecord;
use le_export::{JsonLinesFile, JsonLinesOptions, Safe, Sink as _, Storage, WriteFailure};
use proptest::prelude::*;

fn record(number: usize) -> RawRecord {
    RawRecord::new(format!("{{\"n\":{number},\n\"text\":\"{}\"}}", "x".repeat(number % 50))).unwrap()
}

fn line(number: usize) -> String {
    record(number).as_str().replace('\n', " ") + "\n"
}

fn failure(error: &le_core::Error) -> &WriteFailure {
    std::error::Error::source(error).unwrap().downcast_ref().unwrap()
}

/// A disk with room for so many bytes, which takes only some of them in one go.
#[derive(Clone)]
struct Disk {
    held: Arc<Mutex<Vec<u8>>>,
    room: usize,
    at_once: usize,
    can_cut: bool,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut held = self.held.lock().unwrap();
        let taken = bytes.len().min(self.room - held.len()).min(self.at_once);
        if taken == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        held.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Storage for Disk {
    fn cut(&mut self, length: u64) -> io::Result<()> {
        if !self.can_cut {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        self.held.lock().unwrap().truncate(usize::try_from(length).unwrap());
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

proptest! {
    #[test]
    fn on_a_full_disk_whole_lines_are_left_and_counted(room in 0_usize..4000, at_once in 1_usize..700, flush_each in 1_usize..20) {
        let disk = Disk { held: Arc::default(), room, at_once, can_cut: true };
        let mut file = JsonLinesFile::with_storage(disk.clone(), "x.jsonl");
        let error = (0..200).find_map(|n| {
            file.write(&record(n)).and_then(|()| if n % flush_each == 0 { file.flush() } else { Ok(()) }).err()
        });
        let error = error.unwrap_or_else(|| file.flush().expect_err("4000 bytes are too few"));
        let held = String::from_utf8(disk.held.lock().unwrap().clone()).unwrap();
        let whole = held.lines().count();
        prop_assert_eq!(&held, &(0..whole).map(line).collect::<String>());
        prop_assert_eq!(file.safe(), Safe { records: whole as u64, bytes: held.len() as u64 });
        prop_assert!(held.len() + line(whole).len() > room, "nothing that fits is given up");
        prop_assert_eq!(error.kind(), ErrorKind::Io);
        prop_assert_eq!(failure(&error).safe.records, whole as u64);
        prop_assert!(failure(&error).is_whole);
        let said = error.to_string();
        prop_assert!(said.contains("x.jsonl") && said.contains(&format!("{whole} complete records")) && said.contains("space"), "{}", said);
        // Further writes say so and change nothing.
        prop_assert!(file.write(&record(0)).is_err());
        drop(file);
        prop_assert_eq!(disk.held.lock().unwrap().len(), held.len());
    }
}

#[test]
fn half_a_line_that_cannot_be_cut_off_is_admitted() {
    let disk = Disk {
        held: Arc::default(),
        room: 30,
        at_once: 30,
        can_cut: false,
    };
    let mut file = JsonLinesFile::with_storage(disk, "x.jsonl");
    for n in 0..5 {
        file.write(&record(n)).unwrap();
    }
    let error = file.flush().unwrap_err();
    assert!(!failure(&error).is_whole);
    assert!(error.to_string().contains("could not be cut off"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_that_is_full() {
    let mut file = JsonLinesOptions::new().overwrite(true).open("/dev/full").unwrap();
    file.write(&record(1)).unwrap();
    let error = file.finish().unwrap_err();
    assert_eq!(file.safe(), Safe::default());
    assert_eq!(failure(&error).cause.kind(), io::ErrorKind::StorageFull);
    assert!(error.to_string().contains("/dev/full: No space left"), "{error}");
    assert!(error.to_string().contains("0 complete records"), "{error}");
}

#[test]
fn a_file_is_new_unless_said_otherwise_and_only_its_owner_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.jsonl");
    let mut file = JsonLinesFile::create(&path).unwrap();
    file.write(&record(1)).unwrap();
    file.finish().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), line(1));
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777,
        0o600
    );

    let error = JsonLinesFile::create(&path).unwrap_err();
    assert!(
        error.to_string().contains("exists already") && error.to_string().contains("c.jsonl"),
        "{error}"
    );
    let error = JsonLinesFile::create(folder.path().join("no/c.jsonl")).unwrap_err();
    assert!(error.to_string().contains("folder"), "{error}");
    assert_eq!(
        JsonLinesOptions::new()
            .append(true)
            .atomic(true)
            .open(&path)
            .unwrap_err()
            .kind(),
        ErrorKind::Validation
    );

    let mut file = JsonLinesOptions::new().overwrite(true).open(&path).unwrap();
    file.write(&record(2)).unwrap();
    drop(file);
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        line(2),
        "dropping writes what is in memory"
    );
}

#[test]
fn an_atomic_file_has_its_name_only_when_it_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.jsonl");
    let partial = folder.path().join("c.jsonl.partial");
    let options = JsonLinesOptions::new().atomic(true);
    let mut file = options.open(&path).unwrap();
    file.write(&record(1)).unwrap();
    file.flush().unwrap();
    assert!(!path.exists());
    assert_eq!(std::fs::read_to_string(&partial).unwrap(), line(1));
    drop(file);
    assert!(partial.exists() && !path.exists());

    let mut file = options.open(&path).unwrap();
    file.write(&record(2)).unwrap();
    file.finish().unwrap();
    assert_eq!(file.path(), path);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), line(2));
    assert!(!partial.exists());
    assert!(options.open(&path).unwrap_err().to_string().contains("exists already"));
    options.overwrite(true).open(&path).unwrap().finish().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
}

#[test]
fn appending_begins_behind_the_last_whole_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.jsonl");
    let long = "y".repeat(200_000);
    for (held, kept) in [
        (String::new(), String::new()),
        (line(1), line(1)),
        (format!("{}{{\"torn", line(1)), line(1)),
        (format!("{}{long}", line(1)), line(1)),
        ("{\"torn".to_owned(), String::new()),
    ] {
        std::fs::write(&path, held).unwrap();
        let mut file = JsonLinesOptions::new().append(true).open(&path).unwrap();
        file.write(&record(2)).unwrap();
        file.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), kept + &line(2));
    }
}

#[test]
fn many_records_are_written_in_few_goes() {
    let disk = Disk {
        held: Arc::default(),
        room: usize::MAX,
        at_once: usize::MAX,
        can_cut: true,
    };
    let mut file = JsonLinesFile::with_storage(disk.clone(), "x.jsonl");
    for n in 0..20_000 {
        file.write(&record(n)).unwrap();
    }
    assert!(file.safe().records > 10_000, "the buffer is bounded");
    file.finish().unwrap();
    assert_eq!(file.safe().records, 20_000);
    assert_eq!(disk.held.lock().unwrap().len() as u64, file.safe().bytes);
}
