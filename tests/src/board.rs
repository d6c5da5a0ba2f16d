//! A board on a socket, made of the core alone, that can be told to misbehave.

mod work;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use bitspin::firmware::BlobFile;
use bitspin_core::bits::words;
use bitspin_core::blob::{Blob, Ising};
use bitspin_core::hopfield::{PatternMemory, Patterns};
use bitspin_core::ising::Model as _;
use bitspin_core::network::Network;
use bitspin_core::rbm::compact::CompactLabelled;
use bitspin_core::rng::{ChainRng, Purpose, Streams};
use bitspin_protocol::{
    Answer, ClassifierInfo, Counters, Info, IsingInfo, MAX_FRAME, MemoryInfo, Model, RbmInfo,
    Receiver, Refusal, Request, Sizes, VERSION, Weights, encode, to_words,
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
    /// The last logit is one unit of 2^-16 nat too large.
    WrongLogit,
    /// The class is the one behind the right one.
    WrongClass,
    /// Energies E(x) are one unit too large.
    WrongLabelEnergy,
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
    /// Starts a board with a memory (a blob of patterns, room for two more), an RBM, an Ising model and a
    /// classifier.
    ///
    /// # Panics
    /// If no port is to be had.
    #[must_use]
    pub fn start(
        [memory, rbm, ising, labelled]: [&BlobFile; 4],
        threshold: i64,
        fault: Fault,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (memory, rbm) = (memory.clone(), rbm.clone());
        let (ising, labelled) = (ising.clone(), labelled.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up ends the conversation, and the board is as new.
                let mut state = State::new([&memory, &rbm, &ising, &labelled], threshold, fault);
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
    labelled: BlobFile,
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
    fn new([memory, rbm, ising, labelled]: [&BlobFile; 4], threshold: i64, fault: Fault) -> Self {
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
            labelled: labelled.clone(),
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
            Some(Request::Classify { visible }) => self.classify(visible, &mut storage.0),
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

    fn classifier(&self) -> CompactLabelled<&[u8], &[i16]> {
        match self.labelled.blob() {
            Blob::Labelled(model) => model,
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
            classifier: there.then(|| ClassifierInfo {
                pixels: self.classifier().pixels() as u32,
                classes: self.classifier().classes() as u32,
                hidden: self.classifier().rbm().shape().hidden() as u32,
                weights: Weights::I4,
                threshold: self.threshold,
                crc: self.labelled.crc() ^ wrong,
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
            Model::Classifier => self.labelled.clone(),
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
}
