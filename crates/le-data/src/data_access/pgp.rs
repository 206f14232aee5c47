//! Values that only the account can read.

/// Whether a text is a PGP message in ASCII armour: what accounts with encryption at rest get in place of sensitive values. It has
/// to be decrypted with the key whose public half the vendor was given.
///
/// ```
/// use le_data::data_access::is_pgp_message;
/// assert!(is_pgp_message("-----BEGIN PGP MESSAGE-----\n\nhQIM...\n-----END PGP MESSAGE-----\n"));
/// assert!(!is_pgp_message("where is my parcel?"));
/// ```
#[must_use]
pub fn is_pgp_message(text: &str) -> bool {
    text.trim_start().starts_with("-----BEGIN PGP MESSAGE-----")
}
