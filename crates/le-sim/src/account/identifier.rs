//! Seeds and random identifiers.

use fastrand::Rng;

/// Folds text into a number (FNV-1a), so that an account id can be part of a seed.
pub(crate) fn fold_text(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Mixes two numbers into a seed (SplitMix64), so that neighbours share nothing.
pub(crate) fn mix(seed: u64, salt: u64) -> u64 {
    let mut mixed = seed
        ^ salt
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// `digits` random hexadecimal digits.
pub(crate) fn hexadecimal(random: &mut Rng, digits: usize) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    (0..digits).map(|_| char::from(DIGITS[random.usize(..16)])).collect()
}

/// A random uuid (version 4) in its text form.
pub(crate) fn uuid(random: &mut Rng) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut value = random.u128(..);
    value = (value & !(0xf << 76)) | (0x4 << 76);
    value = (value & !(0x3 << 62)) | (0x2 << 62);
    let mut text = String::with_capacity(36);
    for position in (0..32u32).rev() {
        text.push(char::from(DIGITS[((value >> (position * 4)) & 0xf) as usize]));
        if matches!(position, 24 | 20 | 16 | 12) {
            text.push('-');
        }
    }
    text
}
