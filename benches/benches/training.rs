//! A whole minibatch of CD-1 (784 x 500 units, 64 samples), and an epoch on the built-in digits.

use std::time::Duration;

use bitspin_benches::workload::{BATCH, HIDDEN, Minibatch, Trained};
use bitspin_core::rbm::train::{LearningRate, Source};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// A rate that leaves the model nearly as it is, however often the minibatch is repeated.
const RATE: LearningRate = LearningRate::plain(1e-9);

fn minibatch(criterion: &mut Criterion) {
    let trained = Trained::new(None, HIDDEN, 1).expect("the built-in digits are read");
    let engine = trained.engine();
    let bits = engine.fraction_bits();
    let mut group = criterion.benchmark_group("minibatch");
    group.throughput(Throughput::Elements(BATCH as u64));

    let mut minibatch = Minibatch::new(trained.shape());
    group.bench_function("contrast", |bencher| {
        bencher.iter(|| minibatch.contrast(&trained, &engine));
    });

    let mut shard = trained.shard(bits);
    let gradient = [Source::Contrastive(minibatch.hidden.gradient(BATCH, 1.0))];
    group.bench_function("update", |bencher| {
        bencher.iter(|| shard.update(&gradient, BATCH, &RATE, bits));
    });
    group.finish();
}

fn epoch(criterion: &mut Criterion) {
    let trained = Trained::new(None, HIDDEN, 1).expect("the built-in digits are read");
    let mut group = criterion.benchmark_group("epoch");
    let digits = trained.pixels.len() / trained.parameters.visible;
    group.throughput(Throughput::Elements(digits as u64));
    for threads in [1, 2] {
        let mut trainer = trained.trainer(threads);
        let name = format!("{threads} thread{}", if threads == 1 { "" } else { "s" });
        group.bench_function(name, |bencher| {
            bencher.iter(|| trained.epoch(&mut trainer));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    targets = minibatch, epoch
}
criterion_main!(benches);
