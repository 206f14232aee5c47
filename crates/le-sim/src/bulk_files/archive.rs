//! The archives: which files, and the zip of them.

use std::io::{Cursor, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{history::SharedFile, world::World};

/// The files of one archive of a conversation, newest first; `None`: there is no such archive.
pub(super) fn files(world: &World, conversation: &str, number: usize, per_archive: usize) -> Option<Vec<SharedFile>> {
    let files = world.history.files_of(conversation)?;
    let files: Vec<SharedFile> = files.chunks(per_archive.max(1)).nth(number)?.to_vec();
    Some(files)
}

/// How many archives a conversation has.
pub(super) fn count(world: &World, conversation: &str, per_archive: usize) -> usize {
    let files = world.history.files_of(conversation).map_or(0, |files| files.len());
    files.div_ceil(per_archive.max(1))
}

/// The zip. Files of generated conversations were never uploaded: what stands for them is their preview.
pub(super) fn zipped(world: &World, files: &[SharedFile]) -> zip::result::ZipResult<Bytes> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (number, file) in files.iter().enumerate() {
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        // Two files of one name are told apart by their place.
        let taken = files[..number].iter().any(|earlier| earlier.path.ends_with(name));
        let name = if taken {
            format!("{number}-{name}")
        } else {
            name.to_owned()
        };
        zip.start_file(name, options)?;
        let bytes = world
            .messaging
            .files
            .bytes(&file.path)
            .unwrap_or_else(|| preview(&file.preview));
        zip.write_all(&bytes)?;
    }
    Ok(Bytes::from(zip.finish()?.into_inner()))
}

/// The bytes of a data URI.
pub(crate) fn preview(uri: &str) -> Bytes {
    let encoded = uri.split_once(',').map_or(uri, |(_, encoded)| encoded);
    STANDARD
        .decode(encoded)
        .map_or_else(|_| Bytes::copy_from_slice(uri.as_bytes()), Bytes::from)
}
