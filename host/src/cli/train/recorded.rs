//! Options of a run as text, for a checkpoint.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use super::Train;
use crate::cli::{Arguments, Command, Rbm};

/// Options that a run may go on with other values of: they do not change what comes of it.
const FREE: [&str; 5] = ["data", "test", "epochs", "checkpoint-every", "patience"];

/// Options that say how data are read.
const READING: [&str; 9] = [
    "test",
    "test-labels",
    "holdout",
    "header",
    "no-header",
    "row-names",
    "separator",
    "grey",
    "labels",
];

fn name(value: Option<impl ValueEnum>) -> Option<String> {
    let value = value.and_then(|value| value.to_possible_value());
    value.map(|value| value.get_name().to_string())
}

fn number(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn halve(set: bool) -> String {
    if set { String::new() } else { set.to_string() }
}

fn path(value: Option<&PathBuf>) -> Option<String> {
    value.map(|path| path.to_string_lossy().into_owned())
}

fn flag(set: bool) -> Option<String> {
    set.then(String::new)
}

impl Train {
    /// All options that say what is learned and how, by name; those without a value have an empty one.
    pub(crate) fn record(&self) -> Vec<(String, String)> {
        let data = self.data.data.as_ref();
        let all = [
            ("data", data.map(|path| path.to_string_lossy().into_owned())),
            ("binarise", Some(self.data.binarise().to_string())),
            ("halve", self.data.halve.map(halve)),
            ("grey-range", number(self.data.grey_range)),
            ("test", path(self.data.held_out.test.as_ref())),
            ("test-labels", path(self.data.held_out.test_labels.as_ref())),
            ("holdout", number(self.data.held_out.holdout)),
            ("header", flag(self.data.tables.header)),
            ("no-header", flag(self.data.tables.no_header)),
            ("row-names", number(self.data.tables.row_names.as_ref())),
            ("separator", number(self.data.tables.separator)),
            ("labels", self.label.labels.clone()),
            ("objective", name(self.label.objective)),
            ("mix", number(self.label.mix)),
            ("preset", name(Some(self.preset))),
            ("hidden", number(self.hidden)),
            ("epochs", number(self.epochs)),
            ("batch", number(self.batch)),
            ("batch-final", number(self.batch_final)),
            ("lr", number(self.lr)),
            ("lr-schedule", name(self.lr_schedule)),
            ("lr-decay", number(self.lr_decay)),
            ("lr-final", number(self.lr_final)),
            ("k", number(self.k)),
            ("k-final", number(self.k_final)),
            ("method", name(self.method)),
            ("centred", number(self.centred)),
            ("visible-bias", name(self.visible_bias)),
            ("momentum", Some(self.momentum.to_string())),
            ("weight-decay", Some(self.weight_decay.to_string())),
            ("l1", number(self.l1)),
            ("sparsity-target", number(self.sparsity_target)),
            ("sparsity-cost", number(self.sparsity_cost)),
            ("patience", number(self.patience)),
            ("evaluate-every", number(self.evaluate_every)),
            ("seed", Some(self.seed.to_string())),
            ("checkpoint-every", number(self.checkpoint_every)),
        ];
        let given = all.into_iter();
        given
            .filter_map(|(name, value)| Some((name.to_string(), value?)))
            .collect()
    }

    /// The options that say how data are read and which rows are held out.
    pub(crate) fn reading(&self) -> BTreeMap<String, String> {
        let all = self.record().into_iter();
        all.filter(|(name, _)| READING.contains(&name.as_str()))
            .collect()
    }

    /// The options that were recorded; `None` if they are not those of this version.
    pub(crate) fn from_record(record: &[(String, String)]) -> Option<Self> {
        let options = record.iter().map(|(name, value)| match value.as_str() {
            "" => format!("--{name}"),
            value => format!("--{name}={value}"),
        });
        let words = ["bitspin", "rbm", "train"].map(String::from);
        let arguments = Arguments::try_parse_from(words.into_iter().chain(options)).ok()?;
        match arguments.command {
            Command::Rbm(command) => match *command {
                Rbm::Train(options) => Some(options),
                _ => None,
            },
            _ => None,
        }
    }

    /// The options that decide what comes of the run, apart from its data.
    pub(crate) fn deciding(record: &[(String, String)]) -> impl Iterator<Item = &(String, String)> {
        let decides = |(name, _): &&(String, String)| !FREE.contains(&name.as_str());
        record.iter().filter(decides)
    }

    /// Whether the user gave this option.
    pub(crate) fn was_given(&self, option: &str) -> bool {
        let id = option.replace('-', "_");
        self.given.contains(&id)
    }

    /// The first option that was given and contradicts `recorded` ones: its name, what was recorded and what was given.
    pub(crate) fn contradiction(
        &self,
        recorded: &Self,
    ) -> Option<(String, Option<String>, String)> {
        let recorded = recorded.record();
        let mut given = self.record().into_iter();
        given.find_map(|(name, value)| {
            if FREE.contains(&name.as_str()) || !self.was_given(&name) {
                return None;
            }
            let before = recorded.iter().find(|(other, _)| *other == name);
            let before = before.map(|(_, value)| value.clone());
            (before.as_ref() != Some(&value)).then_some((name, before, value))
        })
    }
}
