//! The columns of a layout as a tree of members, so that one pass over a record's text fills all tables.

use std::sync::atomic::{AtomicU16, Ordering};

use super::column::{From, Kind, Table};

/// The rank of a column that has no value yet.
pub(super) const UNSET: u8 = u8::MAX;

/// Where a value goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf {
    pub(super) column: usize,
    /// The place of this member among those that the column may come from: the lowest that has a value wins.
    pub(super) rank: u8,
    pub(super) kind: Kind,
}

/// A list whose elements are rows of a table.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    pub(super) table: usize,
    pub(super) node: usize,
    pub(super) given: Option<(usize, &'static str)>,
    /// The column for the element's own text.
    pub(super) text: Option<usize>,
}

/// What is done with one member of an object.
#[derive(Debug, Clone, Default)]
pub(super) struct Step {
    pub(super) leaf: Option<Leaf>,
    /// The member's presence alone says this.
    pub(super) mark: Option<(Leaf, &'static str)>,
    /// It is an object with members of interest.
    pub(super) object: Option<usize>,
    /// It is a list, each element of which makes a row of the current one.
    pub(super) many: Option<usize>,
    pub(super) rows: Option<Rows>,
}

/// The members of an object that are of interest.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Sorted by length and text.
    names: Vec<Box<str>>,
    steps: Vec<Step>,
    /// What holds for members that are not named, where they are objects.
    pub(super) any: Option<usize>,
    /// Which member was seen behind which: services write members in one order, so the guess is nearly always right.
    next: Vec<AtomicU16>,
}

impl Node {
    /// The place of the member `name`, given the place of the one before it.
    pub(super) fn find(&self, name: &str, before: Option<usize>) -> Option<usize> {
        let guess = &self.next[before.map_or(0, |at| at + 1)];
        let guessed = usize::from(guess.load(Ordering::Relaxed));
        if self.names.get(guessed).is_some_and(|own| **own == *name) {
            return Some(guessed);
        }
        let found = self.names.binary_search_by(|own| order(own, name)).ok()?;
        guess.store(u16::try_from(found).unwrap_or_default(), Ordering::Relaxed);
        Some(found)
    }

    pub(super) fn step(&self, at: usize) -> &Step {
        &self.steps[at]
    }

    fn entry(&mut self, name: &str) -> &mut Step {
        let at = match self.names.binary_search_by(|own| order(own, name)) {
            Ok(at) => at,
            Err(at) => {
                self.names.insert(at, name.into());
                self.steps.insert(at, Step::default());
                at
            }
        };
        &mut self.steps[at]
    }
}

fn order(own: &str, other: &str) -> std::cmp::Ordering {
    own.len().cmp(&other.len()).then_with(|| own.cmp(other))
}

/// The tree of a layout. The first node is the record.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) nodes: Vec<Node>,
}

impl Program {
    pub(super) fn new(tables: &'static [Table]) -> Self {
        let mut program = Self {
            nodes: vec![Node::default()],
        };
        for (table, definition) in tables.iter().enumerate() {
            let root = if definition.lists.is_empty() { 0 } else { program.add() };
            for list in definition.lists {
                let rows = Rows {
                    table,
                    node: root,
                    given: list
                        .given
                        .and_then(|(column, value)| Some((definition.position(column)?, value))),
                    text: definition.columns.iter().position(|column| column.from == From::Text),
                };
                let (node, name) = program.descend(0, list.path);
                program.nodes[node].entry(name).rows = Some(rows);
            }
            program.add_columns(root, definition);
        }
        for node in 0..program.nodes.len() {
            program.spread(node);
        }
        for node in &mut program.nodes {
            node.next = (0..=node.names.len()).map(|at| AtomicU16::new(at as u16)).collect();
        }
        program
    }

    fn add(&mut self) -> usize {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    fn add_columns(&mut self, root: usize, definition: &'static Table) {
        for (at, column) in definition.columns.iter().enumerate() {
            let From::Wire(paths) = column.from else { continue };
            for (rank, path) in paths.iter().enumerate() {
                let leaf = Leaf {
                    column: at,
                    rank: rank as u8,
                    kind: column.kind,
                };
                let (node, name) = self.descend(root, path);
                match name.split_once('=') {
                    Some((name, word)) => self.nodes[node].entry(name).mark = Some((leaf, word)),
                    None => self.nodes[node].entry(name).leaf = Some(leaf),
                }
            }
        }
    }

    /// Goes down to the last member of a path, making nodes where there are none: its node and its name.
    fn descend<'p>(&mut self, root: usize, path: &'p str) -> (usize, &'p str) {
        let mut node = root;
        let mut rest = path;
        while let Some((name, behind)) = rest.split_once('.') {
            node = self.child(node, name);
            rest = behind;
        }
        (node, rest)
    }

    fn child(&mut self, node: usize, name: &str) -> usize {
        let known = match name.strip_suffix("[]") {
            Some(list) => self.nodes[node].entry(list).many,
            None if name == "*" => self.nodes[node].any,
            None => self.nodes[node].entry(name).object,
        };
        if let Some(known) = known {
            return known;
        }
        let new = self.add();
        match name.strip_suffix("[]") {
            Some(list) => self.nodes[node].entry(list).many = Some(new),
            None if name == "*" => self.nodes[node].any = Some(new),
            None => self.nodes[node].entry(name).object = Some(new),
        }
        new
    }

    /// What holds for any member holds for the named ones too.
    fn spread(&mut self, node: usize) {
        let Some(any) = self.nodes[node].any else { return };
        for at in 0..self.nodes[node].steps.len() {
            let step = &self.nodes[node].steps[at];
            if step.many.is_some() || step.rows.is_some() {
                continue;
            }
            match step.object {
                Some(object) => self.merge(object, any),
                None => self.nodes[node].steps[at].object = Some(any),
            }
        }
    }

    /// Adds what `from` has to `into`, which keeps its own.
    fn merge(&mut self, into: usize, from: usize) {
        for at in 0..self.nodes[from].names.len() {
            let name = self.nodes[from].names[at].clone();
            let step = self.nodes[from].steps[at].clone();
            let own = self.nodes[into].entry(&name);
            own.leaf = own.leaf.or(step.leaf);
            own.mark = own.mark.or(step.mark);
            match (own.object, step.object) {
                (Some(own), Some(other)) => self.merge(own, other),
                (None, other) => own.object = other,
                (Some(_), None) => {}
            }
        }
        match (self.nodes[into].any, self.nodes[from].any) {
            (Some(own), Some(other)) => self.merge(own, other),
            (None, other) => self.nodes[into].any = other,
            (Some(_), None) => {}
        }
        self.spread(into);
    }
}
