//! Profiles of consumers and users.

use le_core::id::UserId;
use le_core::wire::{List, RawRecord};
use serde::Serialize;

use crate::dialect::Dialect;
use crate::identity::ParticipantId;
use crate::request::{Acknowledged, Request, names, request};

/// Asks for a profile: one's own, or that of a user or consumer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GetProfile {
    who: Option<ParticipantId>,
}

impl GetProfile {
    /// One's own. On an agent socket this also tells the agent's own id.
    #[must_use]
    pub fn own() -> Self {
        Self::default()
    }

    /// Of this participant.
    #[must_use]
    pub fn of(who: impl Into<ParticipantId>) -> Self {
        Self { who: Some(who.into()) }
    }
}

/// The body of [`GetProfile`]: agent sockets take the bare id, as the vendor's own client sends it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[doc(hidden)]
pub enum ProfileQuery<'a> {
    Bare(&'a str),
    Object {
        #[serde(rename = "userId", skip_serializing_if = "Option::is_none")]
        user_id: Option<&'a str>,
    },
}

impl Request for GetProfile {
    type Answer = Profile;
    type Body<'a> = ProfileQuery<'a>;

    fn operation(&self) -> &'static str {
        names::GET_PROFILE.id
    }

    fn spelled(&self, dialect: Dialect) -> Option<&str> {
        names::GET_PROFILE.spelled(dialect)
    }

    fn body(&self, dialect: Dialect) -> Option<ProfileQuery<'_>> {
        let id = self.who.as_ref().map(ParticipantId::as_str);
        Some(match (dialect, id) {
            (Dialect::Agent, Some(id)) => ProfileQuery::Bare(id),
            (_, user_id) => ProfileQuery::Object { user_id },
        })
    }
}

le_core::record! {
    /// What is only for the brand to know.
    pub struct PrivateData {
        /// Mobile number.
        mobile_number: Option<String> = "mobileNum",
        /// E-mail.
        mail: Option<String> = "mail" | "email",
        /// Id.
        user_id: Option<String> = "userId",
        /// Push service, certificate and token.
        push_notification: Option<RawRecord> = "pushNotificationData" [safe],
    }
}

le_core::record! {
    /// Engagement attributes of the consumer, each as it came: `ctmrinfo`, `personal` and others.
    pub struct Attributes {
        /// The attributes.
        attributes: List<RawRecord> = "lp_sdes" [safe],
        /// Who vouches for them.
        issuer: Option<String> = "iss" [safe],
    }
}

le_core::record! {
    /// A profile. All of it is personal.
    pub struct Profile {
        /// Id.
        user_id: Option<UserId> = "userId" [safe],
        /// First name.
        first_name: Option<String> = "firstName",
        /// Last name.
        last_name: Option<String> = "lastName",
        /// Nickname.
        nickname: Option<String> = "nickName",
        /// Picture.
        avatar_url: Option<String> = "avatarUrl",
        /// Role.
        role: Option<String> = "role",
        /// Background picture.
        background_image: Option<String> = "backgndImgUri",
        /// Description.
        description: Option<String> = "description",
        /// What is only for the brand to know.
        private_data: Option<PrivateData> = "privateData" [safe],
        /// Attributes that the connector vouches for.
        authenticated_data: Option<Attributes> = "authenticatedData" [safe],
        /// Attributes that the brand's token vouches for.
        claims: Option<Attributes> = "claims" [safe],
        /// Level of authentication.
        authentication_level: Option<String> = "acr" [safe],
    }
}

le_core::record! {
    /// Replaces the consumer's profile.
    pub struct SetProfile {
        /// First name.
        first_name: Option<String> = "firstName",
        /// Last name.
        last_name: Option<String> = "lastName",
        /// Nickname.
        nickname: Option<String> = "nickName",
        /// Picture.
        avatar_url: Option<String> = "avatarUrl",
        /// What is only for the brand to know.
        private_data: Option<PrivateData> = "privateData" [safe],
        /// Attributes that the connector vouches for.
        authenticated_data: Option<Attributes> = "authenticatedData" [safe],
    }
}
request!(SetProfile, SET_PROFILE, Acknowledged);
