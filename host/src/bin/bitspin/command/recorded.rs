//! Data options of a command that evaluates a model: given on the command line, else recorded in the model.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bitspin::BitMatrix;
use bitspin::data::{Dataset, FILMS, HeldOut, Images, Table};
use bitspin::display::{escaped, shown};
use bitspin::model_file::DataRecord;
use bitspin_core::rng::Purpose;
use serde::Serialize;
use serde_json::{Value, json};

use super::CommandError;
use crate::cli::{DataOptions, Train};

/// How data are prepared for a model, and what the model records.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// The options of the command, completed by the record.
    pub(crate) options: DataOptions,
    pub(crate) recorded: Option<DataRecord>,
    /// A note for the user, one line.
    note: Option<String>,
}

/// As JSON.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Preparation {
    binarise: String,
    /// The seed of the draws that make bits of grey pixels, where they are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    binarise_seed: Option<u64>,
    halved: bool,
    /// What the model records of its training data, or null.
    recorded: Option<DataRecord>,
}

impl Prepared {
    /// Completes `given` by what `metadata` of the model in `path` records.
    ///
    /// # Errors
    /// A usage error where the record is damaged.
    pub(crate) fn new(
        path: &Path,
        metadata: &BTreeMap<String, String>,
        given: &DataOptions,
    ) -> Result<Self, CommandError> {
        let model = shown(&path);
        let recorded = DataRecord::read(metadata)
            .map_err(|error| CommandError::usage(format!("{model}: {error}")))?;
        let mut options = given.clone();
        let Some(record) = &recorded else {
            let note = defaults(given).map(|defaults| {
                format!("{model} does not record its training data; using {defaults}")
            });
            return Ok(Self {
                options,
                recorded,
                note,
            });
        };
        let mut notes = contradictions(record, given)
            .map(|(now, then)| format!("{now}: {model} was trained on {then}"));
        if given.data.is_none() {
            options.data = source(record);
            if options.data.is_none() && !record.is_built_in() {
                let name = escaped(&record.name);
                let missing = format!(
                    "{model} was trained on {name}, which was not found; using the built-in digits (--data)"
                );
                notes = Some(notes.map_or(missing.clone(), |notes| format!("{notes}; {missing}")));
            }
        }
        complete(&mut options, record, given.data.is_none());
        options.binarise = given.binarise.or(record.binarise);
        options.halve = given.halve.or(record.halved);
        options.recorded_range = record.grey_range;
        Ok(Self {
            options,
            recorded,
            note: notes,
        })
    }

    /// Prints what differs from the model's training, and which defaults are used.
    pub(crate) fn tell(&self) {
        if let Some(note) = &self.note {
            super::say(std::slice::from_ref(note));
        }
    }

    /// As JSON.
    pub(crate) fn preparation(&self, seed: u64) -> Preparation {
        let how = self.options.binarise();
        Preparation {
            binarise: how.to_string(),
            binarise_seed: how.is_random().then_some(seed),
            halved: self.options.halve(),
            recorded: self.recorded.clone(),
        }
    }

    /// Adds it to a JSON object.
    pub(crate) fn add_to(&self, told: &mut Value, seed: u64) {
        if let (Value::Object(told), Value::Object(more)) = (told, json!(self.preparation(seed))) {
            told.extend(more);
        }
    }
}

/// Completes the options for tables by those of the training, whose data are read again if `same`.
fn complete(options: &mut DataOptions, record: &DataRecord, same: bool) {
    if options
        .data
        .as_deref()
        .is_none_or(|path| !Table::is_named(path))
    {
        return;
    }
    if same {
        options.tables.complete(&record.reading);
        let path = |name: &str| record.reading.get(name).map(Into::into);
        if options.held_out.holdout.is_none() && options.held_out.test.is_none() {
            options.held_out.test = path("test");
            options.held_out.test_labels = path("test-labels");
        }
    }
}

impl DataOptions {
    /// Images as bits; every evaluation with this seed gets the same bits.
    pub(crate) fn pack(&self, images: &Images, seed: u64) -> BitMatrix {
        BitMatrix::binarise(images, self.binarise(), seed, Purpose::Evaluation)
    }
}

/// How pixels became bits, in words: with the seed of the draws, where they are drawn.
pub(crate) fn pixels(options: &DataOptions, seed: u64) -> String {
    let how = options.binarise();
    match how.is_random() {
        true => format!("{how} pixels (seed {seed})"),
        false => format!("{how} pixels"),
    }
}

/// The defaults of options that were not given, in words; `None` if all were given.
fn defaults(given: &DataOptions) -> Option<String> {
    if given.data.as_deref() == Some(Path::new(FILMS)) {
        return None;
    }
    let mut words = Vec::new();
    if given.data.is_none() {
        words.push("the built-in digits (--data)".to_string());
    }
    if given.binarise.is_none() {
        words.push(format!("{} pixels (--binarise)", given.binarise()));
    }
    if given.halve.is_none() {
        words.push("images of full size (--halve)".to_string());
    }
    (!words.is_empty()).then(|| words.join(", "))
}

/// The options that contradict the record, and what they contradict.
fn contradictions(record: &DataRecord, given: &DataOptions) -> Option<(String, String)> {
    let (mut now, mut then) = (Vec::new(), Vec::new());
    if let Some(path) = given.data.as_deref().filter(|path| is_other(record, path)) {
        now.push(format!("--data {}", shown(path)));
        then.push(escaped(&record.name).to_string());
    }
    if let (Some(how), Some(before)) = (given.binarise, record.binarise)
        && how != before
    {
        now.push(format!("--binarise {how}"));
        then.push(format!("{before} pixels"));
    }
    if let (Some(halve), Some(before)) = (given.halve, record.halved)
        && halve != before
    {
        now.push(format!("--halve={halve}"));
        then.push(
            if before {
                "halved images"
            } else {
                "images of full size"
            }
            .to_string(),
        );
    }
    (!now.is_empty()).then(|| (now.join(", "), then.join(", ")))
}

/// Whether a path is known to name other data than the record does.
fn is_other(record: &DataRecord, path: &Path) -> bool {
    let Some(before) = &record.data else {
        return record.is_built_in();
    };
    let before = Path::new(before);
    match (before.canonicalize(), path.canonicalize()) {
        _ if before == path => false,
        (Ok(before), Ok(now)) => before != now,
        _ => before == Path::new(FILMS) || path == Path::new(FILMS),
    }
}

/// Where the data of the record are, if they are still there; `None` for the built-in digits too.
fn source(record: &DataRecord) -> Option<PathBuf> {
    let path = PathBuf::from(record.data.as_ref()?);
    (path == Path::new(FILMS) || Dataset::exists(&path)).then_some(path)
}

/// Refuses images that do not fit a model of `units` visible units (or pixels, where labels are visible units too). Its
/// record says what size it learned from.
pub(crate) fn check_size(
    model: &Path,
    metadata: &BTreeMap<String, String>,
    (units, what): (usize, &str),
    data: &str,
    images: &Images,
) -> Result<(), CommandError> {
    let (rows, columns) = (images.rows(), images.columns());
    if rows * columns == units {
        return Ok(());
    }
    let record = DataRecord::read(metadata).ok().flatten();
    let learned = record.and_then(|record| Some((record.picture?, record.halved?)));
    let from = match learned {
        Some(((1, _), _)) | None => String::new(),
        Some(((rows, columns), false)) => format!(" (trained on {rows} x {columns} images)"),
        Some(((rows, columns), true)) => format!(
            " (trained on {} x {} images halved to {rows} x {columns})",
            2 * rows,
            2 * columns
        ),
    };
    let fits = rows.is_multiple_of(2) && columns.is_multiple_of(2) && rows * columns / 4 == units;
    let hint = if fits { "; --halve makes them fit" } else { "" };
    Err(CommandError::usage(format!(
        "{} has {units} {what}{from}, but {} has {} pixels per image{hint}",
        shown(&model),
        escaped(data),
        rows * columns
    )))
}

/// The record of the training data that a model keeps.
pub(crate) fn record_of(options: &Train, data: &Dataset) -> DataRecord {
    let images = &data.train.images;
    let path = options.data.data.as_ref();
    let mut reading = options.reading();
    if data.held_out != HeldOut::Separate {
        let holdout = options.data.held_out.holdout.unwrap_or_default();
        reading.insert("holdout".into(), holdout.to_string());
    }
    DataRecord {
        reading,
        rows: Some(format!("{:016x}", data.rows_checksum())),
        data: path.and_then(|path| path.to_str()).map(String::from),
        binarise: Some(options.data.binarise()),
        halved: Some(options.data.halve()),
        picture: Some((images.rows(), images.columns())),
        grey_range: data.range,
        ..DataRecord::new(&data.name)
    }
}
