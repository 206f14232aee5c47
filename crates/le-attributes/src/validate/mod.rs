//! The published rules for attributes. Nothing here runs by itself: call it before you send.
//!
//! [`report`] lists everything that is wrong, each with its place, the rule and what to do; [`attributes`] makes one error of it.
//! The rules come from the [`catalogue`](crate::catalogue). LivePerson publishes no length limit for what is sent and no greatest
//! number of attributes, so there is none here either; a limit of your own is a [`Guard`](crate::guard::Guard).
//!
//! What the catalogue does not have breaks no rule; [`unknown`] lists it, with what may have been meant.
//!
//! No violation shows the value of a field. Attributes that keep all rules are checked without an allocation.

mod envelope;
mod examine;
mod place;
mod route;
mod unknown;
mod violation;

use le_core::{Error, Result};

pub(crate) use self::examine::{Scope, slot};
pub(crate) use self::place::Place;
pub use self::route::Route;
pub use self::unknown::{Unknown, unknown};
pub use self::violation::{Report, Rule, Violation};

use crate::sde::Sde;

/// Everything that is wrong with the attributes of one request on `route`.
///
/// ```
/// use le_attributes::{Sde, validate::{self, Route, Rule}};
///
/// let cart = Sde::read(r#"{"type":"cart","numItems":-1,"products":[{"quantity":1}]}"#)?;
/// let report = validate::report(&[cart], Route::Report);
/// let found: Vec<_> = report.iter().map(|violation| (violation.path(), violation.rule())).collect();
/// assert_eq!(
///     found,
///     [("total", Rule::Missing), ("numItems", Rule::NotNegative), ("products[0].product", Rule::Missing)]
/// );
/// # Ok::<_, serde_json::Error>(())
/// ```
#[must_use]
pub fn report(attributes: &[Sde], route: Route) -> Report {
    let mut report = Report::default();
    for (at, attribute) in attributes.iter().enumerate() {
        report.at = Some(at);
        envelope::examine(attribute, Some(route), &mut report);
    }
    report
}

/// All attributes of one request on `route`.
///
/// ```
/// use le_attributes::{Sde, journey::SearchedContent, validate::{self, Route}};
///
/// let search = Sde::from(SearchedContent::of(["return policy"]));
/// assert!(validate::attributes(std::slice::from_ref(&search), Route::Report).is_ok());
/// let error = validate::attributes(&[search], Route::MobileReport).unwrap_err();
/// assert!(error.to_string().contains("attributes[0]"));
/// ```
///
/// # Errors
/// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) that lists everything that is wrong: the place of the attribute, the
/// field and the rule.
pub fn attributes(attributes: &[Sde], route: Route) -> Result<()> {
    report(attributes, route).into_result()
}

/// One attribute, whatever its type and its way. What this version does not know passes; [`unknown`] tells it.
///
/// # Errors
/// As [`attributes`], without the place of the attribute.
pub fn sde(attribute: &Sde) -> Result<()> {
    let mut report = Report::default();
    envelope::examine(attribute, None, &mut report);
    report.into_result()
}

/// A language as the service takes it: two lower-case letters, `-` or `_`, two upper-case letters.
///
/// ```
/// use le_attributes::validate::language_tag;
/// assert!(language_tag("fr-CA").is_ok() && language_tag("nb_NO").is_ok());
/// assert!(language_tag("fr").is_err() && language_tag("FR-ca").is_err());
/// ```
///
/// # Errors
/// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) with the rule.
pub fn language_tag(tag: &str) -> Result<()> {
    if examine::is_language(tag) {
        return Ok(());
    }
    Err(
        Error::validation("a language is not an ISO 639-1 language and an ISO 3166-1 country")
            .with_advice("write it like fr-CA"),
    )
}
