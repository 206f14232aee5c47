//! Times come twice: as text, and as milliseconds in a twin whose name ends in `L`.

use le_core::Timestamp;
use le_core::wire::{Int, TimeText};

/// The instant, from the twin where it is sent. `-1` and the spellings of "none" are `None`.
pub(crate) fn instant(twin: Option<&Int>, text: Option<&TimeText>) -> Option<Timestamp> {
    match twin {
        Some(millis) => millis.present().map(Timestamp::from_millis),
        None => text.and_then(TimeText::get),
    }
}

/// Accessors that prefer the twin.
macro_rules! times {
    ($record:ident { $( $(#[$meta:meta])* $name:ident: $twin:ident, $text:ident; )+ }) => {
        impl $record {
            $(
                $(#[$meta])*
                ///
                /// From the milliseconds where they are sent, otherwise from the text.
                #[must_use]
                pub fn $name(&self) -> ::std::option::Option<::le_core::Timestamp> {
                    $crate::times::instant(self.$twin.as_ref(), self.$text.as_ref())
                }
            )+
        }
    };
}
pub(crate) use times;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twin_wins_and_nothing_is_nothing() {
        let at = |millis| Some(Timestamp::from_millis(millis));
        let text = TimeText::from("2030-01-01 09:00:00.120+0000");
        assert_eq!(instant(Some(&Int::from(7)), Some(&text)), at(7));
        assert_eq!(instant(None, Some(&text)), at(1_893_488_400_120));
        assert_eq!(instant(Some(&Int::from(-1)), Some(&TimeText::from("undefined"))), None);
        for nothing in ["undefined", "null", "", "-1", "soon"] {
            assert_eq!(instant(None, Some(&TimeText::from(nothing))), None);
        }
    }
}
