//! `bitspin rbm classify`.

use std::collections::BTreeMap;
use std::path::Path;

use bitspin::BitMatrix;
use bitspin::array_file::{ArrayFile, ArrayFormat};
use bitspin::data::{Dataset, Holdout, Images, Reading, TableOptions};
use bitspin::display::shown;
use bitspin::engine::engine;
use bitspin::evaluate::calibration::{
    Bin, auroc, expected_calibration_error, negative_log_likelihood, reliability,
};
use bitspin::evaluate::{
    self, LogisticRegression, Logits, free_energies, hidden_probabilities, labelled_ln_z,
};
use bitspin::model_file::{LabelledFile, RbmFile};
use bitspin::output::OutputFile;
use bitspin::report::reliability::reliability_diagram;
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;
use serde_json::{Value, json};

use super::{CommandError, TEMPERATURE, error_rate, labels, logits};
use crate::cli::ClassifyWithRbm;
use crate::command::model::Model;
use crate::command::recorded::{Prepared, pixels};
use crate::command::rows::{self, Rows};
use crate::command::written::{Form, Written};
use crate::command::{load_from, print, print_json, refuse_missing};

/// The value of `--against` that stands for shuffled pixels.
const NOISE: &str = "noise";

/// A classifier: the label units of a model, or a regression on its hidden probabilities.
enum Classifier {
    Labels(LabelledFile),
    Features(RbmFile, LogisticRegression),
}

impl Classifier {
    /// The model's label units; or, where it has none, a regression that is fitted to the training images.
    fn new(
        file: Model,
        options: &ClassifyWithRbm,
        data: &Dataset,
        threads: usize,
    ) -> Result<Self, CommandError> {
        file.check_size(&options.model, &data.name, &data.test.images)?;
        let file = match file {
            Model::Labelled(file) => return Ok(Self::Labels(file)),
            Model::Plain(file) => file,
        };
        let train = labels(&data.name, &data.train, 256)?;
        let classes = train.iter().max().map_or(1, |&most| usize::from(most) + 1);
        let engine = engine(&file.parameters).map_err(CommandError::at(&options.model))?;
        let images = options.data.pack(&data.train.images, options.run.seed);
        let features =
            hidden_probabilities(&engine, &images, threads).map_err(CommandError::failed)?;
        let regression = LogisticRegression::fit(&features, train, classes, options.run.seed);
        Ok(Self::Features(file, regression))
    }

    fn classes(&self) -> usize {
        match self {
            Self::Labels(file) => file.parameters.classes,
            Self::Features(_, regression) => regression.classes(),
        }
    }

    fn metadata(&self) -> &BTreeMap<String, String> {
        match self {
            Self::Labels(file) => &file.metadata,
            Self::Features(file, _) => &file.metadata,
        }
    }

    /// The logits of images, and their E(x): without label units, the free energy.
    fn judge(
        &self,
        model: &Path,
        images: &BitMatrix,
        threads: usize,
    ) -> Result<(Logits, Vec<f64>), CommandError> {
        match self {
            Self::Labels(file) => {
                let logits = logits(model, file, images, threads)?;
                let energies = logits.energies();
                Ok((logits, energies))
            }
            Self::Features(file, regression) => {
                let bad = CommandError::at(model);
                let engine = engine(&file.parameters).map_err(bad)?;
                let features = hidden_probabilities(&engine, images, threads).map_err(bad)?;
                let energies = free_energies(&file.parameters, images, threads).map_err(bad)?;
                Ok((regression.logits(&features).map_err(bad)?, energies))
            }
        }
    }

    /// ln Z by enumeration.
    fn ln_z(&self, model: &Path, threads: usize) -> Result<f64, CommandError> {
        let ln_z = match self {
            Self::Labels(file) => labelled_ln_z(&file.parameters, threads),
            Self::Features(file, _) => evaluate::ln_z(&file.parameters, threads),
        };
        ln_z.map_err(|error| CommandError::usage(format!("--exact: {}: {error}", shown(&model))))
    }
}

/// Results on held-out images.
struct Found {
    labels: Vec<u8>,
    logits: Logits,
    energies: Vec<f64>,
    temperature: f64,
    bins: Vec<Bin>,
    confusion: Vec<Vec<usize>>,
}

/// Classifies the held-out images and prints the results.
pub(crate) fn run(options: &ClassifyWithRbm) -> Result<(), CommandError> {
    let threads = options.run.threads();
    Form::check("--out", options.out.as_ref(), &[Form::Svg])?;
    let file = Model::load(&options.model)?;
    let prepared = Prepared::new(&options.model, file.metadata(), &options.data)?;
    let options = &ClassifyWithRbm {
        data: prepared.options.clone(),
        ..options.clone()
    };
    let data = match &file {
        Model::Labelled(_) => prepared.load(options.labels.as_deref(), Rows::Measured)?,
        Model::Plain(_) => prepared.load(options.labels.as_deref(), Rows::Fitted)?,
    };
    refuse_missing(&data)?;
    let classifier = Classifier::new(file, options, &data, threads)?;
    let temperature = temperature(options, classifier.metadata())?;
    let classes = classifier.classes();
    let truth = labels(&data.name, &data.test, classes)?.to_vec();
    let output = options.replace.file(options.out.as_deref())?;
    let rows = match &options.per_row {
        Some(path) => Some((
            Form::of("--per-row", path, &[Form::Csv, Form::Npy])?,
            OutputFile::create(path, options.replace.force)?,
        )),
        None => None,
    };
    let images = options.data.pack(&data.test.images, options.run.seed);
    let (logits, energies) = classifier.judge(&options.model, &images, threads)?;
    let bins = reliability(&logits, &truth, temperature);
    let mut confusion = vec![vec![0; classes]; classes];
    for (predicted, &label) in logits.predictions().into_iter().zip(&truth) {
        confusion[usize::from(label)][predicted] += 1;
    }
    let found = Found {
        labels: truth,
        logits,
        energies,
        temperature,
        bins,
        confusion,
    };
    let outside = match &options.against {
        Some(other) => Some(against(
            options,
            &classifier,
            &data,
            other,
            &found,
            threads,
        )?),
        None => None,
    };
    let ln_z = match options.exact {
        true => Some(classifier.ln_z(&options.model, threads)?),
        false => None,
    };
    if let Some(output) = output {
        let title = format!("{}, T = {temperature:.3}", shown(&options.model));
        let svg = reliability_diagram(&title, &found.bins).map_err(CommandError::failed)?;
        output.commit(svg.into_bytes())?;
    }
    let mut scores = None;
    if let (Some((form, output)), Some(path)) = (rows, &options.per_row) {
        let (file, columns) = found.rows(form, ln_z);
        scores = Some(Written::array(path, form, &file).with_columns(columns));
        output.commit(file.into_bytes())?;
    }
    let plot = options.out.as_deref().map(Written::named);
    prepared.tell();
    let mut figures = found.figures(&data, outside, ln_z);
    prepared.add_to(&mut figures, options.run.seed);
    figures["files"] = json!(plot.iter().chain(&scores).collect::<Vec<_>>());
    if options.run.json {
        print_json(&figures);
    } else {
        print(found.table(options, &data, &figures).trim_end());
        if let Some(file) = &scores {
            print(&file.line("scores of held-out rows"));
        }
    }
    Ok(())
}

/// The temperature that was asked for, that of the model, or 1.
fn temperature(
    options: &ClassifyWithRbm,
    metadata: &BTreeMap<String, String>,
) -> Result<f64, CommandError> {
    let is_right = |t: &f64| t.is_finite() && *t > 0.0;
    match (options.temperature, metadata.get(TEMPERATURE)) {
        (Some(t), _) => Some(t).filter(is_right).ok_or_else(|| {
            CommandError::usage(format!("--temperature: expected a number above 0, not {t}"))
        }),
        (None, None) => Ok(1.0),
        (None, Some(text)) => text.parse().ok().filter(is_right).ok_or_else(|| {
            let model = shown(&options.model);
            CommandError::usage(format!(
                "{model}: expected a temperature above 0, found '{}'",
                text.escape_debug()
            ))
        }),
    }
}

/// How well E(x) separates other data from the held-out images: their name and the area under the ROC curve.
fn against(
    options: &ClassifyWithRbm,
    classifier: &Classifier,
    data: &Dataset,
    other: &Path,
    found: &Found,
    threads: usize,
) -> Result<(String, f64), CommandError> {
    let (name, images) = if other == Path::new(NOISE) {
        (
            NOISE.to_string(),
            shuffled(&data.test.images, options.run.seed),
        )
    } else {
        let reading = Reading {
            holdout: Holdout::None,
            table: TableOptions {
                grey: options.data.table(None).grey,
                ..TableOptions::default()
            },
            ..Reading::default()
        };
        let other = load_from(Some(other), &options.data, &reading)?;
        let (found, expected) = (other.pixels_per_image(), data.pixels_per_image());
        if found != expected {
            return Err(CommandError::usage(format!(
                "--against: expected images of {expected} pixels, as those of {} have, {} has {found}",
                data.name, other.name
            )));
        }
        (other.name, other.test.images)
    };
    let packed = options.data.pack(&images, options.run.seed);
    let (_, outside) = classifier.judge(&options.model, &packed, threads)?;
    Ok((name, auroc(&found.energies, &outside)))
}

/// Images with each one's pixels in a random order: as much ink as before, and no shape.
fn shuffled(images: &Images, seed: u64) -> Images {
    let mut random = Streams::new(seed, Purpose::Training).next_stream();
    let mut pixels = images.pixels().to_vec();
    for image in pixels.chunks_exact_mut(images.pixels_per_image()) {
        for last in (1..image.len()).rev() {
            let draw = (u64::from(random.next_u32()) * (last as u64 + 1)) >> 32;
            image.swap(last, draw as usize);
        }
    }
    Images::new(images.rows(), images.columns(), pixels).expect("as many pixels as before")
}

impl Found {
    /// The scores of single rows, and the names of the columns.
    fn rows(&self, form: Form, ln_z: Option<f64>) -> (ArrayFile, Vec<String>) {
        let mut columns = vec!["energy".to_string(), "predicted".to_string()];
        columns.extend(ln_z.map(|_| "log_likelihood".to_string()));
        columns.extend((0..self.logits.classes()).map(|class| format!("p_{class}")));
        let names: Vec<String> = ["row", "split"].map(String::from).into();
        let names = [names, columns.clone()].concat();
        let shape = [self.energies.len(), columns.len()];
        let format = form.array().unwrap_or(ArrayFormat::Csv);
        let mut file = ArrayFile::new::<f64>(format, &shape, &names);
        let rows = self.energies.iter().zip(self.logits.predictions());
        let rows = rows
            .zip(self.logits.probabilities(self.temperature))
            .enumerate();
        for (row, ((energy, predicted), p)) in rows {
            let mut scores = vec![*energy, predicted as f64];
            scores.extend(ln_z.map(|ln_z| -energy - ln_z));
            scores.extend(p);
            file.named_row(&format!("{row},test"), &scores);
        }
        (file, columns)
    }

    fn figures(&self, data: &Dataset, outside: Option<(String, f64)>, ln_z: Option<f64>) -> Value {
        let energy = self.energies.iter().sum::<f64>() / self.energies.len() as f64;
        let mut figures = json!({
            "data": data.name, "rows": rows::counts(data), "images": self.labels.len(),
            "temperature": self.temperature, "error": error_rate(&self.logits.predictions(), &self.labels),
            "nll": negative_log_likelihood(&self.logits, &self.labels, self.temperature),
            "ece": expected_calibration_error(&self.bins), "energy": energy, "confusion": self.confusion,
            "reliability": self.bins,
        });
        if let Some((name, area)) = outside {
            figures["against"] = json!({ "data": name, "auroc": area });
        }
        if let Some(ln_z) = ln_z {
            figures["ln_z"] = json!(ln_z);
            figures["test_log_likelihood"] = json!(-energy - ln_z);
        }
        figures
    }

    fn table(&self, options: &ClassifyWithRbm, data: &Dataset, figures: &Value) -> String {
        let number = |name: &str| figures[name].as_f64().unwrap_or(f64::NAN);
        let mut text = format!(
            "{data}\n{}, temperature {:.4}\n\n{:<38} {:>9.2}%\n{:<38} {:>10.4}\n{:<38} {:>9.2}%\n{:<38} {:>10.3}\n",
            pixels(&options.data, options.run.seed),
            self.temperature,
            "error on held-out images",
            100.0 * number("error"),
            "-ln p(y|x), nats per image",
            number("nll"),
            "expected calibration error",
            100.0 * number("ece"),
            "mean E(x), nats",
            number("energy"),
        );
        if let Some(area) = figures["against"]["auroc"].as_f64() {
            let name = figures["against"]["data"].as_str().unwrap_or_default();
            text += &format!("AUROC of E(x) against {name:<16} {area:>10.4}\n");
        }
        if options.exact {
            text += &format!(
                "{:<38} {:>10.3}\n{:<38} {:>10.3}\n",
                "ln Z (exact)",
                number("ln_z"),
                "ln p(x), nats per image",
                number("test_log_likelihood")
            );
        }
        // A wider table would not fit a terminal.
        if self.confusion.len() <= 10 {
            text += "\nrows: true class; columns: predicted class\n    ";
            for class in 0..self.confusion.len() {
                text += &format!("{class:>6}");
            }
            for (class, row) in self.confusion.iter().enumerate() {
                text += &format!("\n{class:>4}");
                row.iter().for_each(|count| text += &format!("{count:>6}"));
            }
            text += "\n";
        }
        if let Some(path) = &options.out {
            text += &format!("\n{}: reliability diagram", shown(&path));
        }
        text
    }
}
