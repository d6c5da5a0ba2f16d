//! Both ends of the serial protocol: what a board does with any bytes, and what the computer does with any answers.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::{self, Read, Write};
use std::sync::LazyLock;
use std::time::Duration;

use bitspin::device::{Device, Port};
use bitspin_core::blob::Blob;
use bitspin_core::network::Network as _;
use bitspin_protocol::server::{Classifier, Memory, Models, Platform, Rbm, Server, Spins};
use bitspin_protocol::{Answer, MAX_FRAME, Model, Network, Receiver, Request, Rule, Sizes, encode};
use serde::ser::{Serialize, SerializeTuple, Serializer};

/// Most messages of one input.
const MESSAGES: usize = 8;

/// How long the computer waits for answers that do not come.
const PATIENCE: Duration = Duration::from_micros(20);

/// Patterns that the board's memory has room for.
const ROOM: usize = 5;

/// Bytes that are sent as they are, as a message of a frame whose checksum is right.
struct Raw<'a>(&'a [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_tuple(self.0.len())?;
        for byte in self.0 {
            all.serialize_element(byte)?;
        }
        all.end()
    }
}

fn frame(number: u16, message: &impl Serialize) -> Vec<u8> {
    let mut buffer = [0; MAX_FRAME];
    encode(number, message, &mut buffer).map_or(Vec::new(), <[u8]>::to_vec)
}

/// The messages of an input: pieces of it, the length of each in the byte before.
fn messages(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut found) = (bytes, Vec::new());
    while let (Some((&length, behind)), true) = (rest.split_first(), found.len() < MESSAGES) {
        let (message, behind) = behind.split_at(behind.len().min(usize::from(length)));
        found.push(message);
        rest = behind;
    }
    found
}

/// An input of these messages.
fn input(messages: &[Vec<u8>]) -> Vec<u8> {
    let pieces = messages
        .iter()
        .map(|message| [&[message.len() as u8], &message[..]].concat());
    pieces.collect::<Vec<_>>().concat()
}

/// The models of the board, which must begin at a multiple of 8.
static BLOBS: LazyLock<Vec<(Vec<u64>, usize)>> = LazyLock::new(|| {
    let seeds = crate::blob::seeds().into_iter();
    let aligned = seeds.map(|bytes| {
        let mut words = vec![0_u64; bytes.len().div_ceil(8)];
        bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(&bytes);
        (words, bytes.len())
    });
    aligned.collect()
});

/// The first model that is of the kind `wanted`.
fn model<T>(wanted: impl Fn(Blob<'static>) -> Option<T>) -> T {
    let mut blobs = BLOBS.iter().filter_map(|(words, length)| {
        Blob::parse(&bytemuck::cast_slice(words)[..*length])
            .ok()
            .and_then(&wanted)
    });
    blobs.next().expect("a seed of every kind")
}

struct Board;

impl Platform for Board {
    fn name(&self) -> &str {
        "fuzz"
    }
    fn unit(&self) -> &str {
        "calls"
    }
    fn ticks(&mut self) -> u32 {
        0
    }
    fn sizes(&self) -> Sizes {
        Sizes::default()
    }
}

/// A port that keeps what a board writes.
#[derive(Default)]
struct Output(Vec<u8>);

impl embedded_io::ErrorType for Output {
    type Error = Infallible;
}

impl embedded_io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.0.extend(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// What a board with small models of all kinds answers to bytes.
fn answers<'b>(pieces: impl IntoIterator<Item = &'b [u8]>) -> Vec<u8> {
    let patterns = model(|blob| match blob {
        Blob::Patterns(memory) => Some(memory),
        _ => None,
    });
    let rbm = model(|blob| match blob {
        Blob::Rbm(rbm) => Some(rbm),
        _ => None,
    });
    let ising = model(|blob| match blob {
        Blob::Ising(ising) => Some(ising),
        _ => None,
    });
    let labelled = model(|blob| match blob {
        Blob::Labelled(labelled) => Some(labelled),
        _ => None,
    });
    let units = patterns.patterns().units();
    let mut storage = vec![0; ROOM * units.div_ceil(64)];
    let (mut cache, mut fields) = (vec![0; ROOM + 1], vec![0; rbm.fields_len()]);
    let mut sites = vec![0; ising.units()];
    let mut hidden = vec![0; labelled.rbm().shape().hidden()];
    let table = [1 << 31, 1 << 20, 7, 0];
    let models = Models {
        memory: Memory::new(&patterns, &mut storage, &table, &mut cache).ok(),
        rbm: Rbm::new(rbm, 0, &mut fields).ok(),
        spins: Spins::new(ising, &mut sites).ok(),
        classifier: Classifier::new(labelled, 0, &mut hidden).ok(),
    };
    let mut server = Server::new(Board, models);
    let mut output = Output::default();
    for piece in pieces {
        for &byte in piece {
            let Ok(()) = server.take(byte, &mut output);
        }
    }
    output.0
}

/// A board receives the bytes as they are, and then the input's messages in whole frames.
///
/// # Panics
/// If the board does.
pub fn board(bytes: &[u8]) {
    answers([bytes]);
    let frames: Vec<_> = messages(bytes)
        .iter()
        .map(|message| frame(1, &Raw(message)))
        .collect();
    answers(frames.iter().map(Vec::as_slice));
}

/// Requests of every kind.
fn requests() -> Vec<Request<'static>> {
    let state = &[7, 0, 0, 0, 0, 0, 0, 0, 1][..];
    vec![
        Request::Info,
        Request::Read {
            model: Model::Memory,
            offset: 0,
        },
        Request::Store { state },
        Request::Forget,
        Request::Recall {
            network: Network::Exponential,
            sweeps: 3,
            state,
        },
        Request::Score { visible: &[9] },
        Request::Classify { visible: &[3] },
        Request::Sample {
            start: None,
            steps: 2,
        },
        Request::Sweep {
            start: None,
            rule: Rule::Glauber,
            beta: 0.5,
            sweeps: 2,
        },
    ]
}

/// Requests for a board, each alone and some together.
///
/// # Panics
/// If a request cannot be written.
#[must_use]
pub fn board_seeds() -> Vec<Vec<u8>> {
    let all: Vec<_> = requests()
        .iter()
        .map(|request| postcard::to_allocvec(request).expect("memory can be written"))
        .collect();
    let mut seeds: Vec<_> = all
        .iter()
        .map(|one| input(std::slice::from_ref(one)))
        .collect();
    seeds.push(input(&all[1..]));
    seeds.push(
        requests()
            .iter()
            .flat_map(|request| frame(3, request))
            .collect(),
    );
    seeds
}

/// A board that answers every request with the next message of an input.
struct Answers {
    messages: VecDeque<Vec<u8>>,
    receiver: Receiver,
    ready: VecDeque<u8>,
}

impl Write for Answers {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for &byte in bytes {
            let Some(Ok(request)) = self.receiver.push(byte) else {
                continue;
            };
            if let Some(message) = self.messages.pop_front() {
                self.ready.extend(frame(request.number(), &Raw(&message)));
            }
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Answers {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.ready.read(buffer) {
            Ok(0) => Err(io::ErrorKind::TimedOut.into()),
            read => read,
        }
    }
}

/// The computer asks a board that answers with the input's messages.
///
/// # Panics
/// If the computer's side does.
pub fn computer(bytes: &[u8]) {
    let link = Answers {
        messages: messages(bytes).into_iter().map(<[u8]>::to_vec).collect(),
        receiver: Receiver::default(),
        ready: VecDeque::new(),
    };
    let port = Port::Serial("fuzz".into());
    let Ok(mut device) = Device::over(port, Box::new(link), PATIENCE) else {
        return;
    };
    let board = device.info().clone();
    let _ = device.read(Model::Memory, |_, _| ());
    if let Some(memory) = board
        .memory
        .as_ref()
        .filter(|memory| memory.units <= 1 << 16)
    {
        let units = memory.units as usize;
        let state = vec![0; units.div_ceil(64)];
        let _ = device.store(units, &state);
        let _ = device.forget();
        let _ = device.recall(Network::Exponential, units, &state, 3);
    }
    let _ = device.score(5, &[9]);
    let _ = device.classify(2, &[3]);
    let _ = device.refresh();
}

/// Answers of a board to all requests, and single ones after that of what it is.
///
/// # Panics
/// If an answer cannot be read or written.
#[must_use]
pub fn computer_seeds() -> Vec<Vec<u8>> {
    let frames: Vec<_> = requests().iter().map(|request| frame(1, request)).collect();
    let (mut receiver, mut all) = (Receiver::default(), Vec::new());
    for byte in answers(frames.iter().map(Vec::as_slice)) {
        if let Some(Ok(frame)) = receiver.push(byte) {
            let answer: Answer<'_> = frame.message().expect("an answer");
            all.push(postcard::to_allocvec(&answer).expect("memory can be written"));
        }
    }
    let info = all[0].clone();
    let mut seeds = vec![input(&all)];
    seeds.extend(
        all[1..]
            .iter()
            .map(|answer| input(&[info.clone(), answer.clone()])),
    );
    seeds
}
