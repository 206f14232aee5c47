//! A dataset, and questions to it.

use std::fmt;

use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures_util::StreamExt as _;
use le_core::{Error, ErrorKind, Result};
use le_export::Place;
use le_export::query::{Answer, Rows, explain_unknown, only_reads};

use crate::{tables, values};

/// A Parquet export, asked with SQL. It can change nothing.
pub struct Lake {
    session: SessionContext,
    tables: Vec<(String, Vec<String>)>,
}

impl Lake {
    /// Looks which tables the export has: a folder, or a prefix in an object store.
    ///
    /// What is exported later into tables that are there is seen by later questions.
    ///
    /// # Errors
    /// [`ErrorKind::Io`]: there is no Parquet export, or it cannot be read.
    pub async fn open(place: &Place) -> Result<Self> {
        let mut config = SessionConfig::new().with_information_schema(false);
        // Instants and text as they are in the tables.
        config.options_mut().execution.time_zone = Some("UTC".to_owned());
        let session = SessionContext::new_with_config(config);
        let tables = tables::register(&session, place).await?;
        Ok(Self { session, tables })
    }

    /// The tables with their columns.
    #[must_use]
    pub fn tables(&self) -> &[(String, Vec<String>)] {
        &self.tables
    }

    /// Asks, and hands the answer on row by row.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`]: the question is not understood, names what is not there, or would write; the advice lists
    /// tables and columns. [`ErrorKind::Io`]: files cannot be read. Whatever `rows` reports.
    pub async fn run(&self, sql: &str, rows: &mut (dyn Rows + Send)) -> Result<()> {
        only_reads(sql)?;
        let options = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        let asked = self.session.sql_with_options(sql, options).await;
        let frame = asked.map_err(|error| self.misunderstood(sql, &error))?;
        let names: Vec<String> = frame
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        rows.columns(&names)?;
        let mut batches = frame
            .execute_stream()
            .await
            .map_err(|error| self.misunderstood(sql, &error))?;
        while let Some(batch) = batches.next().await {
            let batch = batch.map_err(|error| self.misunderstood(sql, &error))?;
            values::each_row(&batch, rows)?;
        }
        Ok(())
    }

    /// Asks, and gives the answer as a whole.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn answer(&self, sql: &str) -> Result<Answer> {
        let mut answer = Answer::default();
        self.run(sql, &mut answer).await?;
        Ok(answer)
    }

    fn misunderstood(&self, sql: &str, error: &DataFusionError) -> Error {
        // The engine wraps its errors; the innermost says what it is, without the layers that it came through.
        let text = error.find_root().strip_backtrace();
        match error.find_root() {
            DataFusionError::ObjectStore(_) | DataFusionError::IoError(_) | DataFusionError::ParquetError(_) => {
                let message = format!("the export cannot be read: {text}");
                Error::new(ErrorKind::Io, message).with_advice("check the place, and that no file of it was damaged")
            }
            DataFusionError::SchemaError(..) | DataFusionError::Plan(_) => {
                let advice = explain_unknown(sql, &self.tables);
                Error::validation(format!("the question is not understood: {text}")).with_advice(advice)
            }
            _ => Error::validation(format!("the question cannot be answered: {text}"))
                .with_advice("see https://datafusion.apache.org/user-guide/sql/"),
        }
    }
}

impl fmt::Debug for Lake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lake")
            .field("tables", &self.tables.len())
            .finish_non_exhaustive()
    }
}
