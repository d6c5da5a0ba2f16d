//! The scalar and the SIMD kernels on the same random inputs: their results are equal to the bit.

use super::report::Worst;
use super::{Random, Row};
use bitspin_core::bits::words;
use bitspin_core::kernel::{GROUP, Rows, Step, padded};
use bitspin_core::rng::ChainRng;

/// Sizes of both layers around registers and words.
const UNITS: [usize; 9] = [1, 15, 16, 31, 33, 63, 65, 130, 200];

/// What the kernels are given.
struct Inputs {
    units: usize,
    outputs: usize,
    samples: usize,
    fraction_bits: u32,
    before: Vec<u64>,
    after: Vec<u64>,
    /// `[units][padded outputs]`.
    weights: Vec<i16>,
    /// Fields of `outputs` units.
    fields: Vec<i16>,
    target: Vec<u64>,
    pixels: Vec<u8>,
    rng: ChainRng,
    /// `[64][padded outputs]`: probabilities at the data and at the ends of the chains, in 1/256.
    p: [Vec<i16>; 2],
    columns: [u64; 2],
    floats: Vec<f32>,
}

impl Inputs {
    fn random(units: usize, outputs: usize, at: usize, random: &mut Random) -> Self {
        let samples = [1, 2, 7][at % 3];
        let stride = padded(outputs);
        let mut weights = random.fixed(units * stride, 12);
        for row in weights.chunks_exact_mut(stride) {
            row[outputs..].fill(0);
        }
        let column =
            |random: &mut Random| u64::from(random.bits32()) << 32 | u64::from(random.bits32());
        Self {
            units,
            outputs,
            samples,
            fraction_bits: [11, 9, 6, 0][at % 4],
            before: random.vectors(units, samples),
            after: random.vectors(units, samples),
            weights,
            fields: random.fixed(stride, [10, 13, 16][at % 3]),
            target: random.vectors(outputs, 1),
            pixels: (0..outputs).map(|_| random.bits32() as u8).collect(),
            rng: random.chains(1).remove(0),
            p: [(); 2].map(|()| probabilities(GROUP * stride, random)),
            columns: [column(random), column(random)],
            floats: random
                .numbers(stride, 4.0)
                .iter()
                .map(|&x| x as f32)
                .collect(),
        }
    }
}

fn probabilities(count: usize, random: &mut Random) -> Vec<i16> {
    (0..count).map(|_| (random.bits32() % 257) as i16).collect()
}

/// Everything that one family's kernels make of the inputs, as one list of whole numbers.
macro_rules! results {
    ($family:ident) => {
        mod $family {
            use super::*;
            use bitspin_core::kernel::$family as kernel;

            pub(super) fn of(x: &Inputs) -> Vec<i64> {
                [fields(x), draws(x), learning(x)].concat()
            }

            fn fields(x: &Inputs) -> Vec<i64> {
                let rows = Rows {
                    weights: &x.weights,
                    stride: padded(x.outputs),
                    width: x.outputs,
                };
                let mut fields = vec![0; x.samples * rows.stride];
                let mut out = vec![i64::from(bitspin_core::bits::hamming(&x.before, &x.after))];
                kernel::add_set_rows(&rows, words(x.units), &x.before, &mut fields);
                out.extend(fields.iter().map(|&x| i64::from(x)));
                kernel::add_changed_rows(&rows, words(x.units), &x.before, &x.after, &mut fields);
                out.extend(fields.iter().map(|&x| i64::from(x)));
                let mut columns = vec![0; rows.stride * padded(x.units)];
                kernel::transpose_rows(
                    &x.weights,
                    rows.stride,
                    0..rows.stride,
                    &mut columns,
                    padded(x.units),
                    0,
                );
                out.extend(columns.iter().map(|&x| i64::from(x)));
                let mut sums = vec![0; rows.stride];
                kernel::sum_rows(fields.chunks_exact(rows.stride), &mut sums);
                out.extend(sums.iter().map(|&x| i64::from(x)));
                out
            }

            fn draws(x: &Inputs) -> Vec<i64> {
                let (f, bits, units) = (&x.fields, x.fraction_bits, x.outputs);
                let mut rng = x.rng.clone();
                let mut drawn = vec![0; words(units)];
                let (mut p, mut p16) = (vec![0; f.len()], vec![0; f.len()]);
                let mut out = vec![];
                let mut keep = |drawn: &[u64], p: &[i16]| {
                    out.extend(drawn.iter().map(|&word| word as i64));
                    out.extend(p.iter().map(|&p| i64::from(p)));
                };
                for _ in 0..20 {
                    kernel::sample(f, bits, units, &mut rng, &mut drawn);
                    keep(&drawn, &[]);
                    kernel::sample_with_probabilities(f, bits, units, &mut rng, &mut drawn, &mut p);
                    keep(&drawn, &p);
                    let (t, d) = (&x.target, &mut drawn);
                    let error = kernel::sample_with_error(f, bits, units, &mut rng, t, d);
                    keep(&[error], &[]);
                    keep(&drawn, &[]);
                    kernel::probabilities(f, bits, units, &mut rng, &mut p);
                    keep(&[], &p);
                    kernel::binarise(&x.pixels, &mut rng, &mut drawn);
                    keep(&drawn, &[]);
                }
                kernel::probabilities16(f, bits, &mut p16);
                out.extend(p16.iter().map(|&p| i64::from(p)));
                out.extend(rng.state().concat().iter().map(|&word| i64::from(word)));
                out
            }

            fn learning(x: &Inputs) -> Vec<i64> {
                let stride = padded(x.outputs);
                let mut table = vec![0; 3 * x.p[0].len()];
                table[x.p[0].len()..][..x.p[0].len()].copy_from_slice(&x.p[0]);
                for (sample, chain) in x.p[1].chunks_exact(stride).enumerate() {
                    kernel::tabulate(chain, stride, 0, sample, &mut table);
                }
                let mut sums = vec![0; stride];
                let stride = sums.len();
                kernel::correlate(&table, stride, 0, x.columns[0], x.columns[1], &mut sums);
                let mut wide = x.floats.clone();
                wide.iter_mut().for_each(|x| *x = x.round());
                kernel::widen_scaled(&sums, 1.0, &mut wide);
                let step = Step {
                    rate: 0.1 / 16_384.0,
                    keep: 0.999,
                    momentum: 0.5,
                    scale: 512.0,
                };
                let (mut velocity, mut weights) = (x.floats.clone(), x.floats.clone());
                let (mut quantised, mut norms) = (vec![0; sums.len()], vec![7; sums.len()]);
                let (w, q, n) = (&mut weights, &mut quantised, &mut norms);
                let a = kernel::update(&step, &sums, &mut velocity, w, q, n);
                let b = kernel::update_wide(&step, &wide, &mut [], w, q, n);
                let whole = [&table, &sums, &quantised, &norms].into_iter().flatten();
                let float = [&wide, &velocity, &weights].into_iter().flatten();
                [a, b]
                    .iter()
                    .chain(whole)
                    .map(|&x| i64::from(x))
                    .chain(float.map(|x| i64::from(x.to_bits())))
                    .collect()
            }
        }
    };
}

results!(scalar);
results!(simd);

/// How many numbers the two families differ in: none.
pub(super) fn scalar_is_simd(random: &mut Random) -> Vec<Row> {
    let mut worst = Worst::default();
    for (at, &units) in UNITS.iter().enumerate() {
        for (with, &outputs) in UNITS.iter().enumerate() {
            let inputs = Inputs::random(units, outputs, at + with, random);
            let (a, b) = (scalar::of(&inputs), simd::of(&inputs));
            let differing = a.iter().zip(&b).filter(|(a, b)| a != b).count();
            let missing = a.len().abs_diff(b.len());
            worst.add((differing + missing) as f64, 0.0);
        }
    }
    vec![worst.row("scalar = SIMD, differing numbers")]
}
