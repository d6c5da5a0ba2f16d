//! Serves a Hopfield memory, an RBM, a classifier and an Ising model over the serial port, by the protocol of `bitspin-protocol`.
//!
//! A computer drives it with `bitspin device`. The memory begins with 32 digits of 28 x 28 pixels from flash, copied into RAM
//! with room for 8 more; RBM and classifier, of 196 x 64
//! units, and the lattice of 16 x 16 spins stay in flash. Garbage, half frames and lost bytes are counted and
//! survived; the program never ends.
#![no_std]
#![no_main]

use bitspin_core::Error;
use bitspin_core::bits::words;
use bitspin_firmware::board::{self, Board, Timer, Uart};
use bitspin_firmware::{report, sizes};
use bitspin_protocol::Sizes;
use bitspin_protocol::server::{Classifier, Memory, Models, Platform, Rbm, Server, Spins};
use bitspin_trials::{
    Clock, HIDDEN, LATTICE, MODELS, SHAPE, expected, labelled, patterns, rbm, spins,
};

/// Patterns that there is room for.
const ROOM: usize = 40;
/// Spins of a pattern.
const UNITS: usize = 28 * 28;
/// Units of the RBM's larger layer, at most.
const LAYER: usize = 28 * 28;

struct Here {
    timer: Timer,
}

impl Platform for Here {
    fn name(&self) -> &str {
        board::NAME
    }

    fn unit(&self) -> &str {
        board::COUNTED
    }

    fn ticks(&mut self) -> u32 {
        Clock::ticks(&mut self.timer)
    }

    fn sizes(&self) -> Sizes {
        sizes::now()
    }

    fn overruns(&self) -> u32 {
        Uart::overruns()
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(board) = Board::take() else {
        board::exit(2);
    };
    board::exit(report::exit_code(serve(board).map(|()| true)))
}

fn serve(board: Board) -> Result<(), Error> {
    let Board { mut uart, timer } = board;
    let mut storage = [0; ROOM * words(UNITS)];
    let mut cache = [0; ROOM + 1];
    let mut fields = [0; LAYER];
    let digits = patterns(MODELS.memory)?;
    let memory = Memory::new(&digits, &mut storage, &expected::EXPONENTIALS, &mut cache)?;
    let rbm = rbm(MODELS.rbm)?;
    let fields = fields.get_mut(..rbm.fields_len()).ok_or(SHAPE)?;
    let sampler = Rbm::new(rbm, MODELS.threshold, fields)?;
    let mut site_fields = [0; LATTICE * LATTICE];
    let spins = Spins::new(spins(MODELS.lattice)?, &mut site_fields)?;
    let mut hidden_fields = [0; HIDDEN];
    let labelled = labelled(MODELS.labelled)?;
    let classifier = Classifier::new(labelled, MODELS.energy_threshold, &mut hidden_fields)?;
    let models = Models {
        memory: Some(memory),
        rbm: Some(sampler),
        spins: Some(spins),
        classifier: Some(classifier),
    };
    let mut server = Server::new(Here { timer }, models);
    // The port never fails, and never ends.
    match server.serve(&mut uart) {
        Ok(()) => Ok(()),
        Err(error) => match error {},
    }
}
