//! Every kernel, scalar beside SIMD: the work of one minibatch for a trained model of 784 x 500 units.
//! Throughput counts vectors of 32 units.

use std::time::Duration;

use bitspin_benches::stages::{Bench, scalar, simd};
use bitspin_benches::workload::{HIDDEN, Trained};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn kernels(criterion: &mut Criterion) {
    let trained = Trained::new(None, HIDDEN, 1).expect("the built-in digits are read");
    let mut bench = Bench::new(&trained);
    for (scalar, simd) in scalar::STAGES.iter().zip(simd::STAGES) {
        let mut group = criterion.benchmark_group(simd.name);
        group.throughput(Throughput::Elements((simd.vectors)(&bench).max(1) as u64));
        for (kernels, stage) in [("scalar", scalar), ("simd", simd)] {
            group.bench_function(kernels, |bencher| bencher.iter(|| (stage.run)(&mut bench)));
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800));
    targets = kernels
}
criterion_main!(benches);
