//! The board's side: requests answered from models in flash and buffers of fixed size.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::blob::Blob;
use bitspin_core::hopfield::{
    Diagonal, ExponentialMemory, Network as _, PatternMemory, PatternStore, Patterns, Rule,
    settle_synchronous,
};
use bitspin_core::rbm::{CompactRbm, WeightFormat};
use bitspin_core::rng::{ChainRng, Purpose, Streams};
use embedded_io::{Read, Write};

use crate::window::Window;
use crate::{
    Answer, Counters, Damage, Info, MAX_FRAME, MAX_STATE, MAX_STEPS, MAX_SWEEPS, MemoryInfo, Model,
    Network, Outcome, RbmInfo, Receiver, Refusal, Request, Sizes, Start, Stop, VERSION, Weights,
    encode, state_len, to_bytes, to_words,
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

/// A Hopfield memory to serve, with room for more patterns.
#[derive(Debug)]
pub struct Memory<'a> {
    store: PatternStore<&'a mut [u64]>,
    fixed: usize,
    rule: Rule,
    diagonal: Diagonal,
    exponentials: &'a [u32],
    cache: &'a mut [i32],
}

impl<'a> Memory<'a> {
    /// A memory that begins with the patterns of `from`. `storage` has words for as many patterns as it is to hold,
    /// `exponentials` is the table of [`BETA`](crate::BETA), `cache` as many numbers as a sweep of either network needs:
    /// one more than there is room for patterns, or one a unit more for a covariance rule without a diagonal.
    ///
    /// # Errors
    /// [`Error`] if the storage is too small, the table is none, or the cache has another length; or if there are more than
    /// 2,048 units, which no message holds.
    pub fn new(
        from: &PatternMemory<&[u64]>,
        storage: &'a mut [u64],
        exponentials: &'a [u32],
        cache: &'a mut [i32],
    ) -> Result<Self, Error> {
        let patterns = from.patterns();
        if state_len(patterns.units()) > MAX_STATE {
            return Err(Error::OutOfRange {
                what: "units",
                expected: "as many as a message holds",
            });
        }
        ExponentialMemory::new(patterns.as_patterns(), exponentials)?;
        let store = PatternStore::new(patterns, storage)?;
        // The most that there will be room for: patterns never seen have the same shape.
        let room = store.room();
        let expected = match (from.rule(), from.diagonal()) {
            (Rule::Covariance, Diagonal::Zero) => patterns.units() + room,
            _ => room + 1,
        };
        if cache.len() != expected {
            return Err(Error::Length {
                what: "cache",
                expected,
                found: cache.len(),
            });
        }
        let memory = Self {
            fixed: patterns.count(),
            store,
            rule: from.rule(),
            diagonal: from.diagonal(),
            exponentials,
            cache,
        };
        memory.check_full()?;
        Ok(memory)
    }

    /// Whether the rule's numbers fit with all the room in use.
    fn check_full(&self) -> Result<(), Error> {
        let (units, room) = (
            self.store.patterns().units() as u128,
            self.store.room() as u128,
        );
        if self.rule == Rule::Covariance && units * room * room > i32::MAX as u128 {
            return Err(Error::OutOfRange {
                what: "storage",
                expected: "N P^2 below 2^31 for the covariance rule",
            });
        }
        Ok(())
    }

    fn patterns(&self) -> Patterns<&[u64]> {
        self.store.patterns()
    }

    fn pairs(&self) -> Result<PatternMemory<&[u64]>, Error> {
        PatternMemory::new(self.patterns(), self.rule, self.diagonal)
    }

    fn recall(
        &mut self,
        network: Network,
        sweeps: u32,
        state: &mut [u64],
    ) -> Result<Outcome, Error> {
        let units = self.patterns().units();
        let mut bits = Bits::new(units, state)?;
        let mut scratch = [0; 2 * WORDS];
        let scratch = scratch.get_mut(..2 * words(units)).unwrap_or_default();
        let mut cache = core::mem::take(&mut self.cache);
        let settled = match network {
            Network::Pairs => self.pairs().and_then(|memory| {
                let cache = cache.get_mut(..memory.synchronous_len());
                settle_synchronous(
                    &memory,
                    &mut bits,
                    cache.unwrap_or_default(),
                    scratch,
                    sweeps,
                )
            }),
            Network::Exponential => ExponentialMemory::new(self.patterns(), self.exponentials)
                .and_then(|memory| {
                    let cache = cache.get_mut(..memory.synchronous_len());
                    settle_synchronous(
                        &memory,
                        &mut bits,
                        cache.unwrap_or_default(),
                        scratch,
                        sweeps,
                    )
                }),
        };
        core::mem::swap(&mut self.cache, &mut cache);
        settled.map(|recall| Outcome {
            stop: match recall.stop {
                bitspin_core::hopfield::Stop::FixedPoint => Stop::FixedPoint,
                bitspin_core::hopfield::Stop::TwoCycle => Stop::TwoCycle,
                _ => Stop::SweepLimit,
            },
            sweeps: recall.sweeps,
            flips: recall.flips as u32,
        })
    }

    fn info(&self) -> MemoryInfo {
        MemoryInfo {
            units: self.patterns().units() as u32,
            patterns: self.patterns().count() as u32,
            fixed: self.fixed as u32,
            room: self.store.room() as u32,
            crc: self
                .pairs()
                .map_or(0, |memory| checksum(&Blob::Patterns(memory))),
        }
    }
}

/// An RBM to serve, and its chain.
#[derive(Debug)]
pub struct Machine<'a> {
    rbm: CompactRbm<&'a [u8], &'a [i16]>,
    threshold: i64,
    fields: &'a mut [i16],
    chain: ChainRng,
    steps: u64,
    visible: [u64; WORDS],
    hidden: [u64; WORDS],
}

impl<'a> Machine<'a> {
    /// An RBM with a threshold for its free energy in 2^-16 nat; `fields` has
    /// [`fields_len`](CompactRbm::fields_len) numbers.
    ///
    /// # Errors
    /// [`Error`] if there are not as many fields, or the two layers' states are longer than a message.
    pub fn new(
        rbm: CompactRbm<&'a [u8], &'a [i16]>,
        threshold: i64,
        fields: &'a mut [i16],
    ) -> Result<Self, Error> {
        let shape = rbm.shape();
        if fields.len() != rbm.fields_len() {
            return Err(Error::Length {
                what: "fields",
                expected: rbm.fields_len(),
                found: fields.len(),
            });
        }
        if state_len(shape.visible()) + state_len(shape.hidden()) > MAX_STATE {
            return Err(Error::OutOfRange {
                what: "units",
                expected: "as many as a message holds",
            });
        }
        Ok(Self {
            rbm,
            threshold,
            fields,
            chain: Streams::new(0, Purpose::Chains).next_chain(),
            steps: 0,
            visible: [0; WORDS],
            hidden: [0; WORDS],
        })
    }

    fn begin(&mut self, start: Start<'_>) -> Result<(), Refusal> {
        to_words(self.rbm.shape().visible(), start.visible, &mut self.visible)?;
        self.chain = Streams::new(start.seed, Purpose::Chains).next_chain();
        self.steps = 0;
        self.hidden = [0; WORDS];
        Ok(())
    }

    fn walk(&mut self, steps: u32) {
        let (visible, hidden) = (
            self.rbm.shape().visible_words(),
            self.rbm.shape().hidden_words(),
        );
        let visible = self.visible.get_mut(..visible).unwrap_or_default();
        let hidden = self.hidden.get_mut(..hidden).unwrap_or_default();
        for _ in 0..steps {
            self.rbm
                .gibbs_step(visible, self.fields, &mut self.chain, hidden);
        }
        self.steps += u64::from(steps);
    }

    fn info(&self) -> RbmInfo {
        let shape = self.rbm.shape();
        RbmInfo {
            visible: shape.visible() as u32,
            hidden: shape.hidden() as u32,
            weights: match self.rbm.format().weights {
                WeightFormat::I16 => Weights::I16,
                WeightFormat::I8 => Weights::I8,
                WeightFormat::I4 => Weights::I4,
                WeightFormat::Ternary => Weights::Ternary,
                WeightFormat::Sign => Weights::Sign,
            },
            threshold: self.threshold,
            crc: checksum(&Blob::Rbm(self.rbm)),
        }
    }
}

/// Answers requests. Allocates nothing; what it needs in RAM is in it, in [`Memory`] and in [`Machine`].
#[derive(Debug)]
pub struct Server<'a, P> {
    receiver: Receiver,
    desk: Desk<'a, P>,
}

/// What answers, apart from what receives: a request stays in the receiver while it is answered.
#[derive(Debug)]
struct Desk<'a, P> {
    platform: P,
    memory: Option<Memory<'a>>,
    machine: Option<Machine<'a>>,
    counters: Counters,
}

impl<'a, P: Platform> Server<'a, P> {
    /// A server of whichever models there are.
    pub fn new(platform: P, memory: Option<Memory<'a>>, machine: Option<Machine<'a>>) -> Self {
        Self {
            receiver: Receiver::default(),
            desk: Desk {
                platform,
                memory,
                machine,
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
                let memory = self.memory.as_mut().ok_or(Refusal::NoModel)?;
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
        }
    }

    fn info(&self) -> Info<'_> {
        Info {
            version: VERSION,
            board: self.platform.name(),
            unit: self.platform.unit(),
            memory: self.memory.as_ref().map(Memory::info),
            rbm: self.machine.as_ref().map(Machine::info),
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
        let memory = self.memory.as_ref().and_then(|memory| memory.pairs().ok());
        let blob = match model {
            Model::Memory => memory.map(Blob::Patterns),
            Model::Rbm => self.machine.as_ref().map(|machine| Blob::Rbm(machine.rbm)),
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
        let memory = self.memory.as_mut().ok_or(Refusal::NoModel)?;
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
        let memory = self.memory.as_mut().ok_or(Refusal::NoModel)?;
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
        let machine = self.machine.as_mut().ok_or(Refusal::NoModel)?;
        at_most(steps, MAX_STEPS)?;
        if let Some(start) = start {
            machine.begin(start)?;
        }
        let before = self.platform.ticks();
        machine.walk(steps);
        let ticks = self.platform.ticks().wrapping_sub(before);
        let shape = machine.rbm.shape();
        // Both fit, as was checked when the machine was made.
        let (visible, hidden) = bytes.split_at_mut(state_len(shape.visible()));
        Ok(Answer::Sampled {
            steps: machine.steps,
            ticks,
            visible: to_bytes(shape.visible(), &machine.visible, visible),
            hidden: to_bytes(shape.hidden(), &machine.hidden, hidden),
        })
    }

    fn score(&mut self, visible: &[u8]) -> Result<Answer<'static>, Refusal> {
        let machine = self.machine.as_mut().ok_or(Refusal::NoModel)?;
        let shape = machine.rbm.shape();
        let mut units = [0; WORDS];
        to_words(shape.visible(), visible, &mut units)?;
        let units = units.get(..shape.visible_words()).unwrap_or_default();
        let before = self.platform.ticks();
        machine.rbm.hidden_fields(units, machine.fields);
        let free_energy = machine.rbm.free_energy_fixed(units, machine.fields);
        let ticks = self.platform.ticks().wrapping_sub(before);
        Ok(Answer::Scored {
            free_energy,
            anomaly: free_energy > machine.threshold,
            ticks,
        })
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
