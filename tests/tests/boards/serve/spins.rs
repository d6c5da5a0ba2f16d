//! The Ising model's chain.

use bitspin_core::bits::Bits;
use bitspin_core::ising::{self, Chain, Temperature};
use bitspin_core::rng::{Purpose, Streams};
use bitspin_protocol::{
    Answer, MAX_SWEEPS, Model, Refusal, Request, Rule, Start, state_len, to_bytes, to_words,
};
use bitspin_trials::{MODELS, spins};

use super::{SPINS, ask, refusal, serving};

#[test]
fn sweeps_are_those_of_the_engine_and_go_on() {
    let lattice = spins(MODELS.lattice).expect("the firmware's blob");
    let (mut state, mut fields) = ([7; SPINS / 64], [0; SPINS]);
    let mut bytes = vec![0; state_len(SPINS)];
    to_bytes(SPINS, &state, &mut bytes);
    let rng = Streams::new(9, Purpose::Chains).next_chain();
    let bits = Bits::new(SPINS, &mut state[..]).expect("a state");
    let mut chain = Chain::new(&lattice, bits, &mut fields, rng).expect("lengths");
    let mut start = Some(Start {
        seed: 9,
        visible: &bytes,
    });
    serving(|carry| {
        let mut total = 0;
        for (sweeps, rule, own, beta) in [
            (0, Rule::Glauber, ising::UpdateRule::Glauber, 0.4),
            (3, Rule::Glauber, ising::UpdateRule::Glauber, 0.4),
            (20, Rule::Metropolis, ising::UpdateRule::Metropolis, 0.6),
            (1, Rule::Glauber, ising::UpdateRule::Glauber, 2.0),
        ] {
            for _ in 0..sweeps {
                chain.sweep(own, Temperature::new(beta, 0).expect("a temperature"));
            }
            total += u64::from(sweeps);
            let request = Request::Sweep {
                start: start.take(),
                rule,
                beta,
                sweeps,
            };
            ask(carry, &request, |answer| {
                let Answer::Swept {
                    sweeps,
                    energy,
                    state,
                    ..
                } = answer
                else {
                    panic!("{answer:?}");
                };
                let mut words = [0; SPINS / 64];
                to_words(SPINS, state, &mut words).expect("a state");
                assert_eq!((sweeps, energy), (total, chain.energy()));
                assert_eq!(words, chain.state().as_words());
            });
        }
        for beta in [-1.0, f64::NAN, f64::INFINITY] {
            let request = Request::Sweep {
                start: None,
                rule: Rule::Glauber,
                beta,
                sweeps: 1,
            };
            assert_eq!(refusal(carry, &request), Some(Refusal::Beta));
        }
        let long = Request::Sweep {
            start: None,
            rule: Rule::Glauber,
            beta: 1.0,
            sweeps: MAX_SWEEPS + 1,
        };
        let largest = MAX_SWEEPS;
        assert_eq!(refusal(carry, &long), Some(Refusal::OutOfRange { largest }));
        let short = Request::Sweep {
            start: Some(Start {
                seed: 1,
                visible: &[0; 31],
            }),
            rule: Rule::Glauber,
            beta: 1.0,
            sweeps: 1,
        };
        let (expected, found) = (32, 31);
        assert_eq!(
            refusal(carry, &short),
            Some(Refusal::Length { expected, found })
        );
        let mut read = Vec::new();
        while read.len() < MODELS.lattice.len() {
            let offset = read.len() as u32;
            let model = Model::Ising;
            ask(carry, &Request::Read { model, offset }, |answer| {
                let Answer::Piece { bytes, .. } = answer else {
                    panic!("{answer:?}");
                };
                read.extend_from_slice(bytes);
            });
        }
        assert_eq!(read, MODELS.lattice);
    });
}
