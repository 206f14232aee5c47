//! Elements without elements.

use le_core::Error;
use le_core::wire::RawRecord;
use serde::{Serialize, Serializer};

use super::click::{Action, Click};
use crate::metadata::ExternalId;

/// How large something is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Size {
    /// Small.
    Small,
    /// Medium.
    Medium,
    /// Large.
    Large,
}

/// How something looks.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Style {
    /// Bold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bold: Option<bool>,
    /// Italic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub italic: Option<bool>,
    /// Colour of the text, such as `#000000`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Colour behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background_color: Option<String>,
    /// Size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
}

/// What all basic elements may have.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Looks {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tooltip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rtl: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) style: Option<Style>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) click: Option<Click>,
}

impl Looks {
    fn style(&mut self) -> &mut Style {
        self.style.get_or_insert_default()
    }

    pub(super) fn click(&mut self) -> &mut Click {
        self.click.get_or_insert_default()
    }
}

macro_rules! looks {
    ($name:ident) => {
        impl $name {
            /// Names the part that this plays, as channels want it: `title`, `subtitle` and others. At most 64 characters.
            #[must_use]
            pub fn tag(mut self, tag: impl Into<String>) -> Self {
                self.looks.tag = Some(tag.into());
                self
            }

            /// What is shown above it: at most 256 characters.
            #[must_use]
            pub fn tooltip(mut self, text: impl Into<String>) -> Self {
                self.looks.tooltip = Some(text.into());
                self
            }

            /// What is read aloud in its place: at most 2 000 characters.
            #[must_use]
            pub fn alt(mut self, text: impl Into<String>) -> Self {
                self.looks.alt = Some(text.into());
                self
            }

            /// Writes from right to left.
            #[must_use]
            pub fn right_to_left(mut self) -> Self {
                self.looks.rtl = Some(true);
                self
            }

            /// Bold.
            #[must_use]
            pub fn bold(mut self) -> Self {
                self.looks.style().bold = Some(true);
                self
            }

            /// Size.
            #[must_use]
            pub fn size(mut self, size: Size) -> Self {
                self.looks.style().size = Some(size);
                self
            }

            /// All of the style at once.
            #[must_use]
            pub fn style(mut self, style: Style) -> Self {
                self.looks.style = Some(style);
                self
            }

            /// Adds an action to its click; at most four. Renderers know clicks on buttons, pictures and maps.
            #[must_use]
            pub fn action(mut self, action: Action) -> Self {
                self.looks.click().actions.push(action);
                self
            }

            /// Marks its click with an [`ExternalId`], which comes back when it happens: at most 64 characters.
            #[must_use]
            pub fn marked(self, id: impl Into<String>) -> Self {
                let id = ExternalId {
                    kind: Some("ExternalId".to_owned()),
                    id: Some(id.into()),
                    ..ExternalId::default()
                };
                // A record of two texts can always be written.
                match crate::frame::raw("metadata", &id) {
                    Ok(mark) => self.carrying(mark),
                    Err(_) => self,
                }
            }

            /// Adds an object that comes back with its click.
            #[must_use]
            pub fn carrying(mut self, metadata: RawRecord) -> Self {
                self.looks.click().metadata.push(metadata);
                self
            }

            /// Adds an object that comes back with its click: see [`metadata`](crate::metadata).
            ///
            /// # Errors
            /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where it cannot be written as JSON.
            pub fn metadata<T: Serialize + ?Sized>(self, metadata: &T) -> Result<Self, Error> {
                Ok(self.carrying(crate::frame::raw("metadata", metadata)?))
            }
        }
    };
}

macro_rules! kind {
    ($name:ident, $text:literal) => {
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub(super) struct $name;

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($text)
            }
        }
    };
}
kind!(TextKind, "text");
kind!(ButtonKind, "button");
kind!(ImageKind, "image");
kind!(MapKind, "map");
kind!(LinkPreviewKind, "linkPreview");

/// Text: at most 5 000 characters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Text {
    #[serde(rename = "type")]
    kind: TextKind,
    pub(super) text: String,
    #[serde(flatten)]
    pub(super) looks: Looks,
}
looks!(Text);

impl Text {
    /// This text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            kind: TextKind,
            text: text.into(),
            looks: Looks::default(),
        }
    }
}

/// A button: its title has at most 128 characters, and it needs something to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Button {
    #[serde(rename = "type")]
    kind: ButtonKind,
    pub(super) title: String,
    #[serde(skip_serializing_if = "Option::is_none", rename = "class")]
    class: Option<&'static str>,
    #[serde(flatten)]
    pub(super) looks: Looks,
}
looks!(Button);

impl Button {
    /// With this title, and nothing to do yet.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            kind: ButtonKind,
            title: title.into(),
            class: None,
            looks: Looks::default(),
        }
    }

    /// Publishes a text in the consumer's name: at most 256 characters.
    #[must_use]
    pub fn says(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(title).action(Action::PublishText { text: text.into() })
    }

    /// Opens an address.
    #[must_use]
    pub fn opens(title: impl Into<String>, uri: impl Into<String>) -> Self {
        let (name, target) = (None, None);
        Self::new(title).action(Action::Link {
            uri: uri.into(),
            name,
            target,
        })
    }

    /// Draws it as a button rather than as a line of text.
    #[must_use]
    pub fn solid(mut self) -> Self {
        self.class = Some("button");
        self
    }
}

/// A picture over https, from a host that the account allows: an address of at most 2 048 characters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Image {
    #[serde(rename = "type")]
    kind: ImageKind,
    pub(super) url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) caption: Option<String>,
    #[serde(flatten)]
    pub(super) looks: Looks,
}
looks!(Image);

impl Image {
    /// The picture at this address.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            kind: ImageKind,
            url: url.into(),
            caption: None,
            looks: Looks::default(),
        }
    }

    /// What stands below it: at most 128 characters.
    #[must_use]
    pub fn caption(mut self, text: impl Into<String>) -> Self {
        self.caption = Some(text.into());
        self
    }
}

/// A map around a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Map {
    #[serde(rename = "type")]
    kind: MapKind,
    pub(super) la: f64,
    pub(super) lo: f64,
    #[serde(flatten)]
    pub(super) looks: Looks,
}
looks!(Map);

impl Map {
    /// Around this place, in degrees.
    #[must_use]
    pub fn new(latitude: f64, longitude: f64) -> Self {
        Self {
            kind: MapKind,
            la: latitude,
            lo: longitude,
            looks: Looks::default(),
        }
    }
}

/// A preview of a page: an address of at most 2 048 characters. The vendor's web window does not draw it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinkPreview {
    #[serde(rename = "type")]
    kind: LinkPreviewKind,
    pub(super) url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(flatten)]
    pub(super) looks: Looks,
}
looks!(LinkPreview);

impl LinkPreview {
    /// Of the page at this address.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            kind: LinkPreviewKind,
            url: url.into(),
            title: None,
            looks: Looks::default(),
        }
    }

    /// Its title: at most 128 characters.
    #[must_use]
    pub fn title(mut self, text: impl Into<String>) -> Self {
        self.title = Some(text.into());
        self
    }
}
