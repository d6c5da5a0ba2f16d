//! Which rows of a data set a command evaluates.
//!
//! A separate test set is evaluated. Without one, the rows that were held out in training are evaluated if the data are
//! the training data, whatever the name of their file; else all rows are. `--holdout` overrides both.

use std::path::Path;

use bitspin::data::{Dataset, HeldOut, Holdout, LabelSource, Table};
use bitspin::model_file::DataRecord;
use serde_json::{Value, json};

use super::recorded::Prepared;
use super::{CommandError, load_from, say};
use crate::cli::DataOptions;

/// What a command does with rows that are not known to be training data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// It evaluates all of them.
    Measured,
    /// It fits something to most of them, and evaluates the last tenth.
    Fitted,
}

impl Prepared {
    /// Loads the data, whose labels are where `labels` says, or where those of the training were.
    pub(crate) fn load(&self, labels: Option<&str>, rows: Rows) -> Result<Dataset, CommandError> {
        self.load_with(&self.options, labels, rows)
    }

    /// Loads the data without halving images.
    pub(crate) fn load_full(&self) -> Result<Dataset, CommandError> {
        let options = DataOptions {
            halve: Some(false),
            ..self.options.clone()
        };
        self.load_with(&options, None, Rows::Measured)
    }

    fn load_with(
        &self,
        options: &DataOptions,
        labels: Option<&str>,
        rows: Rows,
    ) -> Result<Dataset, CommandError> {
        let path = options.data.as_deref();
        let is_table = path.is_some_and(Table::is_named);
        let labels = labels.or_else(|| self.labels().filter(|_| is_table));
        let reading = options.reading(labels, Holdout::None);
        let data = load_from(path, options, &reading)?;
        if data.held_out != HeldOut::None || options.held_out.holdout.is_some() {
            return Ok(data);
        }
        let name = data.name.clone();
        if let Some(record) = self
            .recorded
            .as_ref()
            .filter(|record| learned_from(record, &data))
        {
            let holdout = record
                .reading
                .get("holdout")
                .and_then(|text| text.parse().ok());
            let data = data.with_holdout(holdout.unwrap_or(Holdout::None))?;
            let words = match data.held_out {
                HeldOut::None => "no rows were held out; evaluating all of them".to_string(),
                _ => format!(
                    "evaluating its last {} rows, which were held out",
                    data.test.images.count()
                ),
            };
            say(&[format!("the model was trained on {name}: {words}")]);
            return Ok(data);
        }
        if rows == Rows::Fitted {
            return Ok(data.with_holdout(Holdout::default())?);
        }
        say(&[format!(
            "evaluating all {} rows of {name}",
            data.test.images.count()
        )]);
        Ok(data)
    }

    /// Where the labels of the training were: in a column, or in a file if its data are read again.
    fn labels(&self) -> Option<&str> {
        let record = self.recorded.as_ref()?;
        let labels = record
            .reading
            .get("labels")
            .filter(|labels| !labels.is_empty())?;
        let is_file = matches!(LabelSource::named(labels), LabelSource::File(_));
        let same = self.options.data.as_deref() == record.data.as_deref().map(Path::new);
        (same || !is_file).then_some(labels.as_str())
    }
}

/// Whether these are the training and held-out rows of the model.
fn learned_from(record: &DataRecord, data: &Dataset) -> bool {
    record.rows.as_ref() == Some(&format!("{:016x}", data.rows_checksum()))
}

/// As JSON: how many rows were trained on or fitted to and how many measured, and where the latter come from.
pub(crate) fn counts(data: &Dataset) -> Value {
    let (held_out, train) = match data.held_out {
        HeldOut::Separate => ("separate", data.train.images.count()),
        HeldOut::Last => ("last", data.train.images.count()),
        HeldOut::None => ("none", 0),
    };
    json!({ "training": train, "measured": data.test.images.count(), "held_out": held_out })
}
