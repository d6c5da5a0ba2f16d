//! The options of a run as a checkpoint records them: option names with JSON values.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Train;
use crate::cli::DataOptions;

/// Options that may change when a run is resumed, because they do not affect its result.
const FREE: [&str; 4] = ["test", "epochs", "checkpoint-every", "patience"];

/// Options that say how data are read.
const READING: [&str; 8] = [
    "test",
    "test-labels",
    "holdout",
    "header",
    "no-header",
    "row-names",
    "separator",
    "labels",
];

impl Train {
    /// All options that affect training, except the path of the data.
    pub(crate) fn record(&self) -> Vec<(String, String)> {
        let settings = Self {
            data: DataOptions {
                binarise: Some(self.data.binarise()),
                ..self.data.clone()
            },
            ..self.clone()
        };
        // By way of text, in which a float32 has as few digits as it needs.
        let text = serde_json::to_string(&settings).unwrap_or_default();
        let all: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
        let given = all.into_iter().filter(|(_, value)| !value.is_null());
        given
            .map(|(name, value)| (name, value.to_string()))
            .collect()
    }

    /// The options that were recorded; `None` if they are not those of this version.
    pub(crate) fn from_record(record: &[(String, String)]) -> Option<Self> {
        let parse = |(name, value): &(String, String)| {
            Some((name.clone(), serde_json::from_str(value).ok()?))
        };
        let all = record.iter().map(parse).collect::<Option<_>>()?;
        serde_json::from_value(Value::Object(all)).ok()
    }

    /// The options that say how data are read and which rows are held out, as on the command line.
    pub(crate) fn reading(&self) -> BTreeMap<String, String> {
        let all = self.record().into_iter();
        all.filter(|(name, _)| READING.contains(&name.as_str()))
            .map(|(name, value)| (name, words(&value)))
            .collect()
    }

    /// The options that determine the result of the run, apart from its data.
    pub(crate) fn deciding(record: &[(String, String)]) -> impl Iterator<Item = &(String, String)> {
        let decides = |(name, _): &&(String, String)| !FREE.contains(&name.as_str());
        record.iter().filter(decides)
    }

    /// Whether the user gave this option.
    pub(crate) fn was_given(&self, option: &str) -> bool {
        let id = option.replace('-', "_");
        self.given.contains(&id)
    }

    /// The first option that was given and contradicts `recorded` ones: its name, what was recorded and what was given,
    /// as on the command line.
    pub(crate) fn contradiction(
        &self,
        recorded: &Self,
    ) -> Option<(String, Option<String>, String)> {
        let recorded = recorded.record();
        let given = self.record();
        let (name, value) = Self::deciding(&given)
            .filter(|(name, _)| self.was_given(name))
            .find(|&given| !recorded.contains(given))?;
        let before = recorded.iter().find(|(other, _)| other == name);
        Some((
            name.clone(),
            before.map(|(_, value)| words(value)),
            words(value),
        ))
    }
}

/// A value as on the command line: empty for an option that is set without one.
fn words(value: &str) -> String {
    match serde_json::from_str(value) {
        Ok(Value::String(text)) => text,
        Ok(Value::Bool(true)) => String::new(),
        _ => value.to_string(),
    }
}
