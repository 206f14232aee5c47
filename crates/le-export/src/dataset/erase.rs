//! Records that have to go: deletion requests.

use std::collections::BTreeSet;
use std::sync::Arc;

use le_core::Result;

use super::Dataset;
use super::broken::{self, without};
use super::part::{self, BROKEN, Part};
use super::rewrite::Base;
use super::writer::Parts;
use crate::destination::Forgotten;
use crate::place::blocking;
use crate::window::Window;

/// Goes through every part, and writes those anew that hold one of the records.
pub(super) async fn erase(dataset: &Dataset, keys: &BTreeSet<String>) -> Result<Forgotten> {
    let keys = Arc::new(keys.clone());
    let mut forgotten = Forgotten::default();
    for part in dataset.parts(dataset.main_table(), None).await? {
        let alone = dataset.alone_in(&part.covers.date()).await?;
        let touched = from_part(dataset, part.covers, &keys, &mut forgotten).await;
        alone.release().await;
        forgotten.touched += u64::from(touched?);
    }
    for found in dataset.place.list(BROKEN).await? {
        if let Some(part) = Part::read(&found.name, found.bytes, BROKEN, broken::EXTENSION)
            && from_broken(dataset, part.covers, &keys).await?
        {
            forgotten.touched += 1;
        }
    }
    Ok(forgotten)
}

async fn from_part(
    dataset: &Dataset,
    covers: Window,
    keys: &Arc<BTreeSet<String>>,
    forgotten: &mut Forgotten,
) -> Result<bool> {
    let base = Base::fetch(dataset, covers).await?;
    let (owned, wanted) = (dataset.clone(), Arc::clone(keys));
    let written = dataset.encoders.run(move || {
        let mut there = Vec::new();
        if let Some(main) = base.main()? {
            owned.format.keys(main, &mut |key, start| {
                if wanted.contains(key) {
                    there.push((key.to_owned(), start));
                }
                true
            })?;
        }
        if there.is_empty() {
            return Ok(None);
        }
        let mut parts = Parts::stage(&owned)?;
        base.copy_without(&mut parts, &|key| wanted.contains(key))?;
        Ok(Some((parts.finish()?, there)))
    });
    let Some(((files, rows), there)) = written.await? else {
        return Ok(false);
    };
    dataset.publish(&covers, files, &rows).await?;
    forgotten.keys.extend(there);
    Ok(true)
}

/// A record without a readable key may still be about one of them: whatever names the key goes.
async fn from_broken(dataset: &Dataset, covers: Window, keys: &Arc<BTreeSet<String>>) -> Result<bool> {
    let name = part::name(BROKEN, &covers, broken::EXTENSION);
    let scratch = dataset.scratch()?;
    let Some(file) = dataset.place.file(&name, || dataset.scratch()).await? else {
        return Ok(false);
    };
    let keys = Arc::clone(keys);
    let (staged, gone) = blocking(move || {
        let staged = scratch.stage()?;
        let texts: Vec<&str> = keys.iter().map(String::as_str).collect();
        let gone = without(file, &staged, &texts)?;
        Ok((staged, gone))
    })
    .await?;
    if gone == 0 {
        return Ok(false);
    }
    match staged.length()? {
        0 => dataset.place.remove(&name).await?,
        _ => dataset.place.publish(staged, &name).await?,
    }
    Ok(true)
}
