//! The lists: which kinds of files there are, and which files of a kind.
//!
//! The JSON comes from XML: attributes begin with `@`, and a list of one may come as a bare object.

use le_core::wire::{List, TimeText};
use le_core::{TimeRange, Timestamp};

use crate::generated::enums::DataFileKind;

le_core::record! {
    /// The answer of the base resource.
    pub struct Base {
        le: Option<BaseLinks> = "le" [safe],
    }
}

le_core::record! {
    /// What the account has.
    pub struct BaseLinks {
        links: List<DataFileLink> = "link" [safe],
    }
}

impl Base {
    pub(super) fn into_links(self) -> Vec<DataFileLink> {
        self.le.map(|le| le.links.into_vec()).unwrap_or_default()
    }
}

le_core::record! {
    /// A kind of file that the account has, or the list itself (`self`).
    pub struct DataFileLink {
        /// Which kind.
        rel: Option<DataFileKind> = "@rel" | "rel" [safe],
        /// Its address.
        href: Option<String> = "@href" | "href",
    }
}

le_core::record! {
    /// The answer of a list.
    pub struct Listing {
        files: Option<Files> = "dataAccessFiles" [safe],
    }
}

le_core::record! {
    /// The files of a range.
    pub struct Files {
        files: List<DataFile> = "file" [safe],
    }
}

impl Listing {
    pub(super) fn into_files(self) -> Vec<DataFile> {
        self.files.map(|files| files.files.into_vec()).unwrap_or_default()
    }
}

le_core::record! {
    /// A file of the list.
    pub struct DataFile {
        /// The key: `<Prefix>.<from>.<to>.part-<number>-<number>`, with or without `.gz`.
        name: Option<String> = "@name" | "name" [safe],
        /// When the generating run began.
        scope_start: Option<TimeText> = "@scopeStartDate" | "scopeStartDate" [safe],
        /// When it ended.
        scope_end: Option<TimeText> = "@scopeEndDate" | "scopeEndDate" [safe],
        /// The address, on another host than that of the list.
        href: Option<String> = "@href" | "href",
    }
}

impl DataFile {
    /// A file by its address, e.g. of a list that was kept.
    #[must_use]
    pub fn at(href: impl Into<String>) -> Self {
        let href = href.into();
        let path = href.split('?').next().unwrap_or_default();
        Self {
            name: path.rsplit('/').next().map(str::to_owned),
            href: Some(href),
            ..Self::default()
        }
    }

    /// What the file is about in time: the scope of the list, or what the name says.
    #[must_use]
    pub fn scope(&self) -> Option<TimeRange> {
        let listed = |time: &Option<TimeText>| time.as_ref()?.get();
        let scope = listed(&self.scope_start).zip(listed(&self.scope_end));
        let (from, to) = scope.or_else(|| self.scope_of_name())?;
        TimeRange::new(from, to).ok()
    }

    fn scope_of_name(&self) -> Option<(Timestamp, Timestamp)> {
        let mut parts = self.name.as_deref()?.split('.').skip(1);
        let mut millis = || parts.next()?.parse().ok().map(Timestamp::from_millis);
        Some((millis()?, millis()?))
    }
}

#[cfg(test)]
mod tests {
    use le_core::wire::RawRecord;

    use super::*;

    #[test]
    fn one_file_may_come_without_its_list() {
        let many = r#"{"dataAccessFiles":{"@id":"le1000","link":{"@href":"x","@rel":"self"},"file":[{"@name":"Survey.1893456000000.1893459600000.part-00000-0.gz","@scopeStartDate":"2029-12-31T19:00:00-05:00","@scopeEndDate":"2029-12-31T20:00:00-05:00","@href":"x"}]}}"#;
        let one = many.replace("[{", "{").replace("}]", "}");
        for json in [many.to_owned(), one] {
            let listing = RawRecord::new(json).unwrap().decode::<Listing>().unwrap();
            let files = listing.into_inner().into_files();
            assert_eq!(files.len(), 1);
            let scope = files[0].scope().unwrap();
            assert_eq!(scope.from(), Timestamp::from_millis(1_893_456_000_000));
        }
        let none = RawRecord::new(r#"{"dataAccessFiles":{"@id":"le1000"}}"#).unwrap();
        assert!(none.decode::<Listing>().unwrap().into_inner().into_files().is_empty());
    }

    #[test]
    fn a_name_tells_the_scope_where_the_list_does_not() {
        let file = DataFile::at(
            "https://va-a.da.liveperson.net/data_access_le/account/a/le/survey/Survey.1893456000000.1893459600000.part-00000-0.gz?v=1",
        );
        assert_eq!(file.scope().unwrap().length().as_secs(), 3600);
        assert!(DataFile::at("https://x/y").scope().is_none());
    }
}
