//! Values of the presets, and the trainer's settings from presets and options.

use bitspin::train::{self, Objective, RateSchedule, Settings};
use bitspin_core::rbm::train::{Method, Sparsity};

use crate::cli::{self, ObjectiveName, Preset, RateForm, Train, VisibleBias};
use crate::command::CommandError;

/// Values of a preset, for options that are not given.
pub(super) struct Defaults {
    pub(super) epochs: usize,
    pub(super) visible_bias: VisibleBias,
    pub(super) settings: Settings,
}

impl Defaults {
    /// The defaults of the chosen preset. Without a preset, learning labels takes more epochs than the lecture.
    pub(super) fn of(options: &Train) -> Self {
        let preset = match options.preset {
            Preset::Lecture => train::Preset::Lecture,
            Preset::Quick => train::Preset::Quick,
            Preset::Best => train::Preset::Best,
        };
        let settings = preset.settings();
        let of_labels = options.label.labels.is_some()
            && options.preset == Preset::Lecture
            && !options.was_given("preset");
        Self {
            epochs: if of_labels { 20 } else { settings.epochs },
            visible_bias: match preset.starts_from_means() {
                true => VisibleBias::Data,
                false => VisibleBias::Zero,
            },
            settings,
        }
    }
}

/// Default weight of ln p(x, y) in the hybrid objective: the best on digits.
const MIX: f32 = 0.05;

/// The objective to maximise.
fn objective(options: &Train) -> Result<Objective, CommandError> {
    if options.label.labels.is_none() {
        return Ok(Objective::Generative);
    }
    match options.label.objective.unwrap_or(ObjectiveName::Hybrid) {
        ObjectiveName::Hybrid => Ok(Objective::Hybrid(options.label.mix.unwrap_or(MIX))),
        _ if options.label.mix.is_some() => Err(CommandError::usage(
            "--mix: expected together with --objective hybrid",
        )),
        ObjectiveName::Generative => Ok(Objective::Generative),
        ObjectiveName::Discriminative => Ok(Objective::Discriminative),
    }
}

/// The trainer's settings from the command's options.
pub(super) fn settings(
    options: &Train,
    (epochs, batch): (usize, usize),
    threads: usize,
) -> Result<Settings, CommandError> {
    let preset = Defaults::of(options).settings;
    let learning_rate = options.lr.unwrap_or(preset.learning_rate);
    let (steps, last_steps) = steps(options, &preset);
    Ok(Settings {
        objective: objective(options)?,
        batch,
        last_batch: options.batch_final,
        epochs,
        learning_rate,
        schedule: schedule(options, preset.schedule, learning_rate)?,
        momentum: options.momentum,
        weight_decay: options.weight_decay,
        l1: options.l1.unwrap_or(preset.l1),
        sparsity: sparsity(options)?,
        centred: options.centred.unwrap_or(preset.centred),
        steps,
        last_steps,
        method: match options.method {
            Some(cli::Method::Cd) => Method::ContrastiveDivergence,
            Some(cli::Method::Pcd) => Method::Persistent,
            None => preset.method,
        },
        seed: options.run.seed,
        threads,
    })
}

/// Default weight of the sparsity penalty.
const SPARSITY_COST: f32 = 0.1;

fn sparsity(options: &Train) -> Result<Sparsity, CommandError> {
    match (options.sparsity_target, options.sparsity_cost) {
        (Some(target), cost) => Ok(Sparsity {
            target,
            cost: cost.unwrap_or(SPARSITY_COST),
        }),
        (None, None) => Ok(Sparsity::NONE),
        (None, Some(_)) => Err(CommandError::usage(
            "--sparsity-cost: expected together with --sparsity-target",
        )),
    }
}

/// The Gibbs steps of the first epoch, and of the last if they differ.
fn steps(options: &Train, preset: &Settings) -> (usize, Option<usize>) {
    let last = preset.last_steps.filter(|_| options.k.is_none());
    (options.k.unwrap_or(preset.steps), options.k_final.or(last))
}

/// The schedule of the learning rate from `first`.
fn schedule(
    options: &Train,
    preset: RateSchedule,
    first: f32,
) -> Result<RateSchedule, CommandError> {
    let form = match (options.lr_schedule, options.lr_decay, preset) {
        (Some(form), ..) => form,
        (None, Some(_), _) | (None, None, RateSchedule::Inverse { .. }) => RateForm::Inverse,
        (None, None, RateSchedule::Linear { .. }) => RateForm::Linear,
        (None, None, RateSchedule::Exponential { .. }) => RateForm::Exponential,
        (None, None, RateSchedule::Cosine { .. }) => RateForm::Cosine,
    };
    if form == RateForm::Inverse {
        if options.lr_final.is_some() {
            return Err(CommandError::usage(
                "--lr-final: expected with --lr-schedule linear, exponential or cosine",
            ));
        }
        let decay = match preset {
            RateSchedule::Inverse { decay } => decay,
            _ => 0.0,
        };
        let decay = options.lr_decay.unwrap_or(decay);
        return Ok(RateSchedule::Inverse { decay });
    }
    if options.lr_decay.is_some() {
        return Err(CommandError::usage(
            "--lr-decay: expected with --lr-schedule inverse, the others have --lr-final",
        ));
    }
    let preset = preset.last().filter(|_| options.lr_schedule.is_none());
    let last = options.lr_final.or(preset);
    Ok(match form {
        RateForm::Exponential => RateSchedule::Exponential {
            last: last.unwrap_or(0.01 * first),
        },
        RateForm::Cosine => RateSchedule::Cosine {
            last: last.unwrap_or(0.0),
        },
        _ => RateSchedule::Linear {
            last: last.unwrap_or(0.0),
        },
    })
}

/// The metadata of what changes over the epochs.
pub(super) fn schedule_metadata(settings: &Settings) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("lr", settings.learning_rate.to_string()),
        ("lr_schedule", settings.schedule.name().to_string()),
    ];
    match settings.schedule {
        RateSchedule::Inverse { decay } => all.push(("lr_decay", decay.to_string())),
        other => all.extend(other.last().map(|last| ("lr_final", last.to_string()))),
    }
    all.push(("k", settings.steps.to_string()));
    all.push(("k_final", settings.final_steps().to_string()));
    all
}

/// All options of a run, whether they were given or come from a preset or from the data.
pub(super) fn resolved(
    options: &Train,
    settings: &Settings,
    hidden: usize,
    visible_bias: VisibleBias,
) -> Train {
    let (form, decay) = match settings.schedule {
        RateSchedule::Inverse { decay } => (RateForm::Inverse, Some(decay)),
        RateSchedule::Linear { .. } => (RateForm::Linear, None),
        RateSchedule::Exponential { .. } => (RateForm::Exponential, None),
        RateSchedule::Cosine { .. } => (RateForm::Cosine, None),
    };
    let mut all = Train {
        hidden: Some(hidden),
        epochs: Some(settings.epochs),
        batch: Some(settings.batch),
        batch_final: Some(settings.final_batch()),
        lr: Some(settings.learning_rate),
        lr_schedule: Some(form),
        lr_decay: decay,
        lr_final: settings.schedule.last(),
        k: Some(settings.steps),
        k_final: Some(settings.final_steps()),
        method: Some(match settings.method {
            Method::ContrastiveDivergence => cli::Method::Cd,
            Method::Persistent => cli::Method::Pcd,
        }),
        centred: Some(settings.centred),
        l1: Some(settings.l1),
        sparsity_cost: options.sparsity_target.map(|_| settings.sparsity.cost),
        visible_bias: Some(visible_bias),
        ..options.clone()
    };
    if options.label.labels.is_some() {
        let (objective, mix) = match settings.objective {
            Objective::Generative => (ObjectiveName::Generative, None),
            Objective::Discriminative => (ObjectiveName::Discriminative, None),
            Objective::Hybrid(mix) => (ObjectiveName::Hybrid, Some(mix)),
        };
        all.label.objective = Some(objective);
        all.label.mix = mix;
    }
    all
}
