//! Fields and energies of packed, dense and exponential memories.

use super::*;

#[test]
fn packed_fields_are_dense_fields_to_the_bit() {
    let mut random = Random::new(21);
    for n in [2, 3, 63, 64, 65, 130, 520, 784] {
        for p in [1, 2, 5, 17, 33] {
            let patterns = random_patterns(n, p, &mut random);
            for rule in [LearningRule::Hebb, LearningRule::Covariance] {
                let mut w = vec![0_i16; n * n];
                match rule {
                    LearningRule::Hebb => learn::hebb(&patterns, &mut w).unwrap(),
                    LearningRule::Covariance => learn::covariance(&patterns, &mut w).unwrap(),
                }
                for diagonal in [Diagonal::Zero, Diagonal::Kept] {
                    let memory =
                        PatternMemory::new(patterns.as_patterns(), rule, diagonal).unwrap();
                    if diagonal == Diagonal::Kept {
                        for i in 0..n {
                            w[i * n + i] = memory.coupling(i, i) as i16;
                        }
                    }
                    assert!(
                        (0..n).all(|j| memory.coupling(j, n / 2) == i32::from(w[j * n + n / 2]))
                    );
                    let dense = Couplings::new(n, w.clone()).unwrap();
                    check_agreement(&memory, &dense, &mut random);
                }
            }
        }
    }
}

#[test]
fn a_dense_memory_of_degree_two_is_hebb() {
    let mut random = Random::new(25);
    for n in [2, 9, 64, 70, 300, 784] {
        for p in [1, 2, 6, 40] {
            let patterns = random_patterns(n, p, &mut random);
            let mut table = vec![0; n + 1];
            Interaction::Polynomial { degree: 2 }
                .tabulate(p, &mut table)
                .unwrap();
            let dense = DenseMemory::new(patterns.as_patterns(), table).unwrap();
            let hebb =
                PatternMemory::new(patterns.as_patterns(), LearningRule::Hebb, Diagonal::Zero)
                    .unwrap();
            let probe = damaged(patterns.get(0).unwrap().as_words(), n, 5, &mut random);
            let four: Vec<i64> = fields(&hebb, &probe).iter().map(|f| 4 * f).collect();
            assert_eq!(fields(&dense, &probe), four);
            let mut next = [vec![0; words(n)], vec![0; words(n)]];
            dense.synchronous(&probe, &mut vec![0; p], &mut next[0]);
            hebb.synchronous(&probe, &mut vec![0; n + p], &mut next[1]);
            assert_eq!(next[0], next[1]);
            for order in [|| Order::Ascending, || Order::LargestGain] {
                let mut states = [probe.clone(), probe.clone()];
                let a = settle(&dense, &mut states[0], order());
                let b = settle(&hebb, &mut states[1], order());
                assert_eq!((a, &states[0]), (b, &states[1]));
            }
        }
    }
}

#[test]
fn dense_fields_are_differences_of_the_energy() {
    let mut random = Random::new(26);
    for (n, p, degree) in [(7, 3, 3), (20, 10, 4), (65, 7, 5), (10, 20, 1)] {
        let patterns = random_patterns(n, p, &mut random);
        let real: Vec<Vec<f64>> = patterns.iter().map(|x| unpack(x, n)).collect();
        for (interaction, rectified) in [
            (Interaction::Polynomial { degree }, false),
            (Interaction::Rectified { degree }, true),
        ] {
            let f = |m: f64| {
                if rectified && m < 0.0 {
                    0.0
                } else {
                    m.powi(degree as i32)
                }
            };
            let mut table = vec![0; n + 1];
            interaction.tabulate(p, &mut table).unwrap();
            let memory = DenseMemory::new(patterns.as_patterns(), table).unwrap();
            let state = random_patterns(n, 1, &mut random).as_words().to_vec();
            let s = unpack(&state, n);
            let found = fields(&memory, &state);
            for (i, &found) in found.iter().enumerate() {
                let expected = reference::dense_field(&real, f, &s, i);
                assert_eq!(found as f64, expected, "degree {degree}");
            }
            let mut cache = vec![0; p];
            memory.prepare(&state, &mut cache);
            assert_eq!(
                memory.twice_energy(&state, &cache) as f64,
                2.0 * reference::dense_energy(&real, f, &s)
            );
            let mut next = vec![0; words(n)];
            memory.synchronous(&state, &mut cache, &mut next);
            for (i, &found) in found.iter().enumerate() {
                assert_eq!(
                    f64::from(spin(&next, i)),
                    reference::turned(s[i], found as f64)
                );
            }
        }
    }
}

#[test]
fn large_powers_are_scaled_to_fit() {
    for degree in [6, 7, 20, 64] {
        let (n, p) = (784, 1000);
        let mut table = vec![0; n + 1];
        Interaction::Polynomial { degree }
            .tabulate(p, &mut table)
            .unwrap();
        let top = table[n] as f64;
        assert!(top <= (2_f64).powi(59) / p as f64);
        for (agreeing, &found) in table.iter().enumerate() {
            let m = (2.0 * agreeing as f64 - n as f64) / n as f64;
            let expected = top * m.powi(degree as i32);
            assert!(
                (found as f64 - expected).abs() <= 1.0 + 1e-13 * expected.abs(),
                "{found}, {expected}"
            );
        }
    }
}

/// More patterns than units, past what pairs can hold.
#[test]
fn dense_and_exponential_memories_hold_more_patterns_than_units() {
    let mut random = Random::new(27);
    let (n, p) = (100, 400);
    let patterns = random_patterns(n, p, &mut random);
    let mut table = vec![0; n + 1];
    Interaction::Polynomial { degree: 6 }
        .tabulate(p, &mut table)
        .unwrap();
    let dense = DenseMemory::new(patterns.as_patterns(), table).unwrap();
    let mut table = vec![0; exponential_table_len(0.25)];
    exponential_table(0.25, &mut table).unwrap();
    let exponential = ExponentialMemory::new(patterns.as_patterns(), table).unwrap();
    let hebb =
        PatternMemory::new(patterns.as_patterns(), LearningRule::Hebb, Diagonal::Zero).unwrap();
    let mut right = [0; 3];
    for k in 0..40 {
        let probe = damaged(patterns.get(k).unwrap().as_words(), n, 10, &mut random);
        for (network, right) in [&dense as &dyn Network, &exponential, &hebb]
            .into_iter()
            .zip(&mut right)
        {
            let mut state = probe.clone();
            settle(network, &mut state, Order::Ascending);
            let state = Bits::new(n, &state[..]).unwrap();
            *right += usize::from(recalled(&patterns, &state, 0).unwrap().exactly() == Some(k));
        }
    }
    assert!(
        right[0] >= 38 && right[1] >= 38 && right[2] == 0,
        "{right:?}"
    );
}

#[test]
fn exponential_fields_are_those_of_exp_within_the_tables_rounding() {
    let mut random = Random::new(28);
    for (n, p, beta) in [(20, 5, 0.1), (65, 30, 0.3), (12, 40, 1.0), (130, 1, 2.0)] {
        let patterns = random_patterns(n, p, &mut random);
        let real: Vec<Vec<f64>> = patterns.iter().map(|x| unpack(x, n)).collect();
        let mut table = vec![0; exponential_table_len(beta)];
        exponential_table(beta, &mut table).unwrap();
        let memory = ExponentialMemory::new(patterns.as_patterns(), table).unwrap();
        for k in 0..20 {
            let near = patterns.get(k % p).unwrap();
            let state = damaged(near.as_words(), n, 1 + k as u32, &mut random);
            let s = unpack(&state, n);
            let overlaps = real
                .iter()
                .map(|x| x.iter().zip(&s).map(|(x, s)| x * s).sum::<f64>());
            let largest = overlaps.fold(f64::NEG_INFINITY, f64::max);
            // The engine's unit: F(M) - F(M - 2) of the best match is one table's unit, 2^31, less a step.
            let unit = (beta * largest).exp() * ((2.0 * beta).exp() - 1.0) / f64::from(1_u32 << 31);
            let found = fields(&memory, &state);
            let mut next = vec![0; words(n)];
            memory.synchronous(&state, &mut vec![0; p + 1], &mut next);
            for (i, &found) in found.iter().enumerate() {
                let expected = reference::dense_field(&real, |m| (beta * m).exp(), &s, i) / unit;
                let bound = 0.51 * p as f64 + 1e-5;
                assert!(
                    (found as f64 - expected).abs() <= bound,
                    "{found}, {expected}"
                );
                assert_eq!(
                    f64::from(spin(&next, i)),
                    reference::turned(s[i], found as f64)
                );
            }
        }
    }
}
