//! What presets give where an option does not, and the trainer's settings that come of both.

use bitspin::train::Settings;
use bitspin_core::rbm::train::Method;

use crate::cli::{self, Preset, Train, VisibleBias};

/// What a preset gives where an option does not.
pub(super) struct Defaults {
    pub(super) epochs: usize,
    pub(super) visible_bias: VisibleBias,
    pub(super) settings: Settings,
}

impl Defaults {
    pub(super) fn of(preset: Preset) -> Self {
        let lecture = Self {
            epochs: 2,
            visible_bias: VisibleBias::Zero,
            settings: Settings::default(),
        };
        let centred = Settings {
            centred: true,
            method: Method::Persistent,
            ..Settings::default()
        };
        match preset {
            Preset::Lecture => lecture,
            Preset::Quick => Self {
                epochs: 50,
                visible_bias: VisibleBias::Data,
                settings: Settings {
                    learning_rate: 0.05,
                    learning_rate_decay: 0.1,
                    ..centred
                },
            },
            Preset::Best => Self {
                epochs: 300,
                visible_bias: VisibleBias::Data,
                settings: Settings {
                    learning_rate: 0.05,
                    learning_rate_decay: 0.05,
                    steps: 2,
                    ..centred
                },
            },
        }
    }
}

/// The trainer's settings from the command's options.
pub(super) fn settings(options: &Train, batch: usize, threads: usize) -> Settings {
    let preset = Defaults::of(options.preset).settings;
    Settings {
        batch,
        learning_rate: options.lr.unwrap_or(preset.learning_rate),
        learning_rate_decay: options.lr_decay.unwrap_or(preset.learning_rate_decay),
        momentum: options.momentum,
        weight_decay: options.weight_decay,
        centred: options.centred.unwrap_or(preset.centred),
        steps: options.k.unwrap_or(preset.steps),
        method: match options.method {
            Some(cli::Method::Cd) => Method::ContrastiveDivergence,
            Some(cli::Method::Pcd) => Method::Persistent,
            None => preset.method,
        },
        seed: options.seed,
        threads,
    }
}
