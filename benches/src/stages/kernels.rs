//! The work of every kernel in a minibatch, once for each set of kernels.

use bitspin_core::bits::WORD;
use bitspin_core::kernel::{LANES, Rows, Step};

use super::{Bench, Stage, ones};
use crate::workload::BATCH;

/// A step that leaves the weights nearly as they are, however often it is repeated.
const STEP: Step = Step {
    rate: 1e-12,
    keep: 1.0,
    momentum: 0.0,
    scale: 256.0,
};

macro_rules! stages {
    ($kernels:ident, $what:literal) => {
        #[doc = $what]
        pub mod $kernels {
            use bitspin_core::kernel::$kernels as kernel;
            use bitspin_core::kernel::$kernels::bit_block;

            use super::*;

            /// All stages, in the order of training.
            pub const STAGES: &[Stage] = &[
                Stage {
                    name: "binarise",
                    in_training: true,
                    run: binarise,
                    vectors: |b| BATCH * b.column(),
                },
                Stage {
                    name: "add_set_rows (v to h)",
                    in_training: true,
                    run: hidden_fields,
                    vectors: |b| ones(&b.batch.samples.data) * b.row(),
                },
                Stage {
                    name: "sample_with_probabilities",
                    in_training: true,
                    run: sample_with_probabilities,
                    vectors: |b| BATCH * b.row(),
                },
                Stage {
                    name: "sample",
                    in_training: false,
                    run: sample,
                    vectors: |b| BATCH * b.row(),
                },
                Stage {
                    name: "add_set_rows (h to v)",
                    in_training: true,
                    run: visible_fields,
                    vectors: |b| ones(&b.batch.hidden.hidden) * b.column(),
                },
                Stage {
                    name: "sample_with_error",
                    in_training: true,
                    run: sample_with_error,
                    vectors: |b| BATCH * b.column(),
                },
                Stage {
                    name: "hamming",
                    in_training: true,
                    run: hamming,
                    vectors: |b| 2 * b.batch.samples.data.len().div_ceil(8),
                },
                Stage {
                    name: "add_changed_rows",
                    in_training: true,
                    run: move_hidden_fields,
                    vectors: |b| b.changed() * b.row(),
                },
                Stage {
                    name: "probabilities",
                    in_training: true,
                    run: probabilities,
                    vectors: |b| BATCH * b.row(),
                },
                Stage {
                    name: "tabulate",
                    in_training: true,
                    run: tabulate,
                    vectors: |b| BATCH * b.row(),
                },
                Stage {
                    name: "bit_block::transpose",
                    in_training: true,
                    run: transpose,
                    vectors: |b| 2 * b.batch.hidden.data_columns.len().div_ceil(8),
                },
                Stage {
                    name: "correlate",
                    in_training: true,
                    run: correlate,
                    vectors: |b| {
                        let rows = b.columns().map(|(a, b)| (a | b).count_ones() as usize);
                        rows.sum::<usize>() * b.row()
                    },
                },
                Stage {
                    name: "update",
                    in_training: true,
                    run: update,
                    vectors: |b| b.touched() * b.row(),
                },
                Stage {
                    name: "transpose_rows",
                    in_training: true,
                    run: transpose_rows,
                    vectors: |b| b.touched_blocks().count() * LANES * b.row(),
                },
            ];

            fn binarise(b: &mut Bench) {
                let shape = b.engine.shape();
                let digits = b.pixels.chunks_exact(shape.visible());
                let targets = b.batch.samples.data.chunks_exact_mut(shape.visible_words());
                for ((digit, target), rng) in digits.zip(targets).zip(&mut b.batch.samples.rngs) {
                    kernel::binarise(digit, rng, target);
                }
            }

            fn hidden_fields(b: &mut Bench) {
                let shape = b.engine.shape();
                let buffers = b.engine.buffers();
                let stride = shape.hidden_stride();
                for fields in b.batch.hidden.fields.as_mut().chunks_exact_mut(stride) {
                    fields.copy_from_slice(buffers.hidden_bias);
                }
                let rows = Rows {
                    weights: buffers.to_hidden,
                    stride,
                    width: shape.hidden(),
                };
                kernel::add_set_rows(
                    &rows,
                    shape.visible_words(),
                    &b.batch.samples.data,
                    b.batch.hidden.fields.as_mut(),
                );
            }

            fn sample_with_probabilities(b: &mut Bench) {
                let shape = b.engine.shape();
                let stride = shape.hidden_stride();
                let fields = b.batch.hidden.fields.as_ref().chunks_exact(stride);
                let hidden = b.batch.hidden.hidden.chunks_exact_mut(shape.hidden_words());
                let table =
                    b.batch.hidden.table.as_mut()[BATCH * stride..].chunks_exact_mut(stride);
                for (((fields, hidden), p), rng) in
                    fields.zip(hidden).zip(table).zip(&mut b.batch.samples.rngs)
                {
                    let bits = b.engine.fraction_bits();
                    let units = shape.hidden();
                    kernel::sample_with_probabilities(fields, bits, units, rng, hidden, p);
                }
            }

            fn sample(b: &mut Bench) {
                let shape = b.engine.shape();
                let fields = b
                    .batch
                    .hidden
                    .fields
                    .as_ref()
                    .chunks_exact(shape.hidden_stride());
                let hidden = b.batch.hidden.hidden.chunks_exact_mut(shape.hidden_words());
                for ((fields, hidden), rng) in fields.zip(hidden).zip(&mut b.batch.samples.rngs) {
                    let bits = b.engine.fraction_bits();
                    kernel::sample(fields, bits, shape.hidden(), rng, hidden);
                }
            }

            fn visible_fields(b: &mut Bench) {
                let shape = b.engine.shape();
                let buffers = b.engine.buffers();
                let stride = shape.visible_stride();
                for fields in b
                    .batch
                    .hidden
                    .visible_fields
                    .as_mut()
                    .chunks_exact_mut(stride)
                {
                    fields.copy_from_slice(buffers.visible_bias);
                }
                let rows = Rows {
                    weights: buffers.to_visible,
                    stride,
                    width: shape.visible(),
                };
                kernel::add_set_rows(
                    &rows,
                    shape.hidden_words(),
                    &b.batch.hidden.hidden,
                    b.batch.hidden.visible_fields.as_mut(),
                );
            }

            fn sample_with_error(b: &mut Bench) {
                let shape = b.engine.shape();
                let words = shape.visible_words();
                let fields = b
                    .batch
                    .hidden
                    .visible_fields
                    .as_ref()
                    .chunks_exact(shape.visible_stride());
                let vectors = b
                    .batch
                    .samples
                    .data
                    .chunks_exact(words)
                    .zip(b.batch.samples.chain.chunks_exact_mut(words));
                let mut error = 0;
                for ((fields, (data, chain)), rng) in
                    fields.zip(vectors).zip(&mut b.batch.samples.rngs)
                {
                    let bits = b.engine.fraction_bits();
                    let units = shape.visible();
                    error += kernel::sample_with_error(fields, bits, units, rng, data, chain);
                }
                std::hint::black_box(error);
            }

            fn hamming(b: &mut Bench) {
                std::hint::black_box(bitspin_core::bits::hamming(
                    &b.batch.samples.data,
                    &b.batch.samples.chain,
                ));
            }

            fn move_hidden_fields(b: &mut Bench) {
                let shape = b.engine.shape();
                // Training moves the fields in sample. Here they are copied, so that the stage can be repeated.
                b.chain_fields
                    .as_mut()
                    .copy_from_slice(b.batch.hidden.fields.as_ref());
                let rows = Rows {
                    weights: b.engine.buffers().to_hidden,
                    stride: shape.hidden_stride(),
                    width: shape.hidden(),
                };
                kernel::add_changed_rows(
                    &rows,
                    shape.visible_words(),
                    &b.batch.samples.data,
                    &b.batch.samples.chain,
                    b.chain_fields.as_mut(),
                );
            }

            fn probabilities(b: &mut Bench) {
                let shape = b.engine.shape();
                let stride = shape.hidden_stride();
                let fields = b.chain_fields.as_ref().chunks_exact(stride);
                let targets = b.probabilities.as_mut().chunks_exact_mut(stride);
                for ((fields, target), rng) in fields.zip(targets).zip(&mut b.batch.samples.rngs) {
                    let bits = b.engine.fraction_bits();
                    kernel::probabilities(fields, bits, shape.hidden(), rng, target);
                }
            }

            fn tabulate(b: &mut Bench) {
                let stride = b.engine.shape().hidden_stride();
                let probabilities = b.probabilities.as_ref().chunks_exact(stride);
                for (sample, probabilities) in probabilities.enumerate() {
                    kernel::tabulate(
                        probabilities,
                        stride,
                        0,
                        sample,
                        b.batch.hidden.table.as_mut(),
                    );
                }
            }

            fn transpose(b: &mut Bench) {
                let words = b.engine.shape().visible_words();
                for (vectors, columns) in [
                    (&b.batch.samples.data, &mut b.batch.hidden.data_columns),
                    (&b.batch.samples.chain, &mut b.batch.hidden.chain_columns),
                ] {
                    for (word, block) in columns.as_chunks_mut::<WORD>().0.iter_mut().enumerate() {
                        for (row, vector) in block.iter_mut().zip(vectors.chunks_exact(words)) {
                            *row = vector[word];
                        }
                        bit_block::transpose(block);
                    }
                }
            }

            fn correlate(b: &mut Bench) {
                let (visible, stride) =
                    (b.engine.shape().visible(), b.engine.shape().hidden_stride());
                let width = b.row() * LANES;
                for (data, chain) in b
                    .batch
                    .hidden
                    .data_columns
                    .iter()
                    .zip(&b.batch.hidden.chain_columns)
                    .take(visible)
                {
                    if data | chain != 0 {
                        b.sums.as_mut().fill(0);
                        let (table, sums) =
                            (b.batch.hidden.table.as_ref(), &mut b.sums.as_mut()[..width]);
                        kernel::correlate(table, stride, 0, *data, *chain, sums);
                    }
                }
            }

            fn update(b: &mut Bench) {
                let width = b.row() * LANES;
                let stride = b.engine.shape().hidden_stride();
                let rows = b
                    .weights
                    .as_mut()
                    .chunks_exact_mut(stride)
                    .zip(b.quantised.as_mut().chunks_exact_mut(stride));
                let columns = b
                    .batch
                    .hidden
                    .data_columns
                    .iter()
                    .zip(&b.batch.hidden.chain_columns);
                b.norms.as_mut().fill(0);
                let mut largest = 0;
                for ((weights, quantised), (data, chain)) in rows.zip(columns) {
                    if data | chain != 0 {
                        let (sums, norms) = (&b.sums.as_ref()[..width], b.norms.as_mut());
                        let norm = kernel::update(&STEP, sums, &mut [], weights, quantised, norms);
                        largest = largest.max(norm);
                    }
                }
                std::hint::black_box(largest);
            }

            fn transpose_rows(b: &mut Bench) {
                let shape = b.engine.shape();
                let (visible, stride) = (shape.visible(), shape.hidden_stride());
                let blocks: Vec<usize> = b.touched_blocks().collect();
                for first in blocks {
                    let end = (first + LANES).min(visible);
                    kernel::transpose_rows(
                        &b.quantised.as_ref()[first * stride..end * stride],
                        stride,
                        0..stride,
                        b.transposed.as_mut(),
                        shape.visible_stride(),
                        first,
                    );
                }
            }
        }
    };
}

stages!(scalar, "The stages on the scalar kernels.");
stages!(simd, "The stages on the SIMD kernels.");
