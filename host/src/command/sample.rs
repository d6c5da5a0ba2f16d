//! `bitspin rbm sample`.

use bitspin::data::PackedImages;
use bitspin::display::shown;
use bitspin::engine::{Engine, engine};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmFile;
use bitspin::output::OutputFile;
use bitspin::report::grid::Grid;
use bitspin::report::progress::Progress;
use bitspin::sampling::{Chains, picture_size, probabilities_to_grey};
use bitspin_core::rng::Purpose;
use serde_json::json;

use super::recorded::Prepared;
use super::{
    CommandError, MAX_CHAINS, at_least_one, check_size, load_data, load_model, refuse_missing,
    threads,
};
use crate::cli::{Sample, Size};

/// Draws samples and writes their picture.
pub(crate) fn run(options: &Sample) -> Result<(), CommandError> {
    at_least_one("--chains", options.chains, MAX_CHAINS)?;
    at_least_one("--steps", options.steps, usize::MAX)?;
    let threads = threads(options.threads)?;
    let file = match options.label {
        Some(class) => given(options, class)?,
        None => load_model(&options.model)?,
    };
    let engine = engine(&file.parameters)
        .map_err(|error| CommandError::usage(format!("{}: {error}", shown(&options.model))))?;
    let (mut chains, size) = start(options, &file, &engine)?;
    let size = fit(options, size, file.parameters.visible)?;
    let output = OutputFile::create(&options.out, options.force)?;

    let interrupt = Interrupt::install();
    let progress = Progress::new(options.steps as u64, "steps");
    chains.run(&engine, options.steps, threads, &interrupt, &|steps| {
        progress.inc(steps as u64)
    });
    progress.finish();

    let grid = Grid::new(size.rows, size.columns).map_err(CommandError::failed)?;
    let tiles = probabilities_to_grey(chains.probabilities(), file.parameters.visible);
    let picture = grid
        .magnification(2)
        .draw(&tiles)
        .map_err(CommandError::failed)?;
    output.commit(picture.to_png().map_err(CommandError::failed)?)?;
    let steps = chains.steps();
    if options.json {
        super::print_json(&json!({
            "chains": options.chains, "steps": steps, "from_data": options.from_data, "label": options.label, "seed": options.seed,
            "picture": options.out,
        }));
    } else {
        super::print(&format!(
            "{}: p(v|h) of {} chains after {steps} Gibbs steps from {}",
            shown(&options.out),
            options.chains,
            if options.from_data { "digits" } else { "noise" }
        ));
    }
    if steps < options.steps {
        let text = format!(
            "interrupted after {steps} of {} steps; the picture shows them",
            options.steps
        );
        return Err(CommandError::Interrupted(text));
    }
    Ok(())
}

/// The machine of pixels that a label makes of a model with label units.
fn given(options: &Sample, class: usize) -> Result<RbmFile, CommandError> {
    let file = super::labels::load(&options.model)?;
    let classes = file.parameters.classes;
    if class >= classes {
        let model = shown(&options.model);
        return Err(CommandError::usage(format!(
            "--label: expected a class below {classes}, as {model} has, not {class}"
        )));
    }
    Ok(RbmFile {
        parameters: file.parameters.given(class),
        metadata: file.metadata,
    })
}

/// The chains at their start, and the size of a picture where the data know it.
fn start(
    options: &Sample,
    file: &RbmFile,
    engine: &Engine,
) -> Result<(Chains, Option<Size>), CommandError> {
    if !options.from_data {
        if options.data.data.is_some() {
            return Err(CommandError::usage(
                "--data: expected together with --from-data",
            ));
        }
        return Ok((
            Chains::from_noise(engine, options.chains, options.seed),
            None,
        ));
    }
    let prepared = Prepared::new(&options.model, &file.metadata, &options.data)?;
    let data = load_data(&prepared.options)?;
    refuse_missing(&data)?;
    let images = &data.test.images;
    check_size(&options.model, file, &data.name, images)?;
    let packed = PackedImages::new(
        images,
        prepared.options.binarise(),
        options.seed,
        Purpose::Evaluation,
    );
    prepared.tell();
    let words = options.chains * packed.words_per_image();
    let visible = packed.bits().iter().copied().cycle().take(words).collect();
    let size = Size {
        rows: images.rows(),
        columns: images.columns(),
    };
    Ok((
        Chains::from_visible(engine, visible, options.seed),
        Some(size),
    ))
}

/// The size that was asked for, or that of the data, or the most nearly square one.
fn fit(options: &Sample, of_data: Option<Size>, visible: usize) -> Result<Size, CommandError> {
    let (rows, columns) = picture_size(visible);
    let size = options.size.or(of_data).unwrap_or(Size { rows, columns });
    if size.rows.checked_mul(size.columns) == Some(visible) {
        return Ok(size);
    }
    let (rows, columns) = (size.rows, size.columns);
    Err(CommandError::usage(format!(
        "--size: {rows}x{columns} is not the model's {visible} visible units"
    )))
}
