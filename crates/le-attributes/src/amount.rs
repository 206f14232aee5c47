//! Amounts of money.

use std::iter::Sum;
use std::ops::{Add, Mul, Sub};
use std::str::FromStr;

use le_core::Error;
use le_core::wire::Float;

/// An amount of money in units of its currency, written as a plain JSON number.
///
/// LiveEngage wants money as a number, and a binary number is off by its last bits as soon as it was computed: 0.1 and 0.2 make
/// 0.30000000000000004. An amount is the decimal that was meant. It keeps up to six digits behind the point clean; a number that
/// has more of them, or is larger than a thousand million, stays as it is. Nothing is rounded that is not such noise.
///
/// ```
/// use le_attributes::{Amount, shopping::Cart};
///
/// let total: Amount = [Amount::minor(1999, 2), Amount::minor(4141, 2)].into_iter().sum();
/// let cart = serde_json::to_string(&Cart::new(total, 2))?;
/// assert_eq!(cart, r#"{"total":61.4,"numItems":2}"#);
/// assert_eq!(serde_json::to_string(&Cart::new(0.1 + 0.2, 3))?, r#"{"total":0.3,"numItems":3}"#);
/// assert_eq!("61.40".parse::<Amount>()?, Amount::from(61.4));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Amount(f64);

/// What six digits behind the point are worth.
const MICRO: f64 = 1e6;

impl Amount {
    /// So many of the currency's smallest unit, which is `10^-digits`: `minor(6140, 2)` is 61.40, `minor(500, 0)` is 500.
    #[must_use]
    pub fn minor(units: i64, digits: u8) -> Self {
        // The division of two whole numbers gives the number nearest to the decimal.
        Self(units as f64 / 10_f64.powi(i32::from(digits)))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

/// The decimal that a computed number stands for, where it is one. `scale` is the largest number that went into it: what is left of
/// two large ones that nearly cancel has the noise of the large ones.
fn clean(number: f64, scale: f64) -> f64 {
    const LARGEST: f64 = 1e9;
    // A few units in the last place: more than a sum of a cart collects, less than a digit that somebody wrote.
    const NOISE: f64 = 1e-14;
    if scale.abs() >= LARGEST {
        return number;
    }
    let decimal = (number * MICRO).round() / MICRO;
    if (decimal - number).abs() <= scale.abs() * NOISE {
        decimal
    } else {
        number
    }
}

impl From<f64> for Amount {
    fn from(number: f64) -> Self {
        Self(clean(number, number))
    }
}

impl From<i32> for Amount {
    fn from(number: i32) -> Self {
        Self(f64::from(number))
    }
}

impl From<Amount> for Float {
    fn from(amount: Amount) -> Self {
        Self::from(amount.0)
    }
}

impl From<&Float> for Amount {
    fn from(number: &Float) -> Self {
        Self::from(number.get())
    }
}

impl From<Float> for Amount {
    fn from(number: Float) -> Self {
        Self::from(&number)
    }
}

impl FromStr for Amount {
    type Err = Error;

    /// Reads digits with a point, e.g. `61.40`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.".contains(&b));
        let number = text.parse::<f64>().ok().filter(|number| plain && number.is_finite());
        number
            .map(Self)
            .ok_or_else(|| Error::validation("an amount is not a decimal number").with_advice("write it like 61.40"))
    }
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let sum = self.0 + other.0;
        Self(clean(sum, sum.abs().max(self.0.abs()).max(other.0.abs())))
    }
}

impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + Self(-other.0)
    }
}

/// A price for so many.
impl Mul<i64> for Amount {
    type Output = Self;
    fn mul(self, count: i64) -> Self {
        Self::from(self.0 * count as f64)
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(amount: Amount) -> String {
        serde_json::to_string(&Float::from(amount)).unwrap()
    }

    #[test]
    fn noise_goes_and_digits_stay() {
        for (amount, text) in [
            (Amount::from(0.1 + 0.2), "0.3"),
            (Amount::from(61.40), "61.4"),
            (Amount::from(1.1 * 3.0), "3.3"),
            (Amount::from(-12.5), "-12.5"),
            (Amount::from(0.123_456_789), "0.123456789"),
            (Amount::from(1e15), "1000000000000000.0"),
            (Amount::minor(6140, 2), "61.4"),
            (Amount::minor(-5, 3), "-0.005"),
            (Amount::minor(30, 2) * 3, "0.9"),
            (Amount::from(1.0) - Amount::from(0.9), "0.1"),
            (Amount::from(9000.0) - Amount::from(8999.92), "0.08"),
            (std::iter::repeat_n(Amount::minor(10, 2), 1000).sum(), "100.0"),
        ] {
            assert_eq!(written(amount), text);
        }
    }

    #[test]
    fn text_is_a_decimal_or_nothing() {
        assert_eq!(written("61.40".parse().unwrap()), "61.4");
        for wrong in ["", "x", "1e3", "inf", "NaN", "1,5", "1.2.3"] {
            assert!(wrong.parse::<Amount>().is_err(), "{wrong}");
        }
    }

    proptest! {
        /// Whole cents, however they are added up, are written as whole cents.
        #[test]
        fn sums_of_cents_are_cents(cents in prop::collection::vec(-1_000_000_i64..1_000_000, 0..50)) {
            let total: Amount = cents.iter().map(|cents| Amount::minor(*cents, 2)).sum();
            prop_assert_eq!(total, Amount::minor(cents.iter().sum(), 2));
        }
    }
}
