//! Prints the digests of all trials on this computer; exit code 1 unless they are the expected ones.

use bitspin_trials::{MODELS, classify, dream, expected, ising, learn, score};

fn main() {
    let dream = dream::run(&MODELS, &mut (), |_, _| ())
        .expect("the models")
        .digest;
    let ising = ising::run(&MODELS, &mut (), |_, _| ())
        .expect("the models")
        .digest;
    let score = score::run(&MODELS, &mut (), |_, _, _| ())
        .expect("the models")
        .digest;
    let classify = classify::run(&MODELS, &mut (), |_, _, _, _| ())
        .expect("the models")
        .digest;
    let store = learn::store(&MODELS, |_| ()).expect("the models").digest;
    let contrast = learn::contrast(&MODELS, &mut (), |_, _| ())
        .expect("the models")
        .digest;
    let mut equal = true;
    for (name, found, expected) in [
        ("dream", dream, expected::DREAM),
        ("ising", ising, expected::ISING),
        ("score", score, expected::SCORE),
        ("classify", classify, expected::CLASSIFY),
        ("store", store, expected::STORE),
        ("learn", contrast, expected::LEARN),
    ] {
        println!("{name}: {found:016x}");
        equal &= found == expected;
    }
    std::process::exit(i32::from(!equal));
}
