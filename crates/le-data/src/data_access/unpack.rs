//! Unpacking while the bytes come.

use std::io::{self, Write as _};

use flate2::write::MultiGzDecoder;

/// How much of a packed file is unpacked at once: gzip makes at most some thousand times as much of it.
pub(super) const SLICE: usize = 4 << 10;

/// The first bytes of gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&GZIP)
}

/// Unpacks gzip, and passes on what is not packed. The first bytes tell which it is.
pub(super) enum Unpacker {
    /// Too few bytes came to tell.
    Unknown(Vec<u8>),
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Plain,
}

impl Default for Unpacker {
    fn default() -> Self {
        Self::Unknown(Vec::new())
    }
}

impl Unpacker {
    /// Takes at most [`SLICE`] bytes, and adds what they come to.
    ///
    /// # Errors
    /// Where the packed data are damaged. What came before the damage was added.
    pub(super) fn push(&mut self, slice: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        if let Self::Unknown(held) = self {
            held.extend_from_slice(slice);
            if held.len() < GZIP.len() {
                return Ok(());
            }
            let held = std::mem::take(held);
            *self = if is_gzip(&held) {
                Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
            } else {
                Self::Plain
            };
            return self.push(&held, out);
        }
        match self {
            Self::Gzip(decoder) => {
                let outcome = decoder.write_all(slice);
                out.append(decoder.get_mut());
                outcome
            }
            _ => {
                out.extend_from_slice(slice);
                Ok(())
            }
        }
    }

    /// There is no more. Adds what was held back.
    ///
    /// # Errors
    /// Where the packed data were cut off.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Unknown(held) => {
                out.append(held);
                Ok(())
            }
            Self::Plain => Ok(()),
            Self::Gzip(decoder) => {
                let outcome = decoder.try_finish();
                out.append(decoder.get_mut());
                outcome
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn unpacked(bytes: &[u8], step: usize) -> (Vec<u8>, io::Result<()>) {
        let (mut unpacker, mut out) = (Unpacker::default(), Vec::new());
        for slice in bytes.chunks(step) {
            if let Err(error) = unpacker.push(slice, &mut out) {
                return (out, Err(error));
            }
        }
        let outcome = unpacker.end(&mut out);
        (out, outcome)
    }

    #[test]
    fn packed_joined_and_plain_bytes_come_out_whole_however_they_are_cut() {
        let text: Vec<u8> = (0..30_000_u32).flat_map(u32::to_le_bytes).collect();
        let (head, tail) = text.split_at(50_000);
        let joined = [packed(head), packed(tail)].concat();
        for bytes in [packed(&text), joined, text.clone()] {
            for step in [1, 7, SLICE] {
                let (out, outcome) = unpacked(&bytes, step);
                assert!(outcome.is_ok() && out == text, "{step}");
            }
        }
        for short in [&b""[..], b"{", b"\x1f"] {
            let (out, outcome) = unpacked(short, 1);
            assert!(outcome.is_ok() && out == short);
        }
    }

    #[test]
    fn what_is_cut_off_or_damaged_is_told_behind_what_it_held() {
        let text = b"{\"a\":1}\n".repeat(20_000);
        let whole = packed(&text);
        for length in [3, 12, whole.len() / 2, whole.len() - 1] {
            let (out, outcome) = unpacked(&whole[..length], SLICE);
            assert!(outcome.is_err(), "{length}");
            assert!(text.starts_with(&out));
        }
        let mut damaged = whole.clone();
        let at = damaged.len() - 6;
        damaged[at] ^= 1;
        assert!(unpacked(&damaged, SLICE).1.is_err(), "the checksum");
    }
}
