//! Parts that are written anew from what is there.

use std::fs::File;

use le_core::{Error, ErrorKind, Result};

use super::writer::Parts;
use super::{Dataset, part};
use crate::formats::Format;
use crate::keys::KeySet;
use crate::window::Window;

/// The part that is there: a file for each table that has rows.
pub(super) struct Base {
    pub(super) covers: Window,
    files: Vec<Option<File>>,
}

impl Base {
    pub(super) async fn fetch(dataset: &Dataset, covers: Window) -> Result<Self> {
        let mut files = Vec::new();
        for table in dataset.format.tables() {
            let name = part::name(table, &covers, dataset.format.extension());
            files.push(dataset.place.file(&name, || dataset.scratch()).await?);
        }
        Ok(Self { covers, files })
    }

    /// Copies the rows of records that stay. Gives how many records of the window are among them.
    ///
    /// Records with a key in `newer` go; where the window is replaced, so do all that began within it.
    pub(super) fn copy(
        self,
        format: &dyn Format,
        parts: &mut Parts,
        window: &Window,
        newer: &KeySet,
        replaces: bool,
    ) -> Result<u64> {
        let mut gone = KeySet::default();
        let mut kept = 0;
        let alone = self.covers == *window;
        if let Some(main) = self.main()? {
            format.keys(main, &mut |key, start| {
                let inside = start.map_or(alone, |start| window.contains(start));
                if newer.contains(key) || (replaces && inside) {
                    gone.insert(key);
                } else if inside {
                    kept += 1;
                }
                true
            })?;
        }
        self.copy_without(parts, &|key| gone.contains(key) || newer.contains(key))?;
        Ok(kept)
    }

    /// A handle of its own to the file of records.
    pub(super) fn main(&self) -> Result<Option<File>> {
        let main = self.files.first().and_then(Option::as_ref);
        main.map(again).transpose()
    }

    /// Copies the rows of all records, except those that are left out.
    pub(super) fn copy_without(self, parts: &mut Parts, leave_out: &dyn Fn(&str) -> bool) -> Result<()> {
        for (table, file) in self.files.into_iter().enumerate() {
            if let Some(file) = file {
                parts.encoder.copy(table, again(&file)?, leave_out)?;
            }
        }
        Ok(())
    }
}

/// The same file from its beginning. Handles share a position, so they are used one after the other.
fn again(file: &File) -> Result<File> {
    use std::io::Seek as _;
    let rewound = file.try_clone().and_then(|mut file| {
        file.rewind()?;
        Ok(file)
    });
    rewound.map_err(|cause| Error::new(ErrorKind::Io, format!("a part cannot be read: {cause}")).with_source(cause))
}
