//! The client: requests and answers.

mod chains;

pub use chains::{Sampled, Swept};

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use bitspin_protocol::{
    Answer, ClassifierInfo, Counters, IsingInfo, MAX_FRAME, MAX_STATE, MemoryInfo, Model, Network,
    Outcome, RbmInfo, Receiver, Request, Sizes, VERSION, encode, to_bytes, to_words,
};

use super::{DeviceError, DeviceProblem, Link, Port};
use crate::firmware::BlobFile;

/// Times that a request is sent before the board counts as silent.
const ATTEMPTS: u32 = 3;
/// Times for the first request: a program that is only starting loses some.
const FIRST_ATTEMPTS: u32 = 8;
/// The largest model that is read from a board, in bytes.
const MOST_MODEL_BYTES: u32 = 1 << 26;

/// What a board says of itself: [`Info`](bitspin_protocol::Info), owned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the protocol")]
pub struct Board {
    pub version: u16,
    pub board: String,
    pub unit: String,
    pub memory: Option<MemoryInfo>,
    pub rbm: Option<RbmInfo>,
    pub ising: Option<IsingInfo>,
    pub classifier: Option<ClassifierInfo>,
    pub sizes: Sizes,
    pub counters: Counters,
}

/// A recalled state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// How the recall ended.
    pub outcome: Outcome,
    /// Its time in the board's unit.
    pub ticks: u32,
    /// The state, packed.
    pub state: Vec<u64>,
}

/// A visible vector's free energy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scored {
    /// F(v) in 2^-16 nat.
    pub free_energy: i64,
    /// Whether it is above the board's threshold.
    pub anomaly: bool,
    /// The time that it took.
    pub ticks: u32,
}

/// The classification of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classified {
    /// The class.
    pub class: usize,
    /// E(x) in 2^-16 nat.
    pub energy: i64,
    /// Whether it is above the board's threshold.
    pub anomaly: bool,
    /// The time that it took.
    pub ticks: u32,
    /// The logits in 2^-16 nat.
    pub logits: Vec<i64>,
}

/// A board at the other end of a port.
pub struct Device {
    port: Port,
    link: Box<dyn Link>,
    receiver: Receiver,
    number: u16,
    patience: Duration,
    info: Board,
}

impl Device {
    /// Opens a port and asks the board what it is. `patience` is how long an answer may take.
    ///
    /// # Errors
    /// [`DeviceProblem::Open`], or why there was no answer.
    pub fn open(port: &Port, baud: u32, patience: Duration) -> Result<Self, DeviceError> {
        let fail = |problem| DeviceError {
            port: port.clone(),
            problem,
        };
        Self::over(
            port.clone(),
            port.open(baud, patience).map_err(fail)?,
            patience,
        )
    }

    /// As [`open`](Self::open), over a link that is there already. `port` is its name.
    ///
    /// # Errors
    /// Why there was no answer.
    pub fn over(port: Port, link: Box<dyn Link>, patience: Duration) -> Result<Self, DeviceError> {
        // An answer to somebody who hung up may still come: a number of our own tells it apart.
        let number = std::process::id() as u16;
        let mut device = Self {
            port,
            link,
            receiver: Receiver::default(),
            number,
            patience: patience / FIRST_ATTEMPTS,
            info: Board {
                version: VERSION,
                board: String::new(),
                unit: String::new(),
                memory: None,
                rbm: None,
                ising: None,
                classifier: None,
                sizes: Sizes::default(),
                counters: Counters::default(),
            },
        };
        let asked = device.ask_info(FIRST_ATTEMPTS);
        device.info = asked.map_err(|problem| device.error(problem))?;
        device.patience = patience;
        Ok(device)
    }

    /// What the board said of itself last.
    #[must_use]
    pub fn info(&self) -> &Board {
        &self.info
    }

    /// Asks again what the board is and what it has counted.
    ///
    /// # Errors
    /// Why there was no answer.
    pub fn refresh(&mut self) -> Result<&Board, DeviceError> {
        let asked = self.ask_info(ATTEMPTS);
        self.info = asked.map_err(|problem| self.error(problem))?;
        Ok(&self.info)
    }

    /// Reads the blob of one of the board's models. O(its bytes) on the line: a second for each 11 KB at 115,200 baud.
    ///
    /// # Errors
    /// Why there was no answer, or [`DeviceProblem::Model`].
    pub fn read(
        &mut self,
        model: Model,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<BlobFile, DeviceError> {
        let what = "to read its model";
        let mut blob: Vec<u8> = Vec::new();
        loop {
            let offset = blob.len() as u32;
            let request = Request::Read { model, offset };
            let total = self.ask(what, &request, |answer| match answer {
                Answer::Piece { blob_len, bytes } if !bytes.is_empty() => {
                    blob.extend(bytes);
                    Some(blob_len)
                }
                _ => None,
            })?;
            if total > MOST_MODEL_BYTES || blob.len() as u32 > total {
                return Err(self.error(DeviceProblem::Unexpected(what)));
            }
            progress(blob.len() as u64, total.into());
            if blob.len() as u32 == total {
                break;
            }
        }
        BlobFile::from_bytes(&blob).map_err(|error| self.error(DeviceProblem::Model(error)))
    }

    /// Stores a pattern; returns how many the memory then holds.
    ///
    /// # Errors
    /// Why there was no answer, or the board's refusal.
    pub fn store(&mut self, units: usize, pattern: &[u64]) -> Result<u32, DeviceError> {
        let mut bytes = [0; MAX_STATE];
        let state = to_bytes(units, pattern, &mut bytes);
        self.ask(
            "to store a pattern",
            &Request::Store { state },
            |answer| match answer {
                Answer::Stored { patterns } => Some(patterns),
                _ => None,
            },
        )
    }

    /// Forgets all patterns that were stored since the board's start; returns how many are left.
    ///
    /// # Errors
    /// Why there was no answer, or the board's refusal.
    pub fn forget(&mut self) -> Result<u32, DeviceError> {
        self.ask(
            "to forget patterns",
            &Request::Forget,
            |answer| match answer {
                Answer::Stored { patterns } => Some(patterns),
                _ => None,
            },
        )
    }

    /// Recalls from a state.
    ///
    /// # Errors
    /// Why there was no answer, or the board's refusal.
    pub fn recall(
        &mut self,
        network: Network,
        units: usize,
        state: &[u64],
        sweeps: u32,
    ) -> Result<Recalled, DeviceError> {
        let mut bytes = [0; MAX_STATE];
        let request = Request::Recall {
            network,
            sweeps,
            state: to_bytes(units, state, &mut bytes),
        };
        self.ask("to recall", &request, |answer| match answer {
            Answer::Recalled {
                outcome,
                ticks,
                state,
            } => Some(Recalled {
                outcome,
                ticks,
                state: unpacked(units, state)?,
            }),
            _ => None,
        })
    }

    /// The free energy of a visible vector.
    ///
    /// # Errors
    /// Why there was no answer, or the board's refusal.
    pub fn score(&mut self, units: usize, visible: &[u64]) -> Result<Scored, DeviceError> {
        let mut bytes = [0; MAX_STATE];
        let visible = to_bytes(units, visible, &mut bytes);
        self.ask(
            "for a score",
            &Request::Score { visible },
            |answer| match answer {
                Answer::Scored {
                    free_energy,
                    anomaly,
                    ticks,
                } => Some(Scored {
                    free_energy,
                    anomaly,
                    ticks,
                }),
                _ => None,
            },
        )
    }

    /// The class of packed pixels, their energy and their logits.
    ///
    /// # Errors
    /// Why there was no answer, or the board's refusal.
    pub fn classify(&mut self, pixels: usize, visible: &[u64]) -> Result<Classified, DeviceError> {
        let mut bytes = [0; MAX_STATE];
        let visible = to_bytes(pixels, visible, &mut bytes);
        let request = Request::Classify { visible };
        self.ask("to classify", &request, |answer| match answer {
            Answer::Classified {
                class,
                energy,
                anomaly,
                ticks,
                logits,
            } => Some(Classified {
                class: class as usize,
                energy,
                anomaly,
                ticks,
                logits: match logits.as_chunks() {
                    (logits, []) => logits
                        .iter()
                        .map(|&bytes| i64::from_le_bytes(bytes))
                        .collect(),
                    _ => return None,
                },
            }),
            _ => None,
        })
    }

    fn ask_info(&mut self, attempts: u32) -> Result<Board, DeviceProblem> {
        let what = "what it is";
        let info = self.try_ask(what, &Request::Info, attempts, |answer| match answer {
            Answer::Info(info) => Some(Board {
                version: info.version,
                board: printable(info.board),
                unit: printable(info.unit),
                memory: info.memory,
                rbm: info.rbm,
                ising: info.ising,
                classifier: info.classifier,
                sizes: info.sizes,
                counters: info.counters,
            }),
            _ => None,
        })?;
        if info.version != VERSION {
            let found = info.version;
            return Err(DeviceProblem::Version { found });
        }
        Ok(info)
    }

    fn error(&self, problem: DeviceProblem) -> DeviceError {
        DeviceError {
            port: self.port.clone(),
            problem,
        }
    }

    fn ask<T>(
        &mut self,
        what: &'static str,
        request: &Request<'_>,
        take: impl FnMut(Answer<'_>) -> Option<T>,
    ) -> Result<T, DeviceError> {
        let asked = self.try_ask(what, request, ATTEMPTS, take);
        asked.map_err(|problem| self.error(problem))
    }

    /// Sends a request until it is answered, each time under a new number, and takes what the answer says.
    fn try_ask<T>(
        &mut self,
        what: &'static str,
        request: &Request<'_>,
        attempts: u32,
        mut take: impl FnMut(Answer<'_>) -> Option<T>,
    ) -> Result<T, DeviceProblem> {
        let mut buffer = [0; MAX_FRAME];
        let mut came = 0;
        for _ in 0..attempts {
            self.number = self.number.wrapping_add(1);
            // A state longer than a frame is longer than any that a board could take.
            let frame = encode(self.number, request, &mut buffer)
                .map_err(|_| DeviceProblem::Unexpected(what))?;
            self.link.write_all(frame).map_err(broken)?;
            self.link.flush().map_err(broken)?;
            if let Some(answer) = self.wait(what, &mut came, &mut take)? {
                return Ok(answer);
            }
        }
        let seconds = (self.patience * attempts).as_secs_f64();
        Err(match came {
            0 => DeviceProblem::Silent { seconds, attempts },
            bytes => DeviceProblem::Garbage { bytes, seconds },
        })
    }

    /// Waits for the answer of this number; `None` if it does not come in time.
    fn wait<T>(
        &mut self,
        what: &'static str,
        came: &mut u64,
        take: &mut impl FnMut(Answer<'_>) -> Option<T>,
    ) -> Result<Option<T>, DeviceProblem> {
        let deadline = Instant::now() + self.patience;
        let mut bytes = [0; 256];
        while Instant::now() < deadline {
            let count = match self.link.read(&mut bytes) {
                Ok(0) => return Err(DeviceProblem::Closed),
                Ok(count) => count,
                Err(error) => match error.kind() {
                    io::ErrorKind::TimedOut
                    | io::ErrorKind::WouldBlock
                    | io::ErrorKind::Interrupted => continue,
                    _ => return Err(broken(error)),
                },
            };
            *came += count as u64;
            for &byte in &bytes[..count] {
                // What is damaged was an answer once, perhaps this one: asking again will tell.
                let Some(Ok(frame)) = self.receiver.push(byte) else {
                    continue;
                };
                if frame.number() != self.number {
                    continue;
                }
                return match frame.message::<Answer<'_>>() {
                    Some(Answer::Refused(refusal)) => Err(DeviceProblem::Refused {
                        request: what,
                        refusal,
                    }),
                    Some(answer) => take(answer)
                        .map(Some)
                        .ok_or(DeviceProblem::Unexpected(what)),
                    None => Err(DeviceProblem::Unexpected(what)),
                };
            }
        }
        Ok(None)
    }
}

fn broken(error: io::Error) -> DeviceProblem {
    match error.kind() {
        io::ErrorKind::BrokenPipe
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::UnexpectedEof => DeviceProblem::Closed,
        _ => DeviceProblem::Io(error),
    }
}

/// A state's words, if the bytes are one of so many units.
fn unpacked(units: usize, bytes: &[u8]) -> Option<Vec<u64>> {
    let mut words = vec![0; units.div_ceil(64)];
    to_words(units, bytes, &mut words).ok()?;
    Some(words)
}

/// What a board calls itself, as one line of a terminal.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
