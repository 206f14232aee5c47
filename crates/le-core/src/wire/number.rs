//! Numbers and flags that may arrive as text. Each remembers its form and writes it back as it came.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Salvage;

/// A value whose wire text is not the plain one: the value and the text inside the quotes.
type Odd<T> = Box<(T, Box<str>)>;

/// A whole number, sent as a JSON number or as text. Two are equal where their values are.
///
/// ```
/// use le_core::wire::Int;
/// let text: Int = serde_json::from_str("\"2\"")?;
/// let number: Int = serde_json::from_str("2")?;
/// assert_eq!(text, number);
/// assert_eq!(text.get(), 2);
/// assert_eq!(serde_json::to_string(&text)?, "\"2\"");
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Int(IntForm);

#[derive(Clone)]
enum IntForm {
    Number(i64),
    /// A JSON number with a fraction of zero, e.g. `34.0`.
    Decimal(f64),
    Quoted(i64),
    Text(Odd<i64>),
}

impl Int {
    /// The number.
    #[must_use]
    pub fn get(&self) -> i64 {
        match &self.0 {
            IntForm::Number(value) | IntForm::Quoted(value) => *value,
            IntForm::Decimal(value) => whole(*value).unwrap_or_default(),
            IntForm::Text(odd) => odd.0,
        }
    }

    /// The number, unless it is `-1` ("none").
    #[must_use]
    pub fn present(&self) -> Option<i64> {
        super::present_id(self.get())
    }
}

/// The value as a whole number, where it is one that an `i64` and an `f64` both hold exactly.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.trunc() == value && value.abs() <= EXACT).then_some(value as i64)
}

impl From<i64> for Int {
    fn from(value: i64) -> Self {
        Self(IntForm::Number(value))
    }
}

impl From<Int> for i64 {
    fn from(value: Int) -> Self {
        value.get()
    }
}

impl PartialEq for Int {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for Int {}

impl PartialEq<i64> for Int {
    fn eq(&self, other: &i64) -> bool {
        self.get() == *other
    }
}

impl fmt::Debug for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.get(), f)
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.get(), f)
    }
}

impl Serialize for Int {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            IntForm::Number(value) => serializer.serialize_i64(*value),
            IntForm::Decimal(value) => serializer.serialize_f64(*value),
            IntForm::Quoted(value) => serializer.collect_str(value),
            IntForm::Text(odd) => serializer.serialize_str(&odd.1),
        }
    }
}

impl<'de> Deserialize<'de> for Int {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IntVisitor)
    }
}

struct IntVisitor;

impl Visitor<'_> for IntVisitor {
    type Value = Int;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, or text that holds one")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Int, E> {
        Ok(Int(IntForm::Number(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Int, E> {
        let value = i64::try_from(value).map_err(|_| E::custom("a number beyond 64 bits with sign"))?;
        Ok(Int(IntForm::Number(value)))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Int, E> {
        match whole(value) {
            Some(_) => Ok(Int(IntForm::Decimal(value))),
            None => Err(E::custom("a number with a fraction, expected a whole one")),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Int, E> {
        if let Ok(value) = text.parse::<i64>() {
            return Ok(Int(if plain(text) {
                IntForm::Quoted(value)
            } else {
                IntForm::Text(Box::new((value, text.into())))
            }));
        }
        // "34.0": version 1 of the history writes whole numbers so.
        match text.parse::<f64>().ok().and_then(whole) {
            Some(value) => Ok(Int(IntForm::Text(Box::new((value, text.into()))))),
            None => Err(E::custom("text that is not a whole number")),
        }
    }
}

/// Whether formatting the parsed value gives the text again.
fn plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (!digits.starts_with('0') || text == "0") && !digits.starts_with('+')
}

/// A number that may have a fraction, sent as a JSON number or as text. Two are equal where their values are.
#[derive(Clone)]
pub struct Float(FloatForm);

#[derive(Clone)]
enum FloatForm {
    Int(i64),
    Unsigned(u64),
    Number(f64),
    Text(Odd<f64>),
}

impl Float {
    /// The number.
    #[must_use]
    pub fn get(&self) -> f64 {
        match &self.0 {
            FloatForm::Int(value) => *value as f64,
            FloatForm::Unsigned(value) => *value as f64,
            FloatForm::Number(value) => *value,
            FloatForm::Text(odd) => odd.0,
        }
    }
}

impl From<f64> for Float {
    fn from(value: f64) -> Self {
        Self(FloatForm::Number(value))
    }
}

impl From<Float> for f64 {
    fn from(value: Float) -> Self {
        value.get()
    }
}

impl PartialEq for Float {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl PartialEq<f64> for Float {
    fn eq(&self, other: &f64) -> bool {
        self.get() == *other
    }
}

impl fmt::Debug for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.get(), f)
    }
}

impl fmt::Display for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.get(), f)
    }
}

impl Serialize for Float {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            FloatForm::Int(value) => serializer.serialize_i64(*value),
            FloatForm::Unsigned(value) => serializer.serialize_u64(*value),
            FloatForm::Number(value) => serializer.serialize_f64(*value),
            FloatForm::Text(odd) => serializer.serialize_str(&odd.1),
        }
    }
}

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FloatVisitor)
    }
}

struct FloatVisitor;

impl Visitor<'_> for FloatVisitor {
    type Value = Float;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or text that holds one")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Float, E> {
        Ok(Float(FloatForm::Int(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Float, E> {
        Ok(Float(
            i64::try_from(value).map_or(FloatForm::Unsigned(value), FloatForm::Int),
        ))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Float, E> {
        Ok(Float(FloatForm::Number(value)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Float, E> {
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Float(FloatForm::Text(Box::new((value, text.into()))))),
            _ => Err(E::custom("text that is not a number")),
        }
    }
}

/// A flag, sent as a JSON boolean, as the numbers 0 and 1, or as text. Two are equal where their values are.
#[derive(Clone)]
pub struct Flag(FlagForm);

#[derive(Clone)]
enum FlagForm {
    Bool(bool),
    Number(bool),
    Text(Odd<bool>),
}

impl Flag {
    /// The flag.
    #[must_use]
    pub fn get(&self) -> bool {
        match &self.0 {
            FlagForm::Bool(value) | FlagForm::Number(value) => *value,
            FlagForm::Text(odd) => odd.0,
        }
    }
}

impl From<bool> for Flag {
    fn from(value: bool) -> Self {
        Self(FlagForm::Bool(value))
    }
}

impl From<Flag> for bool {
    fn from(value: Flag) -> Self {
        value.get()
    }
}

impl PartialEq for Flag {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for Flag {}

impl PartialEq<bool> for Flag {
    fn eq(&self, other: &bool) -> bool {
        self.get() == *other
    }
}

impl fmt::Debug for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.get(), f)
    }
}

impl Serialize for Flag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            FlagForm::Bool(value) => serializer.serialize_bool(*value),
            FlagForm::Number(value) => serializer.serialize_u8(u8::from(*value)),
            FlagForm::Text(odd) => serializer.serialize_str(&odd.1),
        }
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FlagVisitor)
    }
}

struct FlagVisitor;

impl Visitor<'_> for FlagVisitor {
    type Value = Flag;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a boolean, 0 or 1, or text that holds one")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Flag, E> {
        Ok(Flag(FlagForm::Bool(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Flag, E> {
        match value {
            0 | 1 => Ok(Flag(FlagForm::Number(value == 1))),
            _ => Err(E::custom("a number other than 0 and 1")),
        }
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Flag, E> {
        u64::try_from(value)
            .map_err(|_| E::custom("a number other than 0 and 1"))
            .and_then(|value| self.visit_u64(value))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Flag, E> {
        let value = match text {
            "1" => true,
            "0" => false,
            _ if text.eq_ignore_ascii_case("true") => true,
            _ if text.eq_ignore_ascii_case("false") => false,
            _ => return Err(E::custom("text that is not a boolean")),
        };
        Ok(Flag(FlagForm::Text(Box::new((value, text.into())))))
    }
}

impl Salvage for Int {}
impl Salvage for Float {}
impl Salvage for Flag {}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
