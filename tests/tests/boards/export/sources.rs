//! Exported Rust sources: committed as the command writes them, compiled into this test, and run.

use std::fs;
use std::path::{Path, PathBuf};

use bitspin_core::blob::Blob;
use bitspin_tests::command::run;

use super::workplace;

/// A source as a firmware engineer would take it into a program.
macro_rules! exported {
    ($name:ident, $file:literal) => {
        #[allow(unreachable_pub, reason = "the file is written for other crates")]
        mod $name {
            include!(concat!("../../../data/firmware/", $file));
        }
    };
}

exported!(rbm_i4, "rbm_i4.rs");
exported!(rbm_sign, "rbm_sign.rs");
exported!(exponential, "exponential.rs");
exported!(covariance, "covariance.rs");
exported!(couplings_i8, "couplings_i8.rs");
exported!(couplings_i16, "couplings_i16.rs");
exported!(couplings_sign, "couplings_sign.rs");
exported!(ising_dense_i16, "ising_dense_i16.rs");
exported!(ising_sparse_i8, "ising_sparse_i8.rs");
exported!(labels_ternary, "labels_ternary.rs");

#[test]
fn every_source_compiles_and_its_board_agrees_with_the_host() {
    for (name, check) in [
        ("rbm_i4", rbm_i4::check as fn() -> Result<(), &'static str>),
        ("rbm_sign", rbm_sign::check),
        ("exponential", exponential::check),
        ("covariance", covariance::check),
        ("couplings_i8", couplings_i8::check),
        ("couplings_i16", couplings_i16::check),
        ("couplings_sign", couplings_sign::check),
        ("ising_dense_i16", ising_dense_i16::check),
        ("ising_sparse_i8", ising_sparse_i8::check),
        ("labels_ternary", labels_ternary::check),
    ] {
        assert_eq!(check(), Ok(()), "{name}");
    }
    // What 1,000 samples of 19 units score, the largest ten aside.
    for threshold in [rbm_i4::THRESHOLD, rbm_sign::THRESHOLD] {
        assert!((-(40 << 16)..0).contains(&threshold), "{threshold}");
    }
    // The largest energy of twelve images, four of which are golden.
    let energies = labels_ternary::golden::ENERGIES;
    assert!(
        energies
            .iter()
            .all(|&energy| energy <= labels_ternary::THRESHOLD)
    );
    assert!(matches!(Blob::parse(rbm_i4::MODEL), Ok(Blob::Rbm(_))));
    assert!(matches!(
        Blob::parse(couplings_i8::MODEL),
        Ok(Blob::CouplingsI8(_))
    ));
}

#[test]
fn the_command_writes_the_sources_that_are_committed() {
    let place = workplace();
    let rbm = ["odd.safetensors", "--weights"];
    let memory = ["--hopfield", "--data", "data", "--patterns", "3", "--rule"];
    let mut differing = Vec::new();
    for (name, fixed, options) in [
        ("rbm_i4", &rbm[..], &["i4"][..]),
        ("rbm_sign", &rbm, &["sign"]),
        ("exponential", &memory, &["exponential"]),
        ("covariance", &memory, &["covariance"]),
        ("couplings_i8", &memory, &["pseudo-inverse"]),
        ("couplings_i16", &memory, &["storkey", "--weights", "i16"]),
        ("couplings_sign", &memory, &["clipped"]),
        (
            "ising_dense_i16",
            &["glass.safetensors"],
            &["--weights", "i16"],
        ),
        (
            "labels_ternary",
            &["labels.safetensors", "--data", "data"],
            &["--weights", "ternary"],
        ),
        ("ising_sparse_i8", &["ring.txt"], &["--beta", "0.8"]),
    ] {
        let to = format!("{name}.rs");
        let arguments = ["firmware", "export", "--to", &to];
        let outcome = run(place.path(), arguments.iter().chain(fixed).chain(options));
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let written = fs::read_to_string(place.path().join(&to)).unwrap();
        let committed = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("data/firmware")
            .join(&to);
        if fs::read_to_string(&committed).ok().as_ref() != Some(&written) {
            let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(&to);
            fs::write(&kept, written).unwrap();
            differing.push(format!("cp {} {}", kept.display(), committed.display()));
        }
    }
    assert!(
        differing.is_empty(),
        "not as committed; if they should change:\n{}",
        differing.join("\n")
    );
}
