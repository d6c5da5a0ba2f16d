//! Learning rules: the file, the reference, one pattern more and one less.

use super::*;

#[test]
fn the_reference_agrees_with_the_file() {
    for case in Case::all() {
        let weights = [
            reference::hebb(&case.patterns),
            reference::covariance(&case.patterns),
            reference::pseudo_inverse(&case.patterns).unwrap(),
            reference::storkey(&case.patterns),
        ];
        let none = vec![0.0; case.n];
        for (w, (expected, state, energy)) in weights.iter().zip(case.rules()) {
            close(w, &expected.concat(), 1e-12);
            let (recalled, _) = reference::settle(w, &none, &case.probe, 100);
            assert_eq!(&recalled, state);
            close(
                &[reference::energy(w, &none, &recalled)],
                &[energy],
                1e-12 * energy.abs().max(1.0),
            );
        }
    }
}

/// Hebb and covariance couplings are exact integers, so the engine's states are those of exact arithmetic. The
/// others are rounded to 16 bits, which guarantees the turn of a spin whose field is above (N - 1) / (2 scale); on
/// these cases all states agree.
#[test]
fn the_engine_recalls_what_the_file_says() {
    for case in Case::all() {
        let (n, patterns) = (case.n, case.packed());
        let p = patterns.count();
        for (rule, (_, expected, energy), unit) in [
            (LearningRule::Hebb, case.rules()[0], p as f64),
            (LearningRule::Covariance, case.rules()[1], (p * p) as f64),
        ] {
            let memory = PatternMemory::new(patterns.as_patterns(), rule, Diagonal::Zero).unwrap();
            let mut w = vec![0_i16; n * n];
            match rule {
                LearningRule::Hebb => learn::hebb(&patterns, &mut w).unwrap(),
                LearningRule::Covariance => learn::covariance(&patterns, &mut w).unwrap(),
            }
            let couplings = Couplings::new(n, w).unwrap();
            for network in [&memory as &dyn Network, &couplings] {
                let mut state = pack(&case.probe);
                assert_eq!(
                    settle(network, &mut state, Order::Ascending).stop,
                    Stop::FixedPoint
                );
                assert_eq!(&unpack(&state, n), expected, "{rule:?}, N = {n}");
            }
            let (mut state, mut cache) = (pack(expected), vec![0; memory.cache_len()]);
            let bits = Bits::new(n, &mut state[..]).unwrap();
            let twice = Dynamics::new(&memory, bits, &mut cache)
                .unwrap()
                .twice_energy();
            close(
                &[0.5 * twice as f64 / unit],
                &[energy],
                1e-12 * energy.abs(),
            );
        }
        let (mut projection, mut basis) = (vec![0.0; n * n], vec![0.0; p * n]);
        learn::project(&patterns, &mut basis, &mut projection).unwrap();
        let (mut storkey, mut work) = (vec![0.0; n * n], vec![0.0; n]);
        for index in 0..p {
            learn::storkey_store(&patterns.get(index).unwrap(), &mut storkey, &mut work).unwrap();
        }
        for (mut w, (expected, recalled, _)) in
            [projection, storkey].into_iter().zip(&case.rules()[2..])
        {
            let mut quantised = vec![0_i16; n * n];
            let scale = learn::quantise(n, &w, &mut quantised).unwrap();
            w.iter_mut().step_by(n + 1).for_each(|w| *w = 0.0);
            close(&w, &expected.concat(), 1e-12);
            let back: Vec<f64> = quantised.iter().map(|&w| f64::from(w) / scale).collect();
            close(&back, &w, 0.5 / scale * (1.0 + 1e-9));
            let mut state = pack(&case.probe);
            settle(
                &Couplings::new(n, quantised).unwrap(),
                &mut state,
                Order::Ascending,
            );
            assert_eq!(&&unpack(&state, n), recalled);
        }
    }
}

#[test]
fn one_more_pattern_and_one_less() {
    let mut random = Random::new(29);
    let (n, p) = (70, 9);
    let patterns = random_patterns(n, p, &mut random);
    let fewer = Patterns::new(n, &patterns.as_words()[..(p - 1) * words(n)]).unwrap();
    let last = patterns.get(p - 1).unwrap();
    let (mut all, mut less) = (vec![0_i8; n * n], vec![0_i8; n * n]);
    learn::hebb(&patterns, &mut all).unwrap();
    learn::hebb(&fewer, &mut less).unwrap();
    let before = less.clone();
    learn::hebb_store(&last, &mut less).unwrap();
    assert_eq!(less, all);
    learn::hebb_forget(&last, &mut less).unwrap();
    assert_eq!(less, before);
    let mut full = vec![0_i8; n * n];
    for _ in 0..127 {
        learn::hebb_store(&last, &mut full).unwrap();
    }
    let before = full.clone();
    assert!(learn::hebb_store(&last, &mut full).is_err());
    assert_eq!(full, before, "nothing is half stored");

    let (mut all, mut less, mut step) = (vec![0.0; n * n], vec![0.0; n * n], vec![0.0; n * n]);
    let mut basis = vec![0.0; p * n];
    learn::project(&patterns, &mut basis, &mut all).unwrap();
    learn::project(&fewer, &mut basis[n..], &mut less).unwrap();
    for index in 0..p {
        learn::project_store(
            &patterns.get(index).unwrap(),
            &mut step,
            &mut basis[..2 * n],
        )
        .unwrap();
        if index == p - 2 {
            close(&step, &less, 1e-12);
        }
    }
    close(&step, &all, 1e-12);
    learn::project_forget(&last, &fewer, &mut basis, &mut step).unwrap();
    close(&step, &less, 1e-12);
    // A combination of what is stored is refused: the same again, an inverse.
    let inverse: Vec<u64> = patterns.get(2).unwrap().as_words().to_vec();
    let inverse = vec![!inverse[0], !inverse[1] & bitspin_core::bits::tail_mask(n)];
    let inverse = Bits::new(n, inverse).unwrap();
    assert!(learn::project_store(&inverse, &mut step, &mut basis[..2 * n]).is_err());
    close(&step, &less, 1e-12);
    let twice = Patterns::new(n, [fewer.as_words(), inverse.as_words()].concat()).unwrap();
    assert!(learn::project(&twice, &mut basis, &mut all).is_err());
    let many = random_patterns(8, 9, &mut random);
    assert!(learn::project(&many, &mut [0.0; 72], &mut [0.0; 64]).is_err());
}

#[test]
fn covariance_of_the_float_rule_is_the_reference() {
    let mut random = Random::new(30);
    for (n, p) in [(2, 1), (33, 7), (64, 200)] {
        let patterns = random_patterns(n, p, &mut random);
        let real: Vec<Vec<f64>> = patterns.iter().map(|x| unpack(x, n)).collect();
        let mut w = vec![1.0; n * n];
        learn::covariance_f64(&patterns, &mut w).unwrap();
        close(&w, &reference::covariance(&real), 1e-12);
        let mut whole = vec![1_i16; n * n];
        match learn::covariance(&patterns, &mut whole) {
            Ok(()) => {
                let unit = (p * p) as f64;
                let back: Vec<f64> = whole.iter().map(|&w| f64::from(w) / unit).collect();
                close(&back, &w, 1e-15);
            }
            Err(_) => assert!(p > 181),
        }
    }
}

#[test]
fn clipped_couplings_are_signs_of_hebbs() {
    let mut random = Random::new(31);
    for (n, p) in [(2, 1), (64, 3), (65, 4), (200, 20)] {
        let patterns = random_patterns(n, p, &mut random);
        let mut hebb = vec![0_i16; n * n];
        learn::hebb(&patterns, &mut hebb).unwrap();
        let mut rows = vec![0; n * words(n)];
        learn::clipped(&patterns, &mut rows, &mut vec![0; words(n)]).unwrap();
        let clipped = ClippedCouplings::new(n, &rows[..]).unwrap();
        let (mut ties, mut sum) = (0, 0);
        let mut signs = vec![0_i16; n * n];
        for (at, &w) in hebb.iter().enumerate() {
            let (i, j) = (at / n, at % n);
            let found = clipped.coupling(i, j);
            signs[at] = found as i16;
            if i == j {
                assert_eq!(found, 0);
            } else if w == 0 {
                (ties, sum) = (ties + 1, sum + found);
            } else {
                assert_eq!(found, i32::from(w.signum()));
            }
        }
        // Ties are fair coins: within five standard deviations, each pair counted twice.
        assert!(
            f64::from(sum).abs() <= 5.0 * (2.0 * f64::from(ties)).sqrt(),
            "{sum} of {ties}"
        );
        check_agreement(&clipped, &Couplings::new(n, signs).unwrap(), &mut random);
        if n > 2 {
            rows[0] ^= 2;
            assert!(
                ClippedCouplings::new(n, &rows[..]).is_err(),
                "not symmetric"
            );
        }
    }
}
