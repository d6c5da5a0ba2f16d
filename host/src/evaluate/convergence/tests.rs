use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;

/// Chains of x' = phi x + sqrt(1 - phi^2) noise in equilibrium: normal, of variance 1, of autocorrelation phi^t.
fn autoregressive(phi: f64, chains: usize, draws: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut normal =
        || ranks::normal_quantile((rng.next_u64() >> 12) as f64 / 2_f64.powi(52) + 2_f64.powi(-53));
    let mut chain = || {
        let mut x = normal();
        let mut next = || {
            let now = x;
            x = phi * x + (1.0 - phi * phi).sqrt() * normal();
            now
        };
        (0..draws).map(|_| next()).collect()
    };
    (0..chains).map(|_| chain()).collect()
}

/// The autocorrelation time of an AR(1) process is (1 + phi)/(1 - phi), the variance of the mean that many times 1/n.
/// Null: the estimators are right. 8 chains of 20,000 draws; Sokal's own error is about `time` sqrt(20 time / 160,000),
/// 7% at 39 draws; five of them are a false alarm of 6e-7. Seeded.
#[test]
fn autocorrelation_times_of_known_processes() {
    for (phi, seed) in [(0.0, 1), (0.5, 2), (0.9, 3), (0.95, 4), (-0.5, 5)] {
        let chains = autoregressive(phi, 8, 20_000, seed);
        let known = (1.0 + phi) / (1.0 - phi);
        let found = autocorrelation_time(&chains).unwrap();
        assert!(found.resolved);
        assert!(
            (found.time - known).abs() < 5.0 * found.error,
            "{phi}: {found:?}"
        );
        assert!(
            found.error < 0.1 * found.time,
            "an error that says something: {found:?}"
        );
        let convergence = Convergence::of(&chains).unwrap();
        assert_eq!(
            convergence.verdict,
            Verdict::Mixed,
            "{phi}: {convergence:?}"
        );
        let effective = 160_000.0 / known;
        let relative = convergence.effective_samples / effective - 1.0;
        assert!(
            relative.abs() < 5.0 * found.error / found.time + 0.02,
            "{phi}: {convergence:?}"
        );
        let expected = (known / 160_000.0).sqrt();
        assert!((convergence.standard_error / expected - 1.0).abs() < 0.2);
        assert!(convergence.mean.abs() < 5.0 * expected);
    }
}

/// The error bar covers the truth as often as it says: of 400 independent runs of an AR(1) chain of mean 0, those whose
/// mean is within 1.96 standard errors. Null: 95%; a run is 4 x 500 draws worth 222 independent ones. 5 standard
/// deviations of a binomial are 5.4%, and 2% are granted to the error bar's own error.
#[test]
fn error_bars_cover_as_often_as_they_say() {
    let covered = (0..400).filter(|&run| {
        let found = Convergence::of(&autoregressive(0.8, 4, 500, 1000 + run)).unwrap();
        found.mean.abs() < 1.96 * found.standard_error
    });
    let share = covered.count() as f64 / 400.0;
    assert!((share - 0.95).abs() < 0.074, "{share}");
}

/// Numbers that any program can make again: 16 bits of a linear congruential generator.
fn congruential(chains: usize, draws: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 48) as f64 / 65_536.0
    };
    (0..chains)
        .map(|_| (0..draws).map(|_| next()).collect())
        .collect()
}

/// What ArviZ 0.19 (`rhat(method="rank")`, `ess` by mean, bulk and tail) gives for the same chains.
#[test]
fn figures_are_those_of_arviz() {
    let mut walks = congruential(4, 301, 7);
    for walk in &mut walks {
        let mut x = 0.0;
        for step in walk.iter_mut() {
            x = 0.9 * x + *step - 0.5;
            *step = x;
        }
    }
    let mut shifted = congruential(3, 200, 8);
    shifted[2].iter_mut().for_each(|x| *x += 0.2);
    let mut wide = congruential(4, 250, 9);
    wide[0].iter_mut().for_each(|x| *x = 3.0 * (*x - 0.5) + 0.5);
    let coarse = ranks::map(&congruential(2, 400, 10), |x| (4.0 * x).floor());
    let swinging = congruential(2, 100, 11)
        .iter()
        .map(|chain| chain.windows(2).map(|pair| pair[0] - pair[1]).collect())
        .collect();
    type Case = (&'static str, Vec<Vec<f64>>, [f64; 4]);
    let cases: [Case; 5] = [
        (
            "walks",
            walks,
            [
                1.1258431274460332,
                28.48822046876617,
                28.420873802972476,
                128.85947964402624,
            ],
        ),
        (
            "shifted",
            shifted,
            [
                1.0503836086430502,
                210.18513135811676,
                118.11459191167441,
                52.554750609203154,
            ],
        ),
        (
            "wide",
            wide,
            [
                1.2262810892904346,
                1047.2329466231456,
                1020.8014650091974,
                38.321213794997036,
            ],
        ),
        (
            "coarse",
            coarse,
            [
                1.0035439438811655,
                757.7711208748007,
                744.4296312473782,
                770.4819235175263,
            ],
        ),
        (
            "swinging",
            swinging,
            [
                0.991166652255904,
                449.2821899858693,
                449.2821899858693,
                199.78751699492557,
            ],
        ),
    ];
    for (name, chains, expected) in cases {
        let found = Convergence::of(&chains).unwrap();
        let figures = [
            found.r_hat,
            found.effective_samples,
            found.bulk_effective_samples,
            found.tail_effective_samples,
        ];
        for (found, expected) in figures.iter().zip(expected) {
            assert!(
                (found - expected).abs() <= 1e-9 * expected,
                "{name}: {figures:?}"
            );
        }
    }
}

#[test]
fn chains_that_disagree_are_found_out() {
    // One of eight is off by two standard deviations; one of eight is three times as wide; all drift together.
    let mut shifted = autoregressive(0.3, 8, 1000, 6);
    shifted[3].iter_mut().for_each(|x| *x += 2.0);
    let mut wide = autoregressive(0.3, 8, 1000, 7);
    wide[5].iter_mut().for_each(|x| *x *= 3.0);
    let mut drifting = autoregressive(0.3, 8, 1000, 8);
    for chain in &mut drifting {
        chain
            .iter_mut()
            .enumerate()
            .for_each(|(t, x)| *x += t as f64 / 500.0);
    }
    let drifting_alone = vec![drifting[0].clone()];
    for chains in [shifted, wide, drifting, drifting_alone] {
        let found = Convergence::of(&chains).unwrap();
        assert_eq!(found.verdict, Verdict::NotMixed, "{found:?}");
        let sentence = found.sentence(&Advice::default());
        assert!(sentence.contains("have not mixed: R-hat"), "{sentence}");
    }
}

#[test]
fn what_never_varies_and_what_is_stuck_are_told_apart() {
    let constant = Convergence::of(&[[2.5; 10], [2.5; 10]]).unwrap();
    assert_eq!(
        (constant.verdict, constant.mean, constant.standard_error),
        (Verdict::Constant, 2.5, 0.0)
    );
    let stuck = Convergence::of(&[[1.0; 10], [-1.0; 10]]).unwrap();
    assert_eq!(
        (stuck.verdict, stuck.effective_samples),
        (Verdict::NotMixed, 0.0)
    );
    assert_eq!(
        (stuck.r_hat, stuck.standard_error),
        (f64::INFINITY, f64::INFINITY)
    );
    let faster = Advice {
        faster: Some("parallel tempering"),
        ..Advice::default()
    };
    assert!(
        stuck.sentence(&faster).contains("each is stuck")
            && stuck.sentence(&faster).contains("tempering")
    );
    assert!(constant.sentence(&faster).contains("nothing is known"));
}

#[test]
fn few_draws_are_not_enough_and_say_by_how_much() {
    let found = Convergence::of(&autoregressive(0.8, 4, 500, 9)).unwrap();
    assert_eq!(found.verdict, Verdict::TooFew, "{found:?}");
    let sentence = found.sentence(&Advice::default());
    assert!(sentence.contains("times as many sweeps"), "{sentence}");
}

#[test]
fn the_worst_of_several_decides() {
    let good = Convergence::of(&autoregressive(0.0, 4, 1000, 10)).unwrap();
    let few = Convergence::of(&autoregressive(0.8, 4, 500, 9)).unwrap();
    let mut apart = autoregressive(0.0, 4, 1000, 11);
    apart[0].iter_mut().for_each(|x| *x += 1.0);
    let apart = Convergence::of(&apart).unwrap();
    assert_eq!(worst(&[good, few, apart, good]).unwrap().0, 2);
    assert_eq!(worst(&[good, few, good]).unwrap().0, 1);
    assert_eq!(worst(&[]), None);
}

#[test]
fn what_are_no_chains_is_named() {
    assert!(matches!(
        Convergence::of::<[f64; 4]>(&[]),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        Convergence::of(&[[0.0, 1.0, 2.0]]),
        Err(Error::OutOfRange { .. })
    ));
    let ragged = [vec![0.0, 1.0, 0.0, 1.0], vec![0.0; 5]];
    assert!(matches!(
        Convergence::of(&ragged),
        Err(Error::Length {
            expected: 4,
            found: 5,
            ..
        })
    ));
    let not_finite = [[0.0, f64::NAN, 0.0, 1.0]];
    assert!(matches!(
        Convergence::of(&not_finite),
        Err(Error::NotFinite { index: 1, .. })
    ));
}
