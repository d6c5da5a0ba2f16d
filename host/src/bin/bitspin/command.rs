//! The commands: options become a validated plan, and the plan is executed.

mod boltzmann;
mod complete;
mod constant;
mod data;
mod device;
mod error;
mod eval;
mod firmware;
mod hopfield;
mod ising;
mod labels;
mod memory;
mod model;
mod option_names;
mod quantise;
mod recorded;
mod rows;
mod sample;
mod train;
mod transform;
mod validate;
mod written;

use constant::refuse_constant;
pub(crate) use error::CommandError;

use std::sync::{Mutex, PoisonError};

use crate::cli::{Command, Data, DataOptions, Rbm};
use bitspin::console::{self, print};
use bitspin::data::{Dataset, Holdout, Images, Reading};
use bitspin::display::shown;
use bitspin::model_file::{LabelledFile, RbmFile};

/// Runs a command.
pub(crate) fn run(command: Command) -> Result<(), CommandError> {
    let done = dispatch(command);
    if let Ok(()) | Err(CommandError::Interrupted(_)) = done {
        tell_notes();
    }
    done
}

fn dispatch(command: Command) -> Result<(), CommandError> {
    match command {
        Command::Rbm(command) => match *command {
            Rbm::Train(options) => train::run(&options),
            Rbm::Sample(options) => sample::run(&options),
            Rbm::Eval(options) => eval::run(&options),
            Rbm::Quantise(options) => quantise::run(&options),
            Rbm::Transform(options) => transform::run(&options),
            Rbm::Complete(options) => complete::run(&options),
            Rbm::Classify(options) => labels::classify(&options),
            Rbm::Calibrate(options) => labels::calibrate(&options),
        },
        Command::Hopfield(command) => hopfield::run(&command),
        Command::Ising(command) => ising::run(&command),
        Command::Boltzmann(command) => boltzmann::run(&command),
        Command::Device(options) => device::run(&options),
        Command::Firmware(command) => firmware::run(&command),
        Command::Data(Data::Fetch(options)) => data::fetch(&options),
        Command::Validate(options) => validate::run(&options),
    }
}

/// Refuses a count outside 1 to `most`.
fn at_least_one(option: &str, value: usize, most: usize) -> Result<(), CommandError> {
    if (1..=most).contains(&value) {
        return Ok(());
    }
    Err(CommandError::usage(format!(
        "{option}: expected 1 to {most}, not {value}"
    )))
}

/// Loads the given data set.
fn load_data(options: &DataOptions) -> Result<Dataset, CommandError> {
    load_labelled_data(options, None)
}

/// Loads the given data set with the labels of `labels`.
fn load_labelled_data(
    options: &DataOptions,
    labels: Option<&str>,
) -> Result<Dataset, CommandError> {
    let reading = options.reading(labels, Holdout::default());
    load_from(options.data.as_deref(), options, &reading)
}

/// Loads a data set.
fn load_from(
    path: Option<&std::path::Path>,
    options: &DataOptions,
    reading: &Reading,
) -> Result<Dataset, CommandError> {
    let mut data = reading.load(path)?;
    if options.halve() {
        let (rows, columns) = (data.train.images.rows(), data.train.images.columns());
        data = data.halved().ok_or_else(|| {
            CommandError::usage(format!(
                "--halve: expected images of even height and width, not of {rows} x {columns}"
            ))
        })?;
    }
    refuse_constant(&data, options.binarise(), "--binarise threshold=")?;
    say(&data.notes);
    Ok(data)
}

/// Notes that wait until all input is known to be good, because an input error prints one line only.
static NOTES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Queues notes on how input was read. They are printed on standard error when work starts, or at the end of the
/// command.
fn say(notes: &[String]) {
    let mut waiting = NOTES.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.extend_from_slice(notes);
}

/// Prints the notes that wait.
fn tell_notes() {
    let mut waiting = NOTES.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.drain(..).for_each(console::note);
}

/// Prints one JSON value, after the notes on how input was read.
fn print_json(value: &impl serde::Serialize) {
    tell_notes();
    console::print_json(value);
}

/// Queues notes on how a file was read.
fn say_of(path: &std::path::Path, notes: &[String]) {
    for line in notes {
        say(&[format!("{}: {line}", shown(path))]);
    }
}

/// Loads a model with label units; `None` if it has none.
fn load_labelled(path: &std::path::Path) -> Result<Option<LabelledFile>, CommandError> {
    Ok(LabelledFile::load_noted(path)?.map(|(file, notes)| {
        say_of(path, &notes);
        file
    }))
}

/// Loads a model.
fn load_model(path: &std::path::Path) -> Result<RbmFile, CommandError> {
    let (file, notes) = RbmFile::load_noted(path)?;
    say_of(path, &notes);
    Ok(file)
}

/// Refuses images that are not of the model's size.
fn check_size(
    model: &std::path::Path,
    file: &RbmFile,
    data: &str,
    images: &Images,
) -> Result<(), CommandError> {
    let units = (file.parameters.visible, "visible units");
    recorded::check_size(model, &file.metadata, units, data, images)
}

/// Refuses a table with missing entries, for what needs all of them.
fn refuse_missing(data: &Dataset) -> Result<(), CommandError> {
    if data.has_missing() {
        let name = &data.name;
        return Err(CommandError::usage(format!(
            "{name}: expected all entries, some are missing; `bitspin rbm complete` fills them in"
        )));
    }
    Ok(())
}
