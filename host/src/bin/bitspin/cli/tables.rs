//! Options for reading tables and for held-out rows.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bitspin::data::{GreyLevels, Holdout, LabelSource, Reading, RowNames, Separator, TableOptions};
use clap::Args;
use serde::{Deserialize, Serialize, Serializer};

/// How a table is read, where that is not detected from its content.
#[derive(Clone, Debug, Default, PartialEq, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Tables")]
pub(crate) struct TableArguments {
    /// The first line of the table holds column names [default: detected, with a note]
    #[arg(long)]
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) header: bool,
    /// The first line of the table holds values
    #[arg(long, conflicts_with = "header")]
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) no_header: bool,
    /// Column of row names, given by name or number from 1, or `none` [default: detected, with a note]
    #[arg(long, value_name = "COLUMN|none")]
    pub(crate) row_names: Option<RowNames>,
    /// Separator of cells: comma, semicolon, tab or space [default: detected]
    #[arg(long, value_name = "NAME")]
    pub(crate) separator: Option<Separator>,
}

impl TableArguments {
    /// Takes what is not given from the options of a training run, by name.
    pub(crate) fn complete(&mut self, reading: &BTreeMap<String, String>) {
        let value = |name: &str| reading.get(name);
        if !self.header && !self.no_header {
            self.header = reading.contains_key("header");
            self.no_header = reading.contains_key("no-header");
        }
        let names = || value("row-names")?.parse().ok();
        self.row_names = self.row_names.take().or_else(names);
        self.separator = self.separator.or_else(|| value("separator")?.parse().ok());
    }

    /// The options of the library; labels are in a column called `label` unless `labels` says where.
    pub(crate) fn options(&self, labels: Option<&str>) -> TableOptions {
        TableOptions {
            header: match (self.header, self.no_header) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            },
            row_names: self.row_names.clone(),
            separator: self.separator,
            grey: GreyLevels::Found,
            bits: false,
            labels: match labels {
                None | Some("") => LabelSource::default(),
                Some(name) => LabelSource::named(name),
            },
        }
    }
}

/// Which rows are held out from training.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Held-out data")]
pub(crate) struct HeldOutArguments {
    /// Table of held-out rows, with the same columns as --data
    #[arg(long, value_name = "FILE", conflicts_with = "holdout")]
    #[serde(serialize_with = "as_text")]
    pub(crate) test: Option<PathBuf>,
    /// Labels of the rows of --test, if --labels is a file
    #[arg(long, value_name = "FILE", requires = "test")]
    #[serde(serialize_with = "as_text")]
    pub(crate) test_labels: Option<PathBuf>,
    /// Fraction of rows, from the end, that are held out of data without a test set, or `none` [default: 0.1 in
    /// training; in evaluation as in training if the data are those of training, else `none`, which evaluates all rows]
    #[arg(long, value_name = "FRACTION|none")]
    pub(crate) holdout: Option<Holdout>,
}

/// A path as text, also one that is not UTF-8.
fn as_text<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    let text = path.as_ref().map(|path| path.to_string_lossy());
    text.serialize(serializer)
}

impl HeldOutArguments {
    /// How data are read, where `holdout` applies unless it is given.
    pub(crate) fn reading(&self, table: TableOptions, holdout: Holdout) -> Reading {
        Reading {
            table,
            test: self.test.clone(),
            test_labels: self.test_labels.clone(),
            holdout: self.holdout.unwrap_or(holdout),
        }
    }
}
