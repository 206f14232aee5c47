//! Values that were read, in the form in which they are sent.

use le_core::wire::{Flag, Float, Int, List};

use crate::generated::enums::{Gender, PhoneType};

/// A value in the form in which it is sent: numbers that came as text become numbers.
pub(crate) trait Plain: Clone {
    fn plain(&self) -> Self {
        self.clone()
    }
}

impl Plain for String {}
impl Plain for Gender {}
impl Plain for PhoneType {}

impl Plain for Int {
    fn plain(&self) -> Self {
        Self::from(self.get())
    }
}

impl Plain for Float {
    fn plain(&self) -> Self {
        Self::from(self.get())
    }
}

impl Plain for Flag {
    fn plain(&self) -> Self {
        Self::from(self.get())
    }
}

impl<T: Plain> Plain for Option<T> {
    fn plain(&self) -> Self {
        self.as_ref().map(Plain::plain)
    }
}

impl<T: Plain> Plain for List<T> {
    fn plain(&self) -> Self {
        if self.misfits().next().is_some() {
            // What does not fit has no plain form, and must not be lost.
            self.clone()
        } else if self.is_sent() {
            self.iter().map(Plain::plain).collect()
        } else {
            Self::default()
        }
    }
}
