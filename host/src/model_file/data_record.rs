//! The record of the training data in a model file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::data::{Binarisation, DIGITS, GreyRange};

/// The key of the metadata that holds the record.
const KEY: &str = "data_record";

/// The version that is written. A later one changes what a field means; fields that are added keep it.
const VERSION: u32 = 1;

/// An error of a data record. The message is one line.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DataRecordError {
    /// A value is not what it should be.
    #[error("expected metadata {key} to say how the training data were made, found '{}' ({reason})", found.escape_debug())]
    Value {
        /// The key of the metadata.
        key: &'static str,
        /// The value, its first characters.
        found: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A later version of this program wrote it.
    #[error("its record of the training data has version {found}, where up to {VERSION} is read")]
    Version {
        /// The version of the record.
        found: u32,
    },
}

/// How the data of a model were made from files: what a command that measures the model does again.
///
/// Written as one JSON object under the metadata key `data_record`; keys of it that are not known are ignored.
///
/// ```
/// use bitspin::model_file::DataRecord;
///
/// let record = DataRecord {
///     data: Some("mnist".into()),
///     binarise: Some("threshold=0.3".parse()?),
///     halved: Some(true),
///     picture: Some((14, 14)),
///     ..DataRecord::new("mnist")
/// };
/// let mut metadata = Default::default();
/// record.write(&mut metadata);
/// assert_eq!(DataRecord::read(&metadata)?, Some(record));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataRecord {
    /// The version of the record: what its fields mean.
    pub version: u32,
    /// The name of the data set, as it is printed.
    pub name: String,
    /// The path of the data; `None` for the built-in digits, and for a path that is no UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// How grey pixels became bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binarise: Option<Binarisation>,
    /// Whether images were halved; `None` where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halved: Option<bool>,
    /// Rows and columns of an image that the model saw, after halving.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<(usize, usize)>,
    /// The grey levels that stood for black and white in the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grey_range: Option<GreyRange>,
    /// The options that said how tables are read and which rows are held out, by name: `("holdout", "0.1")`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reading: BTreeMap<String, String>,
    /// Fingerprint of the rows: [`Dataset::rows_checksum`](crate::data::Dataset::rows_checksum) in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// The names of the classes, in their order, where labels were learned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_names: Option<Vec<String>>,
}

impl DataRecord {
    /// A record of data of this name, of which nothing else is known.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            version: VERSION,
            name: name.into(),
            data: None,
            binarise: None,
            halved: None,
            picture: None,
            grey_range: None,
            reading: BTreeMap::new(),
            rows: None,
            label_names: None,
        }
    }

    /// Whether the data are the built-in digits.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.data.is_none() && self.name == DIGITS
    }

    /// Adds the record to the metadata of a model.
    ///
    /// # Panics
    /// Never: a record has string keys only.
    pub fn write(&self, metadata: &mut BTreeMap<String, String>) {
        let text = serde_json::to_string(self).expect("a record has string keys only");
        metadata.insert(KEY.to_string(), text);
    }

    /// The record in the metadata of a model; `None` where there is none, as in files of other programs.
    ///
    /// Version 0.1.0 of this program wrote the name of the data and the binarisation as `data` and `binarise`, and did
    /// not write whether images were halved.
    ///
    /// # Errors
    /// [`DataRecordError`] if there is a record that is damaged or of a later version.
    pub fn read(metadata: &BTreeMap<String, String>) -> Result<Option<Self>, DataRecordError> {
        let wrong = |key, found: &str, reason: String| DataRecordError::Value {
            key,
            found: found.chars().take(60).collect(),
            reason,
        };
        if let Some(text) = metadata.get(KEY) {
            let bad = |error: serde_json::Error| wrong(KEY, text, error.to_string());
            let Versioned { version } = serde_json::from_str(text).map_err(bad)?;
            if version > VERSION {
                return Err(DataRecordError::Version { found: version });
            }
            return serde_json::from_str(text).map(Some).map_err(bad);
        }
        // Other programs may use these keys for something else.
        let is_ours = metadata.contains_key("bitspin_version");
        let (true, Some(name)) = (is_ours, metadata.get("data")) else {
            return Ok(None);
        };
        let binarise = metadata.get("binarise").map(|text| {
            text.parse()
                .map_err(|reason| wrong("binarise", text, reason))
        });
        Ok(Some(Self {
            data: (name != DIGITS).then(|| name.clone()),
            binarise: binarise.transpose()?,
            ..Self::new(name)
        }))
    }
}

/// The part of a record that every version has.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs.map(|(k, v)| (k.to_string(), v.to_string())).collect()
    }

    #[test]
    fn unknown_keys_are_ignored_and_missing_ones_are_not_known() {
        let text = r#"{"version":1,"name":"x","colour":"red","binarise":"stochastic"}"#;
        let record = DataRecord::read(&metadata(&[(KEY, text)]))
            .unwrap()
            .unwrap();
        let expected = DataRecord {
            binarise: Some(Binarisation::Stochastic),
            ..DataRecord::new("x")
        };
        assert_eq!(record, expected);
    }

    #[test]
    fn what_version_0_1_0_wrote_is_read() {
        let old = [
            ("bitspin_version", "0.1.0"),
            ("data", "idx/ok"),
            ("binarise", "threshold=0.3"),
        ];
        let record = DataRecord::read(&metadata(&old)).unwrap().unwrap();
        assert_eq!(record.data.as_deref(), Some("idx/ok"));
        assert_eq!(record.binarise, Some(Binarisation::Threshold(0.3)));
        assert_eq!((record.halved, record.is_built_in()), (None, false));
        // The same keys in a file of another program mean nothing.
        assert_eq!(DataRecord::read(&metadata(&old[1..])), Ok(None));
        let built_in = metadata(&[("bitspin_version", "0.1.0"), ("data", DIGITS)]);
        assert!(DataRecord::read(&built_in).unwrap().unwrap().is_built_in());
    }

    #[test]
    fn damaged_and_later_records_are_refused_in_one_line() {
        for (text, word) in [
            ("", "''"),
            ("[1]", "'[1]'"),
            (r#"{"version":1}"#, "name"),
            (r#"{"version":2,"name":"x","binarise":3}"#, "version 2"),
            (
                r#"{"version":1,"name":"x","binarise":"grey"}"#,
                "stochastic",
            ),
            ("{\"version\":1,\n\u{1b}[31m", "\\u{1b}"),
        ] {
            let error = DataRecord::read(&metadata(&[(KEY, text)])).unwrap_err();
            let error = error.to_string();
            assert!(
                error.contains(word) && error.lines().count() == 1,
                "{error}"
            );
        }
    }
}
