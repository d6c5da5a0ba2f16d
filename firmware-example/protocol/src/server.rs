//! The board's side: requests answered from models in flash and buffers of fixed size.

mod classifier;
mod memory;
mod rbm;
mod spins;

pub use classifier::Classifier;
pub use memory::Memory;
pub use rbm::Rbm;
pub use spins::Spins;

use bitspin_core::bits::{Bits, words};
use bitspin_core::blob::Blob;
use bitspin_core::network::Network as _;
use bitspin_core::rbm::{WeightFormat, labels};
use embedded_io::{Read, Write};

use crate::window::Window;
use crate::{
    Answer, Counters, Damage, Info, MAX_FRAME, MAX_STATE, MAX_STEPS, MAX_SWEEPS, Model, Network,
    Receiver, Refusal, Request, Rule, Sizes, Start, VERSION, Weights, encode, state_len, to_bytes,
    to_words,
};

/// Bytes of a blob that an answer takes.
const PIECE: usize = MAX_STATE;
/// Words of a state in a message.
const WORDS: usize = MAX_STATE / 8;

/// What the server has to know of the board that it runs on.
pub trait Platform {
    /// The board's name.
    fn name(&self) -> &str;
    /// What ticks count, as a plural.
    fn unit(&self) -> &str;
    /// Ticks since the start, modulo 2^32.
    fn ticks(&mut self) -> u32;
    /// What the program takes.
    fn sizes(&self) -> Sizes;
    /// Bytes that the port lost so far.
    fn overruns(&self) -> u32 {
        0
    }
}

/// The models that a server has, whichever these are.
#[derive(Debug, Default)]
pub struct Models<'a> {
    /// A Hopfield memory.
    pub memory: Option<Memory<'a>>,
    /// An RBM.
    pub rbm: Option<Rbm<'a>>,
    /// An Ising model.
    pub spins: Option<Spins<'a>>,
    /// An RBM with label units.
    pub classifier: Option<Classifier<'a>>,
}

/// Answers requests. Allocates nothing; what it needs in RAM is in it and in its [`Models`].
#[derive(Debug)]
pub struct Server<'a, P> {
    receiver: Receiver,
    desk: Desk<'a, P>,
}

/// What answers, apart from what receives: a request stays in the receiver while it is answered.
#[derive(Debug)]
struct Desk<'a, P> {
    platform: P,
    models: Models<'a>,
    counters: Counters,
}

impl<'a, P: Platform> Server<'a, P> {
    /// A server of whichever models there are.
    pub fn new(platform: P, models: Models<'a>) -> Self {
        Self {
            receiver: Receiver::default(),
            desk: Desk {
                platform,
                models,
                counters: Counters::default(),
            },
        }
    }

    /// What was received so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.desk.counters()
    }

    /// Reads and answers until the port has no more bytes, which a serial port never says.
    ///
    /// # Errors
    /// The port's own. Whoever calls may go on after it.
    pub fn serve<T: Read + Write>(&mut self, port: &mut T) -> Result<(), T::Error> {
        let mut bytes = [0; 16];
        loop {
            let count = port.read(&mut bytes)?;
            let Some(bytes) = bytes.get(..count).filter(|bytes| !bytes.is_empty()) else {
                return Ok(());
            };
            for &byte in bytes {
                self.take(byte, port)?;
            }
        }
    }

    /// Takes a byte, and answers if it ends a request.
    ///
    /// # Errors
    /// The port's own.
    pub fn take<W: Write>(&mut self, byte: u8, port: &mut W) -> Result<(), W::Error> {
        let Self { receiver, desk } = self;
        let counters = &mut desk.counters;
        counters.bytes = counters.bytes.wrapping_add(1);
        match receiver.push(byte) {
            None => Ok(()),
            Some(Err(Damage::Frame)) => {
                counters.damaged = counters.damaged.wrapping_add(1);
                Ok(())
            }
            Some(Err(Damage::TooLong)) => {
                counters.overlong = counters.overlong.wrapping_add(1);
                Ok(())
            }
            Some(Ok(frame)) => desk.answer(frame.number(), frame.message(), port),
        }
    }
}

impl<P: Platform> Desk<'_, P> {
    fn counters(&self) -> Counters {
        Counters {
            overruns: self.platform.overruns(),
            ..self.counters
        }
    }

    fn answer<W: Write>(
        &mut self,
        number: u16,
        request: Option<Request<'_>>,
        port: &mut W,
    ) -> Result<(), W::Error> {
        let mut bytes = [0; MAX_STATE];
        // Counted before, so that the answer counts itself.
        self.counters.requests = self.counters.requests.wrapping_add(1);
        let answer = match request {
            Some(request) => self.carry_out(request, &mut bytes),
            None => Err(Refusal::Unknown),
        };
        let answer = answer.unwrap_or_else(Answer::Refused);
        let mut buffer = [0; MAX_FRAME];
        let frame = encode(number, &answer, &mut buffer).unwrap_or_default();
        let refused = matches!(answer, Answer::Refused(_));
        write_all(port, frame)?;
        if refused {
            self.counters.requests = self.counters.requests.wrapping_sub(1);
            self.counters.refused = self.counters.refused.wrapping_add(1);
        }
        port.flush()
    }

    fn carry_out<'b>(
        &'b mut self,
        request: Request<'_>,
        bytes: &'b mut [u8; MAX_STATE],
    ) -> Result<Answer<'b>, Refusal> {
        match request {
            Request::Info => Ok(Answer::Info(self.info())),
            Request::Read { model, offset } => self.read(model, offset, bytes),
            Request::Store { state } => self.store(state),
            Request::Forget => {
                let memory = self.models.memory.as_mut().ok_or(Refusal::NoModel)?;
                memory.store.truncate(memory.fixed);
                Ok(stored(memory))
            }
            Request::Recall {
                network,
                sweeps,
                state,
            } => self.recall(network, sweeps, state, bytes),
            Request::Sample { start, steps } => self.sample(start, steps, bytes),
            Request::Score { visible } => self.score(visible),
            Request::Sweep {
                start,
                rule,
                beta,
                sweeps,
            } => self.sweep(start, (rule, beta), sweeps, bytes),
            Request::Classify { visible } => self.classify(visible, bytes),
        }
    }

    fn info(&self) -> Info<'_> {
        Info {
            version: VERSION,
            board: self.platform.name(),
            unit: self.platform.unit(),
            memory: self.models.memory.as_ref().map(Memory::info),
            rbm: self.models.rbm.as_ref().map(Rbm::info),
            ising: self.models.spins.as_ref().map(Spins::info),
            classifier: self.models.classifier.as_ref().map(Classifier::info),
            sizes: self.platform.sizes(),
            counters: self.counters(),
        }
    }

    fn read<'b>(
        &self,
        model: Model,
        offset: u32,
        bytes: &'b mut [u8; MAX_STATE],
    ) -> Result<Answer<'b>, Refusal> {
        let memory = self
            .models
            .memory
            .as_ref()
            .and_then(|memory| memory.pairs().ok());
        let blob = match model {
            Model::Memory => memory.map(Blob::Patterns),
            Model::Rbm => {
                let rbm = self.models.rbm.as_ref();
                rbm.map(|rbm| Blob::Rbm(rbm.model))
            }
            Model::Ising => {
                let spins = self.models.spins.as_ref();
                spins.map(|spins| Blob::Ising(spins.model))
            }
            Model::Classifier => {
                let classifier = self.models.classifier.as_ref();
                classifier.map(|classifier| Blob::Labelled(classifier.model))
            }
        };
        let blob = blob.ok_or(Refusal::NoModel)?;
        let mut window = Window::new(offset as usize, bytes.get_mut(..PIECE).unwrap_or_default());
        let blob_len = blob.write(&mut window).map_err(|_| Refusal::NoModel)?;
        match window.written() {
            [] => Err(Refusal::OutOfRange {
                largest: (blob_len - 1) as u32,
            }),
            bytes => Ok(Answer::Piece {
                blob_len: blob_len as u32,
                bytes,
            }),
        }
    }

    fn store(&mut self, state: &[u8]) -> Result<Answer<'static>, Refusal> {
        let memory = self.models.memory.as_mut().ok_or(Refusal::NoModel)?;
        let units = memory.patterns().units();
        let mut pattern = [0; WORDS];
        to_words(units, state, &mut pattern)?;
        let pattern = pattern.get(..words(units)).unwrap_or_default();
        let pattern = Bits::new(units, pattern).map_err(|_| Refusal::Tail)?;
        let room = memory.store.room() as u32;
        memory
            .store
            .push(&pattern)
            .map_err(|_| Refusal::Full { room })?;
        Ok(stored(memory))
    }

    fn recall<'b>(
        &mut self,
        network: Network,
        sweeps: u32,
        state: &[u8],
        bytes: &'b mut [u8; MAX_STATE],
    ) -> Result<Answer<'b>, Refusal> {
        let memory = self.models.memory.as_mut().ok_or(Refusal::NoModel)?;
        at_most(sweeps, MAX_SWEEPS)?;
        let units = memory.patterns().units();
        let mut spins = [0; WORDS];
        to_words(units, state, &mut spins)?;
        let spins = spins.get_mut(..words(units)).unwrap_or_default();
        let before = self.platform.ticks();
        let outcome = memory.recall(network, sweeps, spins);
        let ticks = self.platform.ticks().wrapping_sub(before);
        Ok(Answer::Recalled {
            // All shapes were checked.
            outcome: outcome.map_err(|_| Refusal::Unsupported)?,
            ticks,
            state: to_bytes(units, spins, bytes),
        })
    }

    fn sample<'b>(
        &mut self,
        start: Option<Start<'_>>,
        steps: u32,
        bytes: &'b mut [u8; MAX_STATE],
    ) -> Result<Answer<'b>, Refusal> {
        let rbm = self.models.rbm.as_mut().ok_or(Refusal::NoModel)?;
        at_most(steps, MAX_STEPS)?;
        if let Some(start) = start {
            rbm.begin(start)?;
        }
        let before = self.platform.ticks();
        // All shapes were checked.
        rbm.walk(steps).map_err(|_| Refusal::Unsupported)?;
        let ticks = self.platform.ticks().wrapping_sub(before);
        let shape = rbm.model.shape();
        // Both fit, as `Rbm::new` checked.
        let (visible, hidden) = bytes.split_at_mut(state_len(shape.visible()));
        Ok(Answer::Sampled {
            steps: rbm.steps,
            ticks,
            visible: to_bytes(shape.visible(), &rbm.visible, visible),
            hidden: to_bytes(shape.hidden(), &rbm.hidden, hidden),
        })
    }

    fn sweep<'b>(
        &mut self,
        start: Option<Start<'_>>,
        (rule, beta): (Rule, f64),
        sweeps: u32,
        bytes: &'b mut [u8; MAX_STATE],
    ) -> Result<Answer<'b>, Refusal> {
        let spins = self.models.spins.as_mut().ok_or(Refusal::NoModel)?;
        at_most(sweeps, MAX_SWEEPS)?;
        let temperature = spins.temperature(beta)?;
        if let Some(start) = start {
            spins.begin(start)?;
        }
        let before = self.platform.ticks();
        let swept = spins.sweep(rule, temperature, sweeps);
        let ticks = self.platform.ticks().wrapping_sub(before);
        // All shapes were checked.
        swept.map_err(|_| Refusal::Unsupported)?;
        Ok(Answer::Swept {
            sweeps: spins.sweeps,
            ticks,
            energy: spins.energy,
            state: to_bytes(spins.model.units(), &spins.state, bytes),
        })
    }

    fn score(&mut self, visible: &[u8]) -> Result<Answer<'static>, Refusal> {
        let rbm = self.models.rbm.as_mut().ok_or(Refusal::NoModel)?;
        let shape = rbm.model.shape();
        let mut units = [0; WORDS];
        to_words(shape.visible(), visible, &mut units)?;
        let before = self.platform.ticks();
        // All shapes were checked.
        let free_energy = rbm.score(&units).map_err(|_| Refusal::Unsupported)?;
        let ticks = self.platform.ticks().wrapping_sub(before);
        Ok(Answer::Scored {
            free_energy,
            anomaly: free_energy > rbm.threshold,
            ticks,
        })
    }

    fn classify<'b>(
        &mut self,
        visible: &[u8],
        bytes: &'b mut [u8; MAX_STATE],
    ) -> Result<Answer<'b>, Refusal> {
        let classifier = self.models.classifier.as_mut().ok_or(Refusal::NoModel)?;
        let threshold = classifier.threshold;
        let pixels = classifier.pixels(visible)?;
        let before = self.platform.ticks();
        // All shapes were checked.
        let logits = classifier.judge(&pixels);
        let logits = logits.map_err(|_| Refusal::Unsupported)?;
        let (class, energy) = (labels::class(logits), labels::energy_fixed(logits));
        let ticks = self.platform.ticks().wrapping_sub(before);
        let places = bytes.as_chunks_mut().0.iter_mut().zip(logits);
        let len = 8 * logits.len();
        places.for_each(|(place, logit)| *place = logit.to_le_bytes());
        Ok(Answer::Classified {
            class: class as u32,
            energy,
            anomaly: energy > threshold,
            ticks,
            logits: bytes.get(..len).unwrap_or_default(),
        })
    }
}

/// A format in words of the protocol.
fn weights(format: WeightFormat) -> Weights {
    match format {
        WeightFormat::I16 => Weights::I16,
        WeightFormat::I8 => Weights::I8,
        WeightFormat::I4 => Weights::I4,
        WeightFormat::Ternary => Weights::Ternary,
        WeightFormat::Sign => Weights::Sign,
    }
}

fn stored(memory: &Memory<'_>) -> Answer<'static> {
    Answer::Stored {
        patterns: memory.patterns().count() as u32,
    }
}

fn at_most(number: u32, largest: u32) -> Result<(), Refusal> {
    if number > largest {
        Err(Refusal::OutOfRange { largest })
    } else {
        Ok(())
    }
}

/// The last four bytes of a model's blob.
fn checksum(blob: &Blob<'_>) -> u32 {
    let Ok(header) = blob.header() else {
        return 0;
    };
    let mut bytes = [0; 4];
    let mut window = Window::new(header.blob_len() - 4, &mut bytes);
    match blob.write(&mut window) {
        Ok(_) => u32::from_le_bytes(bytes),
        Err(_) => 0,
    }
}

/// The trait's own `write_all` panics where a writer takes nothing; here the rest of the answer is lost.
fn write_all<W: Write>(port: &mut W, bytes: &[u8]) -> Result<(), W::Error> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let written = port.write(rest)?;
        rest = match rest.get(written..) {
            Some(behind) if written > 0 => behind,
            _ => return Ok(()),
        };
    }
    Ok(())
}
