//! Ways on which attributes reach LivePerson.

use crate::catalogue::AttributeType;

/// A way on which attributes reach LivePerson. Each takes some types and refuses others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// The `engagement` call of the Monitoring API: all attributes, no impressions.
    Engagement,
    /// The `report` call of the Monitoring API: attributes and impressions.
    Report,
    /// A report from a mobile app: as `Report`, but without searched content.
    MobileReport,
    /// The Engagement Attributes API: all attributes, no impressions.
    Visit,
    /// The eligibility call of Connect to Messaging: customer and personal info only.
    ConnectToMessaging,
    /// The claim `lp_sdes` of a token that the brand signs: customer and personal info only, without store fields.
    SignedToken,
}

impl Route {
    /// Every way.
    pub const ALL: [Self; 6] = [
        Self::Engagement,
        Self::Report,
        Self::MobileReport,
        Self::Visit,
        Self::ConnectToMessaging,
        Self::SignedToken,
    ];

    /// Whether attributes of this type can go this way.
    #[must_use]
    pub fn takes(self, kind: &AttributeType) -> bool {
        match self {
            Self::Engagement | Self::Visit => !kind.is_impression(),
            Self::Report => true,
            Self::MobileReport => kind.mobile,
            Self::ConnectToMessaging | Self::SignedToken => kind.authenticated,
        }
    }

    /// Whether a type that this version does not know can go this way.
    pub(super) fn takes_unknown(self) -> bool {
        !matches!(self, Self::ConnectToMessaging | Self::SignedToken)
    }

    /// Whether only the fields that authenticated flows take can go this way.
    pub(super) fn is_authenticated(self) -> bool {
        self == Self::SignedToken
    }
}
