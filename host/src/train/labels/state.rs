//! A run with labels as it stands between two minibatches, whatever the number of threads.

use std::time::Duration;

use bitspin_core::Error as CoreError;
use bitspin_core::rng::ChainRng;
use serde::{Deserialize, Serialize};

use super::super::state::{Generator, OrderState, check, check_begun, check_epochs};
use super::block::Block;
use super::epoch::{read, write};
use super::{LabelSettings, LabelTrainer, TrainError};
use crate::model_file::{LabelledParameters, RbmParameters};

/// A [`LabelTrainer`] as it stands, to be written down and gone on with: parameters, velocities, chains, generators, and how
/// far an epoch has come that was interrupted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelState {
    parameters: LabelledParameters,
    velocity: RbmParameters,
    epoch: usize,
    order: OrderState,
    places: Vec<Generator>,
    blocks: Vec<BlockState>,
    begun: Option<Begun>,
}

/// What a block has beside its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct BlockState {
    /// One a place.
    pub(super) generators: Vec<Generator>,
    /// \[place\]\[words\]: the chains' hidden units; empty without a generative gradient.
    pub(super) hidden: Vec<u64>,
    pub(super) started: bool,
}

/// How far an interrupted epoch has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Begun {
    pub(super) minibatches: usize,
    pub(super) images: usize,
    pub(super) nll: f64,
    pub(super) wrong: usize,
    pub(super) duration: Duration,
    pub(super) fraction_bits: u32,
}

impl LabelState {
    /// Epochs that are over.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.epoch
    }

    /// Images that an epoch which was interrupted has learned from.
    #[must_use]
    pub fn images_of_epoch(&self) -> usize {
        self.begun.as_ref().map_or(0, |begun| begun.images)
    }
}

impl LabelTrainer {
    /// The run as it stands between two epochs, or where the last was interrupted. O(parameters + images).
    #[must_use]
    pub fn state(&self) -> LabelState {
        let generators = self.loaders.iter().map(|loader| loader.rng.state());
        LabelState {
            parameters: self.parameters(),
            velocity: self.velocity(),
            epoch: self.epoch,
            order: OrderState::new(&self.shuffle, &self.order),
            places: generators.collect(),
            blocks: self.blocks.iter().map(Block::state).collect(),
            begun: self.begun.clone(),
        }
    }

    fn velocity(&self) -> RbmParameters {
        let (visible, hidden) = (self.shape.visible(), self.shape.hidden());
        let moving = self.settings.momentum > 0.0;
        let mut velocity = RbmParameters {
            visible,
            hidden,
            w: vec![0.0; if moving { visible * hidden } else { 0 }],
            visible_bias: read(&self.visible).velocity().to_vec(),
            hidden_bias: Vec::with_capacity(hidden),
        };
        for block in &self.blocks {
            block.copy_velocity_to(&mut velocity);
        }
        velocity
    }

    /// Goes on from a state with the settings that led to it; the number of threads may be another, and that of epochs.
    ///
    /// # Errors
    /// As [`LabelTrainer::new`]; [`TrainError::Model`] also if the state is of other settings or of another number of images.
    pub fn resume(
        state: LabelState,
        images: usize,
        settings: LabelSettings,
    ) -> Result<Self, TrainError> {
        let mut trainer = Self::new(&state.parameters, images, settings)?;
        let (visible, hidden) = (trainer.shape.visible(), trainer.shape.hidden());
        let moving = trainer.settings.momentum > 0.0;
        let weights = if moving { visible * hidden } else { 0 };
        let velocity = &state.velocity;
        check("velocities", velocity.w.len(), weights)?;
        check("velocities", velocity.visible_bias.len(), visible)?;
        check("velocities", velocity.hidden_bias.len(), hidden)?;
        check(
            "place generators",
            state.places.len(),
            trainer.loaders.len(),
        )?;
        check("blocks", state.blocks.len(), trainer.blocks.len())?;
        (trainer.shuffle, trainer.order) = state.order.restore(images)?;
        check_epochs(state.epoch)?;
        trainer.epoch = state.epoch;
        write(&trainer.visible).set_velocity(&velocity.visible_bias);
        for (loader, state) in trainer.loaders.iter_mut().zip(&state.places) {
            loader.rng = ChainRng::from_state(*state)?;
        }
        for (block, state) in trainer.blocks.iter_mut().zip(&state.blocks) {
            block.restore(state, velocity)?;
        }
        if let Some(begun) = &state.begun {
            let at = (begun.minibatches, begun.images, begun.fraction_bits);
            check_begun(at, (trainer.settings.batch, images), begun.duration)?;
            trainer.fraction_bits = begun.fraction_bits;
        }
        trainer.begun = state.begun;
        Ok(trainer)
    }
}

impl Block {
    fn state(&self) -> BlockState {
        BlockState {
            generators: self.rngs.iter().map(ChainRng::state).collect(),
            hidden: self.hidden.clone(),
            started: self.started,
        }
    }

    fn restore(&mut self, state: &BlockState, velocity: &RbmParameters) -> Result<(), CoreError> {
        check("block generators", state.generators.len(), self.rngs.len())?;
        check("hidden states", state.hidden.len(), self.hidden.len())?;
        for (rng, state) in self.rngs.iter_mut().zip(&state.generators) {
            *rng = ChainRng::from_state(*state)?;
        }
        self.hidden.copy_from_slice(&state.hidden);
        self.started = state.started;
        self.set_velocity(velocity);
        Ok(())
    }
}
