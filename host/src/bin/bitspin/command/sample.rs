//! `bitspin rbm sample`.

use bitspin::array_file::{ArrayFile, ArrayFormat, unpack};
use bitspin::display::shown;
use bitspin::engine::{Engine, engine};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmFile;
use bitspin::output::OutputFile;
use bitspin::report::grid::Grid;
use bitspin::report::progress::Progress;
use bitspin::sampling::{Chains, picture_size, probabilities_to_grey};
use bitspin::{BitMatrix, Control};
use serde_json::json;

use super::memory;
use super::recorded::Prepared;
use super::written::{Form, Written, numbered};
use super::{CommandError, check_size, load_data, load_model, refuse_missing};
use crate::cli::{Sample, Size};

/// Draws samples and writes their picture.
pub(crate) fn run(options: &Sample) -> Result<(), CommandError> {
    let form = Form::of("--out", &options.out, &[Form::Png, Form::Npy, Form::Csv])?;
    if let (Some(_), true) = (options.size, form != Form::Png) {
        return Err(CommandError::usage(
            "--size: expected together with --out FILE.png, of which it is the shape",
        ));
    }
    let threads = options.run.threads();
    let file = match options.label {
        Some(class) => given(options, class)?,
        None => load_model(&options.model)?,
    };
    let engine = engine(&file.parameters).map_err(CommandError::at(&options.model))?;
    let units = file.parameters.visible + file.parameters.hidden;
    memory::ensure("the chains", options.chains, 4 * units)?;
    let (mut chains, size) = start(options, &file, &engine)?;
    let size = match form {
        Form::Png => Some(fit(options, size, file.parameters.visible)?),
        _ => None,
    };
    let output = OutputFile::create(&options.out, options.replace.force)?;

    let interrupt = Interrupt::install();
    let progress = Progress::new(options.steps as u64, "steps");
    let tick = |steps| progress.inc(steps);
    let control = Control::new().interrupt(&interrupt).progress(&tick);
    chains.run_with(&engine, options.steps, threads, control);
    progress.finish();

    let visible = file.parameters.visible;
    let (bytes, written) = match (size, form.array()) {
        (None, Some(format)) => {
            let array = array(format, &chains, visible);
            let written = Written::array(&options.out, form, &array);
            (array.into_bytes(), written)
        }
        (size, _) => {
            let size = size.unwrap_or(Size {
                rows: 1,
                columns: visible,
            });
            (
                picture(size, &chains, visible)?,
                Written::new(&options.out, form),
            )
        }
    };
    output.commit(bytes)?;
    let steps = chains.steps();
    if options.run.json {
        super::print_json(&json!({
            "chains": options.chains, "steps": steps, "from_data": options.from_data, "label": options.label, "seed": options.run.seed,
            "out": shown(&options.out), "files": [written],
        }));
    } else {
        super::print(&format!(
            "{}: {} of {} chains after {steps} Gibbs steps from {}",
            shown(&options.out),
            match form {
                Form::Png => "p(v|h)".to_string(),
                _ => format!("visible units ({})", written.words()),
            },
            options.chains,
            if options.from_data { "digits" } else { "noise" }
        ));
    }
    CommandError::unless_all(
        steps,
        options.steps,
        "steps; the results are those of the last one",
    )
}

/// The visible units of all chains, a row per chain.
fn array(format: ArrayFormat, chains: &Chains, visible: usize) -> ArrayFile {
    let words = visible.div_ceil(64);
    let count = chains.visible().len() / words;
    let mut file = ArrayFile::new::<u8>(format, &[count, visible], &numbered('v', visible));
    let mut row = vec![0; visible];
    for bits in chains.visible().chunks_exact(words) {
        unpack(bits, &mut row);
        file.row(&row);
    }
    file
}

/// p(v|h) of all chains as PNG.
fn picture(size: Size, chains: &Chains, visible: usize) -> Result<Vec<u8>, CommandError> {
    let tiles = probabilities_to_grey(chains.probabilities(), visible);
    let draw = || {
        let grid = Grid::new(size.rows, size.columns)?;
        grid.magnification(2).draw(&tiles)?.to_png()
    };
    draw().map_err(CommandError::failed)
}

/// The model of pixels that a label makes of a model with label units.
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
            Chains::from_noise(engine, options.chains, options.run.seed),
            None,
        ));
    }
    let prepared = Prepared::new(&options.model, &file.metadata, &options.data)?;
    let data = load_data(&prepared.options)?;
    refuse_missing(&data)?;
    let images = &data.test.images;
    check_size(&options.model, file, &data.name, images)?;
    let packed = prepared.options.pack(images, options.run.seed);
    prepared.tell();
    let words = options.chains * packed.words_per_row();
    let visible = packed.bits().iter().copied().cycle().take(words).collect();
    let visible = BitMatrix::from_bits(packed.units(), visible).map_err(CommandError::failed)?;
    let size = Size {
        rows: images.rows(),
        columns: images.columns(),
    };
    Ok((
        Chains::from_visible(engine, &visible, options.run.seed).map_err(CommandError::failed)?,
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
