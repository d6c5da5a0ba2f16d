//! Options of reading a data set.

use std::path::{Path, PathBuf};

use super::{DataError, Dataset, GreyLevels, Holdout, LabelSource, Table, TableOptions};
use super::{directory, sample};

/// Options of reading a data set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// How tables are read.
    pub table: TableOptions,
    /// A table of rows that are held out.
    pub test: Option<PathBuf>,
    /// The classes of these rows, where [`TableOptions::labels`] is a file.
    pub test_labels: Option<PathBuf>,
    /// How many rows are held out of data without a test set.
    pub holdout: Holdout,
}

impl Reading {
    /// Reads a data set; [`Dataset::load`] says what `path` may be.
    ///
    /// # Errors
    /// As [`Dataset::load`]; and where options for tables are set, but the data are no table.
    pub fn load(&self, path: Option<&Path>) -> Result<Dataset, DataError> {
        match path {
            Some(path) if Table::is_named(path) => self.table(path),
            Some(path) => {
                self.refuse_for_images(path)?;
                directory::load(path, self.table.grey, self.holdout)
            }
            None => {
                let name = Path::new("the built-in digits");
                self.refuse_for_images(name)?;
                if let GreyLevels::In(range) = self.table.grey {
                    return Err(DataError::Table {
                        path: name.to_owned(),
                        reason: format!("expected no range of grey levels, found {range}"),
                    });
                }
                sample::load()
            }
        }
    }

    fn table(&self, path: &Path) -> Result<Dataset, DataError> {
        let table = Table::read(path, &self.table)?;
        let Some(test_path) = &self.test else {
            return table.into_dataset(self.holdout);
        };
        let options = TableOptions {
            labels: match (&self.test_labels, &self.table.labels) {
                (Some(file), _) => LabelSource::File(file.clone()),
                (None, LabelSource::File(_)) => LabelSource::ColumnCalledLabel,
                (None, source) => source.clone(),
            },
            ..self.table.clone()
        };
        let test = table.read_like(test_path, &options)?;
        Ok(table.with_test(test))
    }

    /// Refuses what only tables have.
    fn refuse_for_images(&self, path: &Path) -> Result<(), DataError> {
        let TableOptions {
            header,
            row_names,
            separator,
            grey: _,
            bits: _,
            labels,
        } = &self.table;
        let options = [
            ("options.header", header.is_some()),
            ("options.row_names", row_names.is_some()),
            ("options.separator", separator.is_some()),
            (
                "options.labels with a column or a file",
                *labels != LabelSource::default(),
            ),
            ("reading.test", self.test.is_some()),
            ("reading.test_labels", self.test_labels.is_some()),
        ];
        match options.into_iter().find(|(_, is_set)| *is_set) {
            None => Ok(()),
            Some((field, _)) => Err(DataError::Table {
                path: path.to_owned(),
                reason: format!("{field}: expected with a table; a directory has its own files"),
            }),
        }
    }
}
