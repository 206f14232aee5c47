//! Which attributes add to what was reported before.

use crate::sde::Sde;

impl Sde {
    /// Whether each report adds an item, so that one that arrives twice is there twice.
    ///
    /// Service activity is replaced in messaging and appended in chat; it counts as appended.
    pub(crate) fn is_appended(&self) -> bool {
        !matches!(
            self,
            Self::CustomerInfo(_) | Self::Personal(_) | Self::MarketingSource(_) | Self::Cart(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{self, Repeat};

    #[test]
    fn it_agrees_with_the_catalogue() {
        for name in crate::SdeType::KNOWN {
            let sde = Sde::read(&format!("{{\"type\":\"{name}\"}}")).unwrap();
            let kind = catalogue::find(name).unwrap();
            let appends = [kind.chat, kind.messaging].contains(&Repeat::Append);
            assert_eq!(sde.is_appended(), appends, "{name}");
        }
    }
}
