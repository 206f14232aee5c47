//! Records into the parts of all tables.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::builder::StringBuilder;
use arrow_array::{Array as _, ArrayRef};
use le_core::Result;

use super::columns::Collected;
use super::part::Part;
use super::schema::PAGE;
use super::{Parquet, broken, read};
use crate::entry::{Broken, Entry};
use crate::formats::{Encoder, PartSink};
use crate::tables::Layout;

/// Rows are handed to the writer in batches of about so many bytes of raw text: a window is often one of them.
const BATCH: usize = 2 << 20;

/// Room for the texts of a page, so that they are not moved while they become one.
fn texts_of_a_page() -> StringBuilder {
    StringBuilder::with_capacity(16, PAGE + PAGE / 4)
}

pub(super) struct ParquetEncoder {
    layout: Layout,
    names: &'static [&'static str],
    nested: bool,
    parts: Vec<Part>,
    /// What each part counts for in `held`.
    sizes: Vec<usize>,
    collected: Vec<Collected>,
    collected_bytes: usize,
    /// The texts of the last few records, a page at most.
    texts: StringBuilder,
    row_group: usize,
    memory: usize,
    /// The encoded bytes that all parts of this format hold now.
    held: Arc<AtomicUsize>,
}

impl ParquetEncoder {
    pub(super) fn new(format: &Parquet, sinks: Vec<PartSink>) -> Result<Self> {
        let tables = format.layout.tables();
        let shapes = format.shapes()?;
        let parts = sinks.into_iter().zip(&*shapes);
        let parts: Vec<Part> = parts
            .map(|(sink, shape)| Part::new(shape, sink))
            .collect::<Result<_>>()?;
        // Lists need the rows of the other tables, whether those are written or not.
        let collected = if format.nested { tables } else { &tables[..parts.len()] };
        Ok(Self {
            layout: format.layout.clone(),
            names: format.names,
            nested: format.nested,
            sizes: vec![0; parts.len()],
            parts,
            collected: collected.iter().map(Collected::new).collect(),
            collected_bytes: 0,
            texts: texts_of_a_page(),
            row_group: format.row_group,
            memory: format.memory,
            held: Arc::clone(&format.held),
        })
    }

    /// Hands what was collected to the writers.
    fn hand_over(&mut self) -> Result<()> {
        if self.collected_bytes == 0 {
            return Ok(());
        }
        self.collected_bytes = 0;
        self.hand_over_texts()?;
        let mut finished: Vec<_> = self.collected.iter_mut().map(Collected::finish).collect();
        let counts: Vec<usize> = finished.iter().map(|(columns, _)| columns[0].len()).collect();
        if self.nested {
            let lists = self.collected.iter().zip(&mut finished).skip(1);
            let lists = lists
                .map(|(table, (columns, ends))| Collected::list(table.table(), columns, std::mem::take(ends)))
                .collect::<Result<Vec<ArrayRef>, _>>()
                .map_err(|error| broken("the rows of a record do not fit its lists", error))?;
            finished[0].0.extend(lists);
        }
        for (at, ((columns, _), rows)) in finished.into_iter().zip(counts).enumerate().take(self.parts.len()) {
            self.parts[at].write(&columns, rows)?;
            self.settle(at)?;
        }
        Ok(())
    }

    fn hand_over_texts(&mut self) -> Result<()> {
        let texts: ArrayRef = Arc::new(std::mem::replace(&mut self.texts, texts_of_a_page()).finish());
        self.parts[0].write_texts(&texts)
    }

    /// Ends the row group of a part where it, or all of them together, are large enough.
    fn settle(&mut self, at: usize) -> Result<()> {
        self.account(at);
        if self.sizes[at] >= self.row_group || self.held.load(Ordering::Relaxed) > self.memory {
            self.parts[at].end_group()?;
            self.account(at);
        }
        Ok(())
    }

    fn account(&mut self, at: usize) {
        let now = self.parts[at].size();
        self.held.fetch_add(now, Ordering::Relaxed);
        self.held.fetch_sub(self.sizes[at], Ordering::Relaxed);
        self.sizes[at] = now;
    }
}

impl Drop for ParquetEncoder {
    fn drop(&mut self) {
        for size in &self.sizes {
            self.held.fetch_sub(*size, Ordering::Relaxed);
        }
    }
}

impl Encoder for ParquetEncoder {
    fn write(&mut self, entries: &[Entry]) -> Result<Vec<Broken>> {
        let mut unreadable = Vec::new();
        for entry in entries {
            let rows = self.layout.rows(entry);
            if !rows.is_whole() {
                unreadable.push(Broken::of_another_kind(entry.raw.clone()));
                continue;
            }
            for (at, collected) in self.collected.iter_mut().enumerate() {
                collected.push(rows.of(at));
            }
            self.texts.append_value(entry.raw.as_str());
            if self.texts.values_slice().len() >= PAGE {
                self.hand_over_texts()?;
            }
            self.collected_bytes += entry.raw.len().max(1);
            if self.collected_bytes >= BATCH {
                self.hand_over()?;
            }
        }
        Ok(unreadable)
    }

    fn copy(&mut self, table: usize, part: File, leave_out: &dyn Fn(&str) -> bool) -> Result<()> {
        self.hand_over()?;
        for batch in read::batches(part)? {
            let batch = batch.map_err(|error| broken("an older part cannot be read", error))?;
            let batch = read::without(&batch, leave_out)?;
            let part = &mut self.parts[table];
            let batch = read::in_form(&batch, part.schema())?;
            match (table, batch.columns()) {
                (0, [columns @ .., texts]) => {
                    part.write(columns, batch.num_rows())?;
                    part.write_texts(texts)?;
                }
                (_, columns) => part.write(columns, batch.num_rows())?,
            }
            self.settle(table)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<BTreeMap<String, u64>> {
        self.hand_over()?;
        let mut rows = BTreeMap::new();
        for (part, name) in self.parts.iter_mut().zip(self.names) {
            part.finish()?;
            rows.insert((*name).to_owned(), part.rows);
        }
        Ok(rows)
    }
}
