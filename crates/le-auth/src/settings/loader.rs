//! Collects the settings from their sources.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use le_core::{Error, Secret};

use super::{Field, Layer, Settings, Source};

type Environment = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Collects [`Settings`]. See [`Settings::loader`].
#[must_use]
pub struct Loader {
    set: BTreeMap<Field, Secret>,
    environment: Environment,
    profile: Option<String>,
    file: Option<PathBuf>,
}

impl Default for Loader {
    fn default() -> Self {
        Self {
            set: BTreeMap::new(),
            environment: Box::new(|name| std::env::var(name).ok()),
            profile: None,
            file: None,
        }
    }
}

impl Loader {
    /// Sets a field; it goes before environment and profile. Several hosts are separated by commas.
    pub fn set(mut self, field: Field, value: impl Into<Secret>) -> Self {
        self.set.insert(field, value.into());
        self
    }

    /// Sets a field where there is a value, as an optional argument of a command line has it.
    pub fn set_optional(self, field: Field, value: Option<impl Into<Secret>>) -> Self {
        match value {
            Some(value) => self.set(field, value),
            None => self,
        }
    }

    /// Reads the environment by this function instead of the process's.
    pub fn environment(mut self, read: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.environment = Box::new(read);
        self
    }

    /// Reads no environment.
    pub fn no_environment(self) -> Self {
        self.environment(|_| None)
    }

    /// The profile that must exist; goes before `LE_PROFILE`. Without both, `default` is read where it exists.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// The file of the profiles, which must exist; goes before `LE_CONFIG`.
    pub fn file(mut self, file: impl Into<PathBuf>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Reads all sources. A variable that is set to nothing counts as not set.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration): a profile or file that was asked for is not there, others
    /// than its owner can read it, or it has a field that is not known. What is missing is found when it is asked for.
    pub fn load(self) -> Result<Settings, Error> {
        let mut layers = vec![Layer {
            source: Source::Code,
            values: self.set.clone(),
        }];
        let read = |field: &Field| Some((*field, Secret::new(self.variable(field.variable())?)));
        layers.push(Layer {
            source: Source::Environment,
            values: Field::ALL.iter().filter_map(read).collect(),
        });
        layers.extend(self.profile_layer()?);
        Ok(Settings::new(layers))
    }

    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.environment)(name).filter(|value| !value.trim().is_empty())
    }

    #[cfg(feature = "profile")]
    fn profile_layer(&self) -> Result<Option<Layer>, Error> {
        let name = self.profile.clone().or_else(|| self.variable("LE_PROFILE"));
        let file = self
            .file
            .clone()
            .or_else(|| self.variable("LE_CONFIG").map(PathBuf::from));
        super::profile::layer(name, file, |name| self.variable(name))
    }

    #[cfg(not(feature = "profile"))]
    fn profile_layer(&self) -> Result<Option<Layer>, Error> {
        if self.profile.is_some() || self.file.is_some() {
            return Err(
                Error::configuration("a profile was asked for, and this program reads none")
                    .with_advice("turn on the feature `profile` of le-auth"),
            );
        }
        Ok(None)
    }
}

impl fmt::Debug for Loader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader")
            .field("set", &self.set.keys().collect::<Vec<_>>())
            .field("profile", &self.profile)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}
