//! A board on a socket, made of the core alone, that can be told to misbehave.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use bitspin::firmware::BlobFile;
use bitspin_core::bits::{Bits, words};
use bitspin_core::blob::{Blob, Ising};
use bitspin_core::hopfield::{
    self, Network, PatternMemory, Patterns, exponential_table, exponential_table_len,
    settle_synchronous,
};
use bitspin_core::ising::{self, Chain, Model as _, Temperature};
use bitspin_core::rng::{ChainRng, Purpose, Streams};
use bitspin_protocol::{
    Answer, BETA, Counters, Info, IsingInfo, MAX_FRAME, MemoryInfo, Model, Network as Asked,
    Outcome, RbmInfo, Receiver, Refusal, Request, Rule, Sizes, Stop, VERSION, Weights, encode,
    to_bytes, to_words,
};

/// What a board does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// It never answers.
    Silent,
    /// It answers everything with bytes that are no frames.
    Garbage,
    /// Every so many-th answer is lost, after the work was done.
    LoseEvery(u32),
    /// Half a frame and noise come before every answer.
    HalfFrames,
    /// It answers every request a second time, under an older number.
    Stale,
    /// One spin of recalled states is turned over.
    WrongSpin,
    /// One hidden unit of sampled states is turned over.
    WrongHidden,
    /// It counts one flip too many.
    WrongFlips,
    /// It takes one Gibbs step too many.
    ExtraStep,
    /// One spin of the Ising model is turned over where its chain is told.
    WrongSite,
    /// Energies are one unit of the last binary place too large.
    WrongEnergy,
    /// Free energies are one unit of 2^-16 nat too large.
    WrongFreeEnergy,
    /// It speaks a later version of the protocol.
    Version,
    /// It refuses whatever is not [`Request::Info`].
    Refuses,
    /// It hangs up at the second request.
    HangsUp,
    /// The blob that it sends has a bit turned over.
    DamagedBlob,
    /// The checksum that it states is not that of its blob.
    WrongChecksum,
    /// It has no models.
    NoModels,
}

/// A board that listens on a port of this machine until the process ends.
#[derive(Debug)]
pub struct Board {
    address: String,
}

impl Board {
    /// Starts a board with a memory (a blob of patterns, room for two more), an RBM and an Ising model.
    ///
    /// # Panics
    /// If no port is to be had.
    #[must_use]
    pub fn start([memory, rbm, ising]: [&BlobFile; 3], threshold: i64, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (memory, rbm, ising) = (memory.clone(), rbm.clone(), ising.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up ends the conversation, and the board is as new.
                let mut state = State::new(&memory, &rbm, &ising, threshold, fault);
                let _ = state.converse(stream);
            }
        });
        Self { address }
    }

    /// The port as `bitspin device` takes it.
    #[must_use]
    pub fn port(&self) -> String {
        format!("tcp:{}", self.address)
    }
}

struct State {
    memory: PatternMemory<Vec<u64>>,
    fixed: usize,
    rbm: BlobFile,
    ising: BlobFile,
    spins: Vec<u64>,
    spin_rng: ChainRng,
    sweeps: u64,
    threshold: i64,
    fault: Fault,
    visible: Vec<u64>,
    hidden: Vec<u64>,
    rng: ChainRng,
    steps: u64,
    requests: u32,
}

const CHECKED: &str = "a valid model";

impl State {
    fn new(
        memory: &BlobFile,
        rbm: &BlobFile,
        ising: &BlobFile,
        threshold: i64,
        fault: Fault,
    ) -> Self {
        let (Blob::Patterns(patterns), Blob::Rbm(model)) = (memory.blob(), rbm.blob()) else {
            panic!("patterns and an RBM");
        };
        let Blob::Ising(spins) = ising.blob() else {
            panic!("an Ising model");
        };
        let words_of = patterns.patterns().as_words().to_vec();
        let owned = Patterns::new(patterns.patterns().units(), words_of).expect(CHECKED);
        let memory = PatternMemory::new(owned, patterns.rule(), patterns.diagonal());
        Self {
            fixed: patterns.patterns().count(),
            memory: memory.expect(CHECKED),
            rbm: rbm.clone(),
            spins: vec![0; words(spins.units())],
            ising: ising.clone(),
            spin_rng: Streams::new(0, Purpose::Chains).next_chain(),
            sweeps: 0,
            threshold,
            fault,
            visible: vec![0; words(model.shape().visible())],
            hidden: vec![0; words(model.shape().hidden())],
            rng: Streams::new(0, Purpose::Chains).next_chain(),
            steps: 0,
            requests: 0,
        }
    }

    fn converse(&mut self, mut stream: TcpStream) -> std::io::Result<()> {
        let (mut receiver, mut bytes) = (Receiver::default(), [0; 64]);
        loop {
            let count = stream.read(&mut bytes)?;
            if count == 0 {
                return Ok(());
            }
            for &byte in &bytes[..count] {
                let Some(Ok(frame)) = receiver.push(byte) else {
                    continue;
                };
                let (number, request) = (frame.number(), frame.message::<Request<'_>>());
                self.requests += 1;
                if self.fault == Fault::HangsUp && self.requests > 1 {
                    return Ok(());
                }
                let mut frame = [0; MAX_FRAME];
                let frame = self.answer(number, request, &mut frame).to_vec();
                self.send(&mut stream, number, &frame)?;
            }
        }
    }

    fn send(&self, stream: &mut TcpStream, number: u16, frame: &[u8]) -> std::io::Result<()> {
        match self.fault {
            Fault::Silent => Ok(()),
            Fault::Garbage => stream.write_all(&[7, 0, 1, 1, 0, 200, 3, 0]),
            Fault::LoseEvery(n) if self.requests.is_multiple_of(n) => Ok(()),
            Fault::HalfFrames => {
                stream.write_all(&frame[..frame.len() / 2])?;
                stream.write_all(&[0, 9, 9, 9])?;
                stream.write_all(frame)
            }
            Fault::Stale => {
                let refusal = Answer::Refused(Refusal::NoModel);
                let mut buffer = [0; MAX_FRAME];
                let old = encode(number.wrapping_sub(1), &refusal, &mut buffer);
                stream.write_all(old.expect("short"))?;
                stream.write_all(frame)
            }
            _ => stream.write_all(frame),
        }
    }

    fn blob(&self) -> BlobFile {
        let words = self.memory.patterns().as_words();
        let patterns = Patterns::new(self.memory.units(), words).expect(CHECKED);
        let memory = PatternMemory::new(patterns, self.memory.rule(), self.memory.diagonal());
        BlobFile::new(&Blob::Patterns(memory.expect(CHECKED))).expect("short enough")
    }

    fn answer<'f>(
        &mut self,
        number: u16,
        request: Option<Request<'_>>,
        frame: &'f mut [u8; MAX_FRAME],
    ) -> &'f [u8] {
        let mut storage = ([0; 256], [0; 256], [0_u8; 200]);
        let answer = match request {
            None => Answer::Refused(Refusal::Unknown),
            Some(Request::Info) => self.info(),
            _ if self.fault == Fault::Refuses => Answer::Refused(Refusal::Unsupported),
            Some(Request::Read { model, offset }) => self.piece(model, offset, &mut storage.2),
            Some(Request::Store { state }) => self.store(state),
            Some(Request::Recall {
                network,
                sweeps,
                state,
            }) => self.recall(network, sweeps, state, &mut storage.0),
            Some(Request::Sample { start, steps }) => {
                if let Some(start) = start {
                    to_words(self.units().0, start.visible, &mut self.visible).expect("a start");
                    self.rng = Streams::new(start.seed, Purpose::Chains).next_chain();
                    self.steps = 0;
                    self.hidden.fill(0);
                }
                self.sample(steps, (&mut storage.0, &mut storage.1))
            }
            Some(Request::Score { visible }) => self.score(visible),
            Some(Request::Sweep {
                start,
                rule,
                beta,
                sweeps,
            }) => {
                if let Some(start) = start {
                    let units = self.ising_model().units();
                    to_words(units, start.visible, &mut self.spins).expect("a start");
                    self.spin_rng = Streams::new(start.seed, Purpose::Chains).next_chain();
                    self.sweeps = 0;
                }
                self.sweep((rule, beta), sweeps, &mut storage.0)
            }
            Some(_) => Answer::Refused(Refusal::Unsupported),
        };
        encode(number, &answer, frame).expect("an answer fits")
    }

    fn units(&self) -> (usize, usize) {
        match self.rbm.blob() {
            Blob::Rbm(model) => (model.shape().visible(), model.shape().hidden()),
            _ => unreachable!("checked at the start"),
        }
    }

    fn ising_model(&self) -> Ising<'_> {
        match self.ising.blob() {
            Blob::Ising(model) => model,
            _ => unreachable!("checked at the start"),
        }
    }

    fn info(&self) -> Answer<'static> {
        let there = self.fault != Fault::NoModels;
        let wrong = u32::from(self.fault == Fault::WrongChecksum);
        let (visible, hidden) = self.units();
        Answer::Info(Info {
            version: VERSION + u16::from(self.fault == Fault::Version),
            board: "test board",
            unit: "ticks",
            memory: there.then(|| MemoryInfo {
                units: self.memory.units() as u32,
                patterns: self.memory.patterns().count() as u32,
                fixed: self.fixed as u32,
                room: self.fixed as u32 + 2,
                crc: self.blob().crc() ^ wrong,
            }),
            rbm: there.then(|| RbmInfo {
                visible: visible as u32,
                hidden: hidden as u32,
                weights: Weights::I8,
                threshold: self.threshold,
                crc: self.rbm.crc() ^ wrong,
            }),
            ising: there.then(|| IsingInfo {
                units: self.ising_model().units() as u32,
                weights: Weights::I8,
                fraction_bits: self.ising_model().fraction_bits(),
                crc: self.ising.crc() ^ wrong,
            }),
            sizes: Sizes::default(),
            counters: Counters {
                requests: self.requests,
                ..Counters::default()
            },
        })
    }

    fn piece<'a>(&self, model: Model, offset: u32, storage: &'a mut [u8]) -> Answer<'a> {
        let blob = match model {
            Model::Memory => self.blob(),
            Model::Rbm => self.rbm.clone(),
            Model::Ising => self.ising.clone(),
        };
        let mut bytes = blob.bytes().to_vec();
        if self.fault == Fault::DamagedBlob {
            bytes[50] ^= 4;
        }
        let rest = bytes.get(offset as usize..).unwrap_or_default();
        let piece = &rest[..rest.len().min(storage.len())];
        let place = &mut storage[..piece.len()];
        place.copy_from_slice(piece);
        Answer::Piece {
            blob_len: bytes.len() as u32,
            bytes: place,
        }
    }

    fn store(&mut self, state: &[u8]) -> Answer<'static> {
        let (units, count) = (self.memory.units(), self.memory.patterns().count());
        let mut pattern = vec![0; words(units)];
        if let Err(refusal) = to_words(units, state, &mut pattern) {
            return Answer::Refused(refusal);
        }
        let mut all = self.memory.patterns().as_words().to_vec();
        if !all.chunks_exact(words(units)).any(|known| known == pattern) {
            if count >= self.fixed + 2 {
                let room = self.fixed as u32 + 2;
                return Answer::Refused(Refusal::Full { room });
            }
            all.extend(pattern);
        }
        let patterns = Patterns::new(units, all).expect(CHECKED);
        let memory = PatternMemory::new(patterns, self.memory.rule(), self.memory.diagonal());
        self.memory = memory.expect(CHECKED);
        Answer::Stored {
            patterns: self.memory.patterns().count() as u32,
        }
    }

    fn recall<'a>(
        &self,
        asked: Asked,
        sweeps: u32,
        state: &[u8],
        storage: &'a mut [u8],
    ) -> Answer<'a> {
        let units = self.memory.units();
        let mut start = vec![0; words(units)];
        if let Err(refusal) = to_words(units, state, &mut start) {
            return Answer::Refused(refusal);
        }
        let mut table = vec![0; exponential_table_len(BETA)];
        exponential_table(BETA, &mut table).expect("a steepness");
        let patterns = Patterns::new(units, self.memory.patterns().as_words()).expect(CHECKED);
        let dense = hopfield::ExponentialMemory::new(patterns, table).expect(CHECKED);
        let network: &dyn Network = match asked {
            Asked::Exponential => &dense,
            Asked::Pairs => &self.memory,
        };
        let mut state = Bits::new(units, start).expect(CHECKED);
        let mut cache = vec![0; network.synchronous_len()];
        let mut scratch = vec![0; 2 * words(units)];
        let recall = settle_synchronous(network, &mut state, &mut cache, &mut scratch, sweeps);
        let recall = recall.expect(CHECKED);
        if self.fault == Fault::WrongSpin {
            state.flip(units - 1);
        }
        Answer::Recalled {
            outcome: Outcome {
                stop: match recall.stop {
                    hopfield::Stop::FixedPoint => Stop::FixedPoint,
                    hopfield::Stop::TwoCycle => Stop::TwoCycle,
                    hopfield::Stop::SweepLimit => Stop::SweepLimit,
                },
                sweeps: recall.sweeps,
                flips: recall.flips as u32 + u32::from(self.fault == Fault::WrongFlips),
            },
            ticks: 100 * recall.sweeps,
            state: to_bytes(units, state.as_words(), storage),
        }
    }

    fn sample<'a>(
        &mut self,
        steps: u32,
        (for_visible, for_hidden): (&'a mut [u8], &'a mut [u8]),
    ) -> Answer<'a> {
        let (visible, hidden) = self.units();
        let Blob::Rbm(model) = self.rbm.blob() else {
            unreachable!("checked at the start");
        };
        let mut fields = vec![0; model.fields_len()];
        for _ in 0..steps + u32::from(self.fault == Fault::ExtraStep) {
            model.gibbs_step(
                &mut self.visible,
                &mut fields,
                &mut self.rng,
                &mut self.hidden,
            );
        }
        self.steps += u64::from(steps);
        let mut shown = self.hidden.clone();
        shown[0] ^= u64::from(self.fault == Fault::WrongHidden);
        Answer::Sampled {
            steps: self.steps,
            ticks: 10 * steps,
            visible: to_bytes(visible, &self.visible, for_visible),
            hidden: to_bytes(hidden, &shown, for_hidden),
        }
    }

    fn sweep<'a>(
        &mut self,
        (rule, beta): (Rule, f64),
        sweeps: u32,
        storage: &'a mut [u8],
    ) -> Answer<'a> {
        let file = self.ising.clone();
        let Blob::Ising(model) = file.blob() else {
            unreachable!("checked at the start");
        };
        let units = model.units();
        let Ok(temperature) = Temperature::new(beta, model.fraction_bits()) else {
            return Answer::Refused(Refusal::Beta);
        };
        let rule = match rule {
            Rule::Glauber => ising::Rule::Glauber,
            Rule::Metropolis => ising::Rule::Metropolis,
        };
        let mut fields = vec![0; units];
        let state = Bits::new(units, &mut self.spins[..]).expect(CHECKED);
        let rng = self.spin_rng.clone();
        let mut chain = Chain::new(&model, state, &mut fields, rng).expect(CHECKED);
        for _ in 0..sweeps {
            chain.sweep(rule, temperature);
        }
        self.spin_rng = chain.rng().clone();
        let energy = chain.energy() + i64::from(self.fault == Fault::WrongEnergy);
        self.sweeps += u64::from(sweeps);
        let mut shown = self.spins.clone();
        shown[0] ^= u64::from(self.fault == Fault::WrongSite) << 5;
        Answer::Swept {
            sweeps: self.sweeps,
            ticks: 20 * sweeps,
            energy,
            state: to_bytes(units, &shown, storage),
        }
    }

    fn score(&self, bytes: &[u8]) -> Answer<'static> {
        let Blob::Rbm(model) = self.rbm.blob() else {
            unreachable!("checked at the start");
        };
        let mut visible = vec![0; words(model.shape().visible())];
        if let Err(refusal) = to_words(model.shape().visible(), bytes, &mut visible) {
            return Answer::Refused(refusal);
        }
        let mut fields = vec![0; model.fields_len()];
        model.hidden_fields(&visible, &mut fields);
        let wrong = i64::from(self.fault == Fault::WrongFreeEnergy);
        let free_energy = model.free_energy_fixed(&visible, &fields) + wrong;
        Answer::Scored {
            free_energy,
            anomaly: free_energy > self.threshold,
            ticks: 30,
        }
    }
}
