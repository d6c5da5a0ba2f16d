//! The board's server on this machine: what it answers is what the engine computes, whatever it has heard before.

mod classes;
mod spins;

use std::convert::Infallible;

use bitspin_core::bits::Bits;
use bitspin_core::hopfield::{ExponentialMemory, exponential_table, settle_synchronous};
use bitspin_core::rbm::compact::RbmChain;
use bitspin_core::rng::{Purpose, Streams};
use bitspin_protocol::server::{Classifier, Memory, Models, Platform, Rbm, Server, Spins};
use bitspin_protocol::{
    Answer, BETA, Info, MAX_FRAME, MAX_STEPS, MAX_SWEEPS, Model, Network, Outcome, Receiver,
    Refusal, Request, Sizes, Start, Stop, VERSION, encode, state_len, to_bytes, to_words,
};
use bitspin_trials::{HIDDEN, LATTICE, MODELS, PIXELS, expected, labelled, patterns, rbm};
use embedded_io::{ErrorType, Read, Write};

const UNITS: usize = 784;
const ROOM: usize = 33;
const SPINS: usize = LATTICE * LATTICE;

struct Desktop;

impl Platform for Desktop {
    fn name(&self) -> &str {
        "desktop"
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

/// A port that ends with its input.
#[derive(Default)]
struct Port<'a> {
    input: &'a [u8],
    output: Vec<u8>,
}

impl ErrorType for Port<'_> {
    type Error = Infallible;
}

impl Read for Port<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let count = self.input.len().min(bytes.len());
        let (now, later) = self.input.split_at(count);
        bytes[..count].copy_from_slice(now);
        self.input = later;
        Ok(count)
    }
}

impl Write for Port<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        // Less than was asked for, as a port may.
        let count = bytes.len().min(7);
        self.output.extend(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Serves the firmware's models to `body`, which is given what carries bytes there and back.
fn serving(body: impl FnOnce(&mut dyn FnMut(&[u8]) -> Vec<u8>)) {
    let mut storage = vec![0; ROOM * UNITS.div_ceil(64)];
    let (mut cache, mut fields) = (vec![0; ROOM + 1], vec![0; PIXELS]);
    let digits = patterns(MODELS.memory).expect("the firmware's blob");
    let memory = Memory::new(&digits, &mut storage, &expected::EXPONENTIALS, &mut cache);
    let sampler = Rbm::new(
        rbm(MODELS.rbm).expect("the firmware's blob"),
        MODELS.threshold,
        &mut fields,
    );
    let (memory, sampler) = (memory.expect("room"), sampler.expect("room"));
    let mut site_fields = vec![0; SPINS];
    let lattice = bitspin_trials::spins(MODELS.lattice).expect("the firmware's blob");
    let mut hidden_fields = [0; HIDDEN];
    let model = labelled(MODELS.labelled).expect("the firmware's blob");
    let classifier = Classifier::new(model, MODELS.energy_threshold, &mut hidden_fields);
    let models = Models {
        memory: Some(memory),
        rbm: Some(sampler),
        spins: Some(Spins::new(lattice, &mut site_fields).expect("room")),
        classifier: Some(classifier.expect("room")),
    };
    let mut server = Server::new(Desktop, models);
    body(&mut |input| {
        let mut port = Port {
            input,
            ..Port::default()
        };
        match server.serve(&mut port) {
            Ok(()) => port.output,
            Err(error) => match error {},
        }
    });
}

fn frame(number: u16, request: &Request<'_>) -> Vec<u8> {
    encode(number, request, &mut [0; MAX_FRAME])
        .expect("a short request")
        .to_vec()
}

/// Asks, and checks the one answer.
fn ask(
    carry: &mut dyn FnMut(&[u8]) -> Vec<u8>,
    request: &Request<'_>,
    check: impl FnOnce(Answer<'_>),
) {
    let output = carry(&frame(77, request));
    let mut receiver = Receiver::default();
    let (last, others) = output.split_last().expect("an answer");
    assert!(others.iter().all(|&byte| receiver.push(byte).is_none()));
    let frame = receiver.push(*last).expect("an end").expect("no damage");
    assert_eq!(frame.number(), 77);
    check(frame.message().expect("an answer of this version"));
}

fn info(carry: &mut dyn FnMut(&[u8]) -> Vec<u8>, check: impl FnOnce(Info<'_>)) {
    ask(carry, &Request::Info, |answer| match answer {
        Answer::Info(info) => check(info),
        other => panic!("{other:?}"),
    });
}

fn refusal(carry: &mut dyn FnMut(&[u8]) -> Vec<u8>, request: &Request<'_>) -> Option<Refusal> {
    let mut refusal = None;
    ask(carry, request, |answer| {
        if let Answer::Refused(why) = answer {
            refusal = Some(why);
        }
    });
    refusal
}

/// A digit of the memory with every seventh pixel turned over, packed and as bytes.
fn damaged() -> (Vec<u64>, Vec<u8>) {
    let digits = patterns(MODELS.memory).expect("the firmware's blob");
    let state = digits.patterns().get(3).expect("32 digits");
    let mut words = state.as_words().to_vec();
    for unit in (0..UNITS).step_by(7) {
        words[unit / 64] ^= 1 << (unit % 64);
    }
    let mut bytes = vec![0; state_len(UNITS)];
    to_bytes(UNITS, &words, &mut bytes);
    (words, bytes)
}

#[test]
fn recalls_are_those_of_the_engine() {
    let (start, bytes) = damaged();
    let digits = patterns(MODELS.memory).expect("the firmware's blob");
    serving(|carry| {
        for network in [Network::Exponential, Network::Pairs] {
            for sweeps in [0, 1, MAX_SWEEPS] {
                let mut words = start.clone();
                let mut state = Bits::new(UNITS, &mut words[..]).expect("a state");
                let (mut cache, mut scratch) = ([0; 33], [0; 26]);
                let recall = match network {
                    Network::Exponential => {
                        let mut table = [0; 12];
                        exponential_table(BETA, &mut table).expect("a steepness");
                        let memory = ExponentialMemory::new(digits.patterns().as_patterns(), table);
                        let memory = memory.expect("a memory");
                        settle_synchronous(&memory, &mut state, &mut cache, &mut scratch, sweeps)
                    }
                    Network::Pairs => {
                        let cache = &mut cache[..32];
                        settle_synchronous(&digits, &mut state, cache, &mut scratch, sweeps)
                    }
                }
                .expect("lengths");
                let request = Request::Recall {
                    network,
                    sweeps,
                    state: &bytes,
                };
                ask(carry, &request, |answer| {
                    let Answer::Recalled {
                        outcome,
                        state: found,
                        ..
                    } = answer
                    else {
                        panic!("{answer:?}");
                    };
                    let mut back = vec![0; start.len()];
                    to_words(UNITS, found, &mut back).expect("a state");
                    assert_eq!(back, state.as_words());
                    let Outcome {
                        stop,
                        sweeps,
                        flips,
                    } = outcome;
                    assert_eq!((sweeps, u64::from(flips)), (recall.sweeps, recall.flips));
                    assert_eq!(format!("{stop:?}"), format!("{:?}", recall.stop));
                });
            }
        }
    });
}

#[test]
fn a_chain_walks_as_the_engine_does_and_goes_on() {
    let rbm = rbm(MODELS.rbm).expect("the firmware's blob");
    let start = [5, 6, 7, 8];
    let mut bytes = vec![0; state_len(PIXELS)];
    to_bytes(PIXELS, &start, &mut bytes);
    let rng = Streams::new(9, Purpose::Chains).next_chain();
    let mut chain = RbmChain::<PIXELS, 4>::owned(&rbm, rng).expect("the layers fit");
    let state = Bits::new(PIXELS, start).expect("a state");
    chain.set_visible(&state).expect("as many units");
    let mut start = Some(Start {
        seed: 9,
        visible: &bytes,
    });
    serving(|carry| {
        let mut total = 0;
        for steps in [0, 1, 50, 3] {
            for _ in 0..steps {
                chain.step();
            }
            total += u64::from(steps);
            let request = Request::Sample {
                start: start.take(),
                steps,
            };
            ask(carry, &request, |answer| {
                let Answer::Sampled {
                    steps,
                    visible: v,
                    hidden: h,
                    ..
                } = answer
                else {
                    panic!("{answer:?}");
                };
                let (mut v_words, mut h_words) = ([0; 4], [0]);
                to_words(PIXELS, v, &mut v_words).expect("a state");
                to_words(64, h, &mut h_words).expect("a state");
                assert_eq!(steps, total);
                assert_eq!(chain.visible().as_words(), v_words);
                assert_eq!(chain.hidden().as_words(), h_words);
            });
        }
        let mut pixels = vec![0; state_len(PIXELS)];
        to_bytes(PIXELS, chain.visible().as_words(), &mut pixels);
        let expected = chain.free_energy_fixed();
        ask(carry, &Request::Score { visible: &pixels }, |answer| {
            let Answer::Scored {
                free_energy,
                anomaly,
                ..
            } = answer
            else {
                panic!("{answer:?}");
            };
            assert_eq!(free_energy, expected);
            assert_eq!(anomaly, expected > MODELS.threshold);
        });
    });
}

#[test]
fn a_stored_pattern_is_recalled_read_back_and_forgotten() {
    let mut bytes = vec![0xa5; state_len(UNITS)];
    bytes[40..].fill(0x3c);
    let recalled = |carry: &mut dyn FnMut(&[u8]) -> Vec<u8>| {
        let mut damaged = bytes.clone();
        damaged.iter_mut().step_by(5).for_each(|byte| *byte ^= 4);
        let request = Request::Recall {
            network: Network::Exponential,
            sweeps: 20,
            state: &damaged,
        };
        let mut same = false;
        ask(carry, &request, |answer| {
            same = matches!(answer, Answer::Recalled { state, outcome, .. }
                if state == bytes && outcome.stop == Stop::FixedPoint);
        });
        same
    };
    let count = |carry: &mut dyn FnMut(&[u8]) -> Vec<u8>, request: &Request<'_>| {
        let mut count = 0;
        ask(carry, request, |answer| match answer {
            Answer::Stored { patterns } => count = patterns,
            other => panic!("{other:?}"),
        });
        count
    };
    serving(|carry| {
        assert!(!recalled(carry));
        let store = Request::Store { state: &bytes };
        assert_eq!((count(carry, &store), count(carry, &store)), (33, 33));
        assert!(recalled(carry));
        let other = vec![0; state_len(UNITS)];
        let full = refusal(carry, &Request::Store { state: &other });
        assert_eq!(full, Some(Refusal::Full { room: 33 }));
        let blob = read(carry, Model::Memory);
        let memory = patterns(blob).expect("the memory's blob");
        assert_eq!(memory.patterns().count(), 33);
        let last = memory.patterns().get(32).expect("the pattern");
        let mut words = vec![0; 13];
        to_words(UNITS, &bytes, &mut words).expect("a state");
        assert_eq!(last.as_words(), words);
        info(carry, |info| {
            let memory = info.memory.expect("a memory");
            assert_eq!((memory.patterns, memory.fixed, memory.room), (33, 32, 33));
            assert_eq!(memory.crc.to_le_bytes(), blob[blob.len() - 4..]);
        });
        assert_eq!(count(carry, &Request::Forget), 32);
        assert!(!recalled(carry));
        assert_eq!(read(carry, Model::Memory), MODELS.memory);
        assert_eq!(read(carry, Model::Rbm), MODELS.rbm);
    });
}

/// A model's blob, piece after piece, aligned as a blob has to be.
fn read(carry: &mut dyn FnMut(&[u8]) -> Vec<u8>, model: Model) -> &'static [u8] {
    let mut blob = Vec::new();
    loop {
        let request = Request::Read {
            model,
            offset: blob.len() as u32,
        };
        let mut len = 0;
        ask(carry, &request, |answer| match answer {
            Answer::Piece { blob_len, bytes } => {
                blob.extend(bytes);
                len = blob_len as usize;
            }
            other => panic!("{other:?}"),
        });
        if blob.len() == len {
            break;
        }
    }
    let end = Request::Read {
        model,
        offset: blob.len() as u32,
    };
    let largest = blob.len() as u32 - 1;
    assert_eq!(refusal(carry, &end), Some(Refusal::OutOfRange { largest }));
    let words: Vec<u64> = blob
        .as_chunks()
        .0
        .iter()
        .map(|bytes| u64::from_le_bytes(*bytes))
        .collect();
    bytemuck::cast_slice(words.leak())
}

#[test]
fn what_makes_no_sense_is_refused_and_counted() {
    let tail = {
        let mut bytes = vec![0; state_len(PIXELS)];
        bytes[24] = 0x10;
        bytes
    };
    serving(|carry| {
        let score = |visible| Request::Score { visible };
        assert_eq!(refusal(carry, &score(&tail)), Some(Refusal::Tail));
        let length = Refusal::Length {
            expected: 25,
            found: 24,
        };
        assert_eq!(refusal(carry, &score(&tail[..24])), Some(length));
        let steps = Request::Sample {
            start: None,
            steps: MAX_STEPS + 1,
        };
        let largest = Refusal::OutOfRange { largest: MAX_STEPS };
        assert_eq!(refusal(carry, &steps), Some(largest));
        let output = carry(&frame_of(&[99, 1, 2]));
        let mut receiver = Receiver::default();
        let answers = output.iter().filter(|&&byte| {
            receiver.push(byte).is_some_and(|frame| {
                let refused = Answer::Refused(Refusal::Unknown);
                frame.is_ok_and(|frame| frame.message() == Some(refused))
            })
        });
        assert_eq!(answers.count(), 1);
        info(carry, |info| {
            assert_eq!((info.version, info.board), (VERSION, "desktop"));
            let counters = info.counters;
            assert_eq!((counters.requests, counters.refused), (1, 4));
            assert_eq!((counters.damaged, counters.overlong), (0, 0));
        });
    });
    let mut server = Server::new(Desktop, Models::default());
    let input = frame(1, &Request::Score { visible: &tail });
    let mut port = Port {
        input: &input,
        ..Port::default()
    };
    server.serve(&mut port).expect("no failure");
    assert_eq!(server.counters().refused, 1);
}

/// A frame of any message.
fn frame_of(message: &[u8]) -> Vec<u8> {
    let mut content = [&[1, 0], message].concat();
    let crc = bitspin_core::blob::crc32(&content);
    content.extend(crc.to_le_bytes());
    assert!(content.iter().all(|&byte| byte != 0) || content.len() < 254);
    // COBS of less than 254 bytes: each run without a zero behind its length.
    let mut code = vec![0];
    for run in content.split(|&byte| byte == 0) {
        code.push(run.len() as u8 + 1);
        code.extend(run);
    }
    code.push(0);
    code
}

/// Ten million random bytes hold thousands of zeros, and so thousands of frames: whichever has a checksum that is right by
/// chance (2^-32 each, some 10^-5 in all) would fail this test for a seed of no luck; this one has it not.
#[test]
fn after_ten_megabytes_of_noise_a_request_is_answered() {
    serving(|carry| {
        let mut state = 11_u64;
        let mut noise = vec![0_u8; 1 << 16];
        let mut total = 0;
        while total < 10_000_000 {
            for byte in &mut noise {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *byte = (state >> 40) as u8;
            }
            assert!(carry(&noise).is_empty(), "noise is not answered");
            total += noise.len();
        }
        info(carry, |info| {
            let counters = info.counters;
            assert!(counters.damaged > 20_000 && counters.overlong > 5_000);
            assert_eq!((counters.requests, counters.refused), (1, 0));
            assert!(counters.bytes as usize > total);
        });
        // Half a frame, and a frame with a byte lost.
        let whole = frame(3, &Request::Forget);
        assert!(carry(&whole[..whole.len() / 2]).is_empty());
        info(carry, |_| ());
        let lost = [&whole[..4], &whole[5..]].concat();
        assert!(carry(&lost).is_empty());
        info(carry, |info| assert_eq!(info.counters.requests, 3));
    });
}
