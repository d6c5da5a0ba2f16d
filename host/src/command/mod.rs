//! What each command does: options to a validated plan to work.

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
mod model;
mod quantise;
mod recorded;
mod sample;
mod train;
mod transform;
mod validate;
mod written;

use constant::refuse_constant;
pub(crate) use error::CommandError;

use crate::cli::{Command, Data, DataOptions, Rbm};
use bitspin::console::{self, note, print, print_json};
use bitspin::data::{Dataset, GreyLevels, Images};
use bitspin::display::shown;
use bitspin::model_file::{LabelledFile, RbmFile};

/// Runs a command.
pub(crate) fn run(command: Command) -> Result<(), CommandError> {
    match command {
        Command::Rbm(Rbm::Train(options)) => train::run(&options),
        Command::Rbm(Rbm::Sample(options)) => sample::run(&options),
        Command::Rbm(Rbm::Eval(options)) => eval::run(&options),
        Command::Rbm(Rbm::Quantise(options)) => quantise::run(&options),
        Command::Rbm(Rbm::Transform(options)) => transform::run(&options),
        Command::Rbm(Rbm::Complete(options)) => complete::run(&options),
        Command::Rbm(Rbm::Classify(options)) => labels::classify(&options),
        Command::Rbm(Rbm::Calibrate(options)) => labels::calibrate(&options),
        Command::Hopfield(command) => hopfield::run(&command),
        Command::Ising(command) => ising::run(&command),
        Command::Boltzmann(command) => boltzmann::run(&command),
        Command::Device(options) => device::run(&options),
        Command::Firmware(command) => firmware::run(&command),
        Command::Data(Data::Fetch(options)) => data::fetch(&options),
        Command::Validate(options) => validate::run(&options),
    }
}

/// The threads to use: as many as asked for, or one a core.
fn threads(asked: Option<usize>) -> Result<usize, CommandError> {
    let most = bitspin::train::MAX_THREADS;
    match asked {
        Some(threads) if (1..=most).contains(&threads) => Ok(threads),
        Some(threads) => Err(CommandError::usage(format!(
            "--threads: expected 1 to {most}, not {threads}"
        ))),
        None => Ok(std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(most)),
    }
}

/// Refuses an option that counts something and is zero or beyond `most`.
fn at_least_one(option: &str, value: usize, most: usize) -> Result<(), CommandError> {
    if (1..=most).contains(&value) {
        return Ok(());
    }
    Err(CommandError::usage(format!(
        "{option}: expected 1 to {most}, not {value}"
    )))
}

/// The most chains that are sampled at once.
const MAX_CHAINS: usize = 1 << 16;

/// Loads the data set that was asked for.
fn load_data(options: &DataOptions) -> Result<Dataset, CommandError> {
    load_from(options.data.as_deref(), options)
}

/// Loads another data set in the same manner.
fn load_from(
    path: Option<&std::path::Path>,
    options: &DataOptions,
) -> Result<Dataset, CommandError> {
    let mut data = load_set(path, options)?;
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

/// Loads the data set for a model, of images in their full size, and tells the user how it was read.
fn load_prepared(prepared: &recorded::Prepared) -> Result<Dataset, CommandError> {
    let options = &prepared.options;
    let data = load_set(options.data.as_deref(), options)?;
    refuse_constant(&data, options.binarise(), "--binarise threshold=")?;
    say(&data.notes);
    Ok(data)
}

/// Reads a data set, with the range of grey levels that was asked for or that its model records.
fn load_set(
    path: Option<&std::path::Path>,
    options: &DataOptions,
) -> Result<Dataset, CommandError> {
    let levels = match (options.grey_range, options.recorded_range) {
        (Some(range), _) => GreyLevels::In(range),
        (None, Some(range)) => GreyLevels::Like(range),
        (None, None) => GreyLevels::Found,
    };
    Ok(Dataset::load_grey(path, levels)?)
}

/// Tells the user on standard error how input was taken, a line each.
fn say(notes: &[String]) {
    notes.iter().for_each(console::note);
}

/// Tells the user how a file was read.
fn say_of(path: &std::path::Path, notes: &[String]) {
    for line in notes {
        note(format_args!("{}: {line}", shown(path)));
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
    let (visible, pixels) = (file.parameters.visible, images.pixels_per_image());
    if visible == pixels {
        return Ok(());
    }
    Err(recorded::wrong_size(
        model,
        &file.metadata,
        visible,
        data,
        images,
    ))
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
