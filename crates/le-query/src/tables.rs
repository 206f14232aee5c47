//! The tables of a dataset, as the engine knows them.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::datasource::file_format::FileFormat as _;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::prelude::SessionContext;
use futures_util::TryStreamExt as _;
use le_core::{Error, ErrorKind, Result};
use le_export::Place;
use le_export::tables::{Layout, Table};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};
use url::Url;

/// Datasets are known to the engine under this name, wherever they are.
const DATASET: &str = "dataset://export/";

/// Registers the tables that have files, and views for those that are lists within the first. Gives tables and columns.
pub(crate) async fn register(session: &SessionContext, place: &Place) -> Result<Vec<(String, Vec<String>)>> {
    let (store, prefix) = store(place)?;
    let address = Url::parse(DATASET).map_err(|error| Error::validation(error.to_string()))?;
    session.register_object_store(&address, Arc::clone(&store));
    let layouts = [Layout::conversations()];
    let mut known = Vec::new();
    for layout in &layouts {
        let mut lists: Option<SchemaRef> = None;
        for (at, table) in layout.tables().iter().enumerate() {
            let folder = prefix.clone().join(table.name);
            if let Some(part) = newest(&store, &folder).await? {
                let schema = listing(session, &store, &folder, part, table.name).await?;
                known.push((table.name.to_owned(), names(&schema)));
                if at == 0 {
                    lists = Some(schema);
                }
            } else if lists
                .as_ref()
                .is_some_and(|schema| schema.column_with_name(table.name).is_some())
            {
                known.push((table.name.to_owned(), view(session, &layout.tables()[0], table).await?));
            }
        }
    }
    if known.is_empty() {
        return Err(Error::new(ErrorKind::Io, "there is no Parquet export here")
            .with_advice("name the folder or prefix that was exported into with Parquet as the format"));
    }
    Ok(known)
}

fn store(place: &Place) -> Result<(Arc<dyn ObjectStore>, Path)> {
    if let Some(found) = place.object_store() {
        return Ok(found);
    }
    let folder = place.path().filter(|folder| folder.is_dir());
    let folder =
        folder.ok_or_else(|| Error::new(ErrorKind::Io, "there is no such folder").with_advice("check the path"))?;
    let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| unreadable(&error))?;
    Ok((Arc::new(store), Path::default()))
}

fn unreadable(error: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Io, format!("the export cannot be read: {error}"))
        .with_advice("check the place and its permissions")
}

/// The part of the newest day: its columns are those of all, since columns are only ever added.
async fn newest(store: &Arc<dyn ObjectStore>, folder: &Path) -> Result<Option<ObjectMeta>> {
    let parts = store
        .list(Some(folder))
        .try_filter(|part| std::future::ready(part.location.as_ref().ends_with(".parquet")));
    let newest = parts.try_fold(None::<ObjectMeta>, |newest, part| {
        let is_newer = newest.as_ref().is_none_or(|newest| part.location > newest.location);
        std::future::ready(Ok(if is_newer { Some(part) } else { newest }))
    });
    newest.await.map_err(|error| unreadable(&error))
}

async fn listing(
    session: &SessionContext,
    store: &Arc<dyn ObjectStore>,
    folder: &Path,
    part: ObjectMeta,
    name: &str,
) -> Result<SchemaRef> {
    let failed = |error: datafusion::error::DataFusionError| unreadable(&error);
    let format = ParquetFormat::default();
    let part = store.head(&part.location).await.map_err(|error| unreadable(&error))?;
    let schema = format
        .infer_schema(&session.state(), store, &[part])
        .await
        .map_err(failed)?;
    let url = ListingTableUrl::parse(format!("{DATASET}{folder}/")).map_err(failed)?;
    let options = ListingOptions::new(Arc::new(format))
        .with_file_extension(".parquet")
        .with_table_partition_cols(vec![("date".to_owned(), DataType::Date32)]);
    let config = ListingTableConfig::new(url)
        .with_listing_options(options)
        .with_schema(schema);
    let table = Arc::new(ListingTable::try_new(config).map_err(failed)?);
    let schema = datafusion::catalog::TableProvider::schema(table.as_ref());
    session.register_table(name, table).map_err(failed)?;
    Ok(schema)
}

fn names(schema: &SchemaRef) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// A table that has no files of its own, from the lists in the first.
async fn view(session: &SessionContext, first: &Table, table: &Table) -> Result<Vec<String>> {
    let (list, main, key) = (table.name, first.name, table.columns[0].name);
    let columns: Vec<&str> = table.columns[1..].iter().map(|column| column.name).collect();
    let fields: Vec<String> = columns
        .iter()
        .map(|name| format!("row['{name}'] AS \"{name}\""))
        .collect();
    let sql = format!(
        "CREATE VIEW {list} AS SELECT {key}, {}, date FROM (SELECT {key}, date, unnest(\"{list}\") AS row FROM {main}) AS rows",
        fields.join(", ")
    );
    let made = session.sql(&sql).await;
    made.map_err(|error| unreadable(&error))?;
    Ok([key]
        .into_iter()
        .chain(columns)
        .chain(["date"])
        .map(str::to_owned)
        .collect())
}
