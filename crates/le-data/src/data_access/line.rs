//! One line of a file.

use std::ops::Deref;

use le_core::wire::{Int, List, RawRecord, Record, RecordError};
use le_core::{Error, ErrorKind, Result};

use super::avro::unwrap;
use super::body::DataBody;
use crate::data_access::codes::DataType;
use crate::pages::of_record;

/// One line of a file: its typed view, and the line as received.
///
/// It reads like [`DataLineRecord`].
#[derive(Debug, Clone, PartialEq)]
pub struct DataLine {
    raw: RawRecord,
    record: Record<DataLineRecord>,
}

impl DataLine {
    /// Reads a line.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] where the line is no object. A body of unknown kind is no error, nor is a field that does not fit.
    pub fn read(raw: RawRecord) -> Result<Self> {
        let value = raw
            .to_value()
            .map_err(|error| Error::new(ErrorKind::Decode, error.to_string()).with_source(error))?;
        let unwrapped = RawRecord::new(unwrap(value).to_string())
            .map_err(|error| Error::new(ErrorKind::Decode, error.to_string()).with_source(error))?;
        let record = unwrapped
            .decode::<DataLineRecord>()
            .map_err(|error: RecordError| of_record(error))?;
        Ok(Self { raw, record })
    }

    /// The line as received.
    #[must_use]
    pub fn raw(&self) -> &RawRecord {
        &self.raw
    }

    /// The line as JSON without the wrappers of unions; see [`unwrap`].
    #[must_use]
    pub fn unwrapped(&self) -> &RawRecord {
        self.record.raw()
    }

    /// The paths of values that did not fit their fields and stayed in `extra`.
    #[must_use]
    pub fn salvaged(&self) -> &[String] {
        self.record.salvaged()
    }

    /// The bodies, in order.
    pub fn bodies(&self) -> impl Iterator<Item = &DataBody> {
        self.record.records.iter().filter_map(|record| record.body.as_ref())
    }

    /// The typed view alone.
    #[must_use]
    pub fn into_inner(self) -> DataLineRecord {
        self.record.into_inner()
    }
}

impl Deref for DataLine {
    type Target = DataLineRecord;
    fn deref(&self) -> &DataLineRecord {
        &self.record
    }
}

le_core::record! {
    /// One line of a file, without the wrappers of unions.
    ///
    /// Vendor page: <https://developers.liveperson.com/data-access-api-appendix.html>
    pub struct DataLineRecord {
        /// What the line is about.
        data_type: Option<DataType> = "dataType" [safe],
        /// Account, version and time.
        meta_data: Option<DataMetaData> = "metaData" [safe],
        /// The records.
        records: List<DataRecord> = "recordCollection" [safe],
    }
}

le_core::record! {
    /// What a line says about itself.
    pub struct DataMetaData {
        /// The account.
        account_id: Option<String> = "accountId" [safe],
        /// The version of the schema, e.g. `1.0.0.40`.
        schema_version: Option<String> = "schemaVersion" [safe],
        /// In milliseconds since 1970.
        start_time: Option<Int> = "startTime" [safe],
        /// In milliseconds since 1970.
        end_time: Option<Int> = "endTime" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A record of a line.
    pub struct DataRecord {
        /// What it holds.
        body: Option<DataBody> = "body" [safe],
        /// The full name of the record, where it is sent.
        branch: Option<String> = "@branch" [safe],
    }
}
