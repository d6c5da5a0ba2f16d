//! What is exported, read back and run.

use bitspin::BitMatrix;
use bitspin::data::{Binarisation, Dataset};
use bitspin::firmware::golden::{self, Walker};
use bitspin::firmware::{BlobFile, BlobProblem, network, rbm};
use bitspin::hopfield::{Memory, Rule};
use bitspin_core::bits::Bits;
use bitspin_core::blob::{Blob, Error};
use bitspin_core::hopfield::settle_synchronous;
use bitspin_core::network::Network;
use bitspin_core::rbm::WeightFormat;
use bitspin_core::rbm::compact::RbmChain;
use bitspin_core::rng::{Purpose, Streams};
use bitspin_tests::command::run;

use super::{parameters, workplace};

const FORMATS: [(&str, WeightFormat); 5] = [
    ("i16", WeightFormat::I16),
    ("i8", WeightFormat::I8),
    ("i4", WeightFormat::I4),
    ("ternary", WeightFormat::Ternary),
    ("sign", WeightFormat::Sign),
];

#[test]
fn an_exported_rbm_follows_the_hosts_chain_for_a_thousand_steps_in_every_format() {
    let place = workplace();
    for (name, weights) in FORMATS {
        let to = format!("{name}.bsp");
        let arguments = [
            "firmware",
            "export",
            "model.safetensors",
            "--data",
            "data",
            "--to",
            &to,
            "--weights",
            name,
            "--json",
        ];
        let told = run(place.path(), arguments).json();
        let file = BlobFile::load(place.path().join(&to)).unwrap();
        let Blob::Rbm(model) = file.blob() else {
            panic!("{name} is no RBM");
        };
        assert_eq!(model.format().weights, weights);
        assert_eq!(
            model,
            rbm::compact(&parameters(72, 30), weights)
                .unwrap()
                .as_borrowed()
        );
        assert_eq!(told["blob_bytes"], file.bytes().len());
        assert_eq!(told["weights"], name);
        assert_eq!(told["loss"]["measure"], "log_likelihood_ais");
        walk_together(&model);
        threshold_divides(&model, told["loss"]["threshold"].as_i64().unwrap(), &place);

        let info = run(place.path(), ["firmware", "info", &to, "--json"]).json();
        for key in [
            "kind",
            "visible",
            "hidden",
            "weights",
            "crc",
            "flash",
            "ram",
            "fraction_bits",
        ] {
            assert_eq!(info[key], told[key], "{key}");
        }
    }
}

/// The chain of the blob's own arithmetic beside that of the desktop's kernels, and free energies.
fn walk_together(model: &bitspin_core::rbm::CompactRbm<&[u8], &[i16]>) {
    let rng = Streams::new(3, Purpose::Chains).next_chain();
    let start = vec![0x1234_5678_9abc_def0, 0x5a];
    let engine = rbm::desktop(model).unwrap();
    let mut walker = Walker::new(engine, start.clone(), rng.clone()).unwrap();
    let mut chain = RbmChain::<128, 2>::owned(model, rng).unwrap();
    let start = Bits::new(model.shape().visible(), start).unwrap();
    chain.set_visible(&start).unwrap();
    let mut turned = 0;
    for step in 0..1000 {
        let before = chain.visible().clone();
        chain.step();
        walker.step();
        assert_eq!(walker.visible(), chain.visible().as_words(), "step {step}");
        assert_eq!(walker.hidden(), chain.hidden().as_words(), "step {step}");
        let free_energy = chain.free_energy_fixed();
        assert_eq!(walker.free_energy(), free_energy, "step {step}");
        turned += u32::from(chain.visible() != &before);
    }
    assert!(turned > 900, "the chain stands still: {turned}");
}

/// Of 12 held-out images, 1% are none: the threshold is the largest free energy of all.
fn threshold_divides(
    model: &bitspin_core::rbm::CompactRbm<&[u8], &[i16]>,
    threshold: i64,
    place: &tempfile::TempDir,
) {
    let data = Dataset::load(Some(&place.path().join("data"))).unwrap();
    let how = Binarisation::Stochastic;
    let images = BitMatrix::binarise(&data.test.images, how, 1, Purpose::Evaluation);
    let mut fields = vec![0; model.shape().hidden()];
    let mut energies: Vec<_> = images
        .iter()
        .map(|image| {
            let image = Bits::new(model.shape().visible(), image).unwrap();
            model.free_energy_fixed(&image, &mut fields).unwrap()
        })
        .collect();
    energies.sort_unstable();
    assert_eq!(energies.last(), Some(&threshold));
    let quarter = golden::threshold(model, &images, 0.25).unwrap();
    assert_eq!(
        energies.iter().filter(|&&energy| energy > quarter).count(),
        3
    );
}

#[test]
fn the_parameters_that_a_loss_is_measured_with_are_those_of_the_engine() {
    let model = rbm::compact(&parameters(72, 30), WeightFormat::I4).unwrap();
    let real = rbm::parameters_of(&model);
    let engine = rbm::desktop(&model).unwrap();
    let again = rbm::compact(&real, WeightFormat::I16).unwrap();
    assert_eq!(
        rbm::parameters_of(&again),
        real,
        "exact numbers are not moved"
    );
    for (j, row) in real.w.chunks_exact(72).enumerate() {
        for (i, &w) in row.iter().enumerate() {
            assert_eq!(f64::from(w), engine.real(model.weight(i, j).into()));
        }
    }
}

#[test]
fn small_models_lose_exact_nats_and_models_of_another_size_are_measured_on_their_samples() {
    let place = workplace();
    let export = |weights| {
        let arguments = [
            "firmware",
            "export",
            "odd.safetensors",
            "--to",
            "odd.bsp",
            "--force",
            "--json",
            "--weights",
            weights,
        ];
        run(place.path(), arguments).json()["loss"].clone()
    };
    let (fine, coarse) = (export("i16"), export("sign"));
    for loss in [&fine, &coarse] {
        assert_eq!(loss["measure"], "log_likelihood_exact");
        assert!(
            loss["data"]
                .as_str()
                .unwrap()
                .contains("samples of the model")
        );
        let (before, after) = (&loss["before"], &loss["after"]);
        let nats = before.as_f64().unwrap() - after.as_f64().unwrap();
        assert_eq!(loss["nats"].as_f64().unwrap(), nats);
    }
    // On samples of the model the loss is an estimate of a divergence, so that it is positive but for chance.
    assert!(fine["nats"].as_f64().unwrap().abs() < 0.01, "{fine}");
    assert!(coarse["nats"].as_f64().unwrap() > 0.1, "{coarse}");
}

#[test]
fn an_exported_memory_recalls_as_the_host_does() {
    let place = workplace();
    let data = Dataset::load(Some(&place.path().join("data"))).unwrap();
    // The first of every class in turn, which are the first of the data set.
    let images = data.train.images.first(3);
    let how = Binarisation::Threshold(0.5);
    let patterns = BitMatrix::binarise(&images, how, 0, Purpose::Evaluation);
    for (rule, weights) in [
        ("hebb", None),
        ("exponential", None),
        ("exponential:0.1", None),
        ("clipped", None),
        ("pseudo-inverse", Some("i16")),
        ("storkey", Some("i16")),
    ] {
        let mut arguments = vec![
            "firmware",
            "export",
            "--hopfield",
            "--data",
            "data",
            "--patterns",
            "3",
            "--to",
            "m.bsp",
            "--force",
            "--rule",
            rule,
        ];
        arguments.extend(weights.iter().flat_map(|weights| ["--weights", weights]));
        assert_eq!(run(place.path(), arguments).code, Some(0));
        let file = BlobFile::load(place.path().join("m.bsp")).unwrap();
        let blob = file.blob();
        let exported = network(&blob).unwrap();
        let memory = Memory::store(rule.parse::<Rule>().unwrap(), &patterns).unwrap();
        let mut random = Streams::new(9, Purpose::Evaluation).next_stream();
        for start in bitspin::hopfield::random_patterns(72, 50, &mut random).iter() {
            assert_eq!(settled(exported, start), settled(&memory, start), "{rule}");
        }
    }
}

fn settled(network: &dyn Network, start: &[u64]) -> (Vec<u64>, u32) {
    let mut state = Bits::new(72, start.to_vec()).unwrap();
    let mut cache = vec![0; network.synchronous_len()];
    let recall = settle_synchronous(network, &mut state, &mut cache, &mut [0; 4], 50).unwrap();
    (state.as_words().to_vec(), recall.sweeps)
}

#[test]
fn recall_is_reported_with_its_loss() {
    let place = workplace();
    let export = |options: &[&str]| {
        let fixed = [
            "firmware",
            "export",
            "--hopfield",
            "--data",
            "data",
            "--to",
            "m.bsp",
            "--force",
            "--json",
        ];
        run(place.path(), fixed.iter().chain(options)).json()["loss"].clone()
    };
    let patterns = export(&["--patterns", "3", "--noise", "0.1"]);
    assert_eq!(
        (&patterns["exact"], &patterns["of"]),
        (&3.into(), &3.into())
    );
    assert_eq!(patterns["recall_loss"], 0.0);
    let hopeless = export(&["--noise", "0.5"]);
    assert!(hopeless["recall"].as_f64().unwrap() < 0.5, "{hopeless}");
    // One of ten patterns comes back by couplings of 16 bits, none by their signs.
    let signs = export(&["--rule", "pseudo-inverse", "--weights", "sign"]);
    let whole = export(&["--rule", "pseudo-inverse", "--weights", "i16"]);
    assert_eq!(whole["recall_loss"], 0.0);
    assert_eq!(signs["recall_before"], whole["recall"], "{signs} {whole}");
    let number = |key: &str| signs[key].as_f64().unwrap();
    assert_eq!(
        number("recall_loss"),
        number("recall_before") - number("recall")
    );
    assert!(number("recall_loss") > 0.0, "{signs}");
}

#[test]
fn an_exported_file_cut_anywhere_or_with_any_bit_flipped_is_refused() {
    let place = workplace();
    let arguments = ["firmware", "export", "odd.safetensors", "--to", "odd.bsp"];
    assert_eq!(run(place.path(), arguments).code, Some(0));
    let path = place.path().join("odd.bsp");
    let mut bytes = std::fs::read(&path).unwrap();
    for len in 0..bytes.len() {
        let error = BlobFile::from_bytes(&bytes[..len]).unwrap_err();
        assert!(matches!(
            error,
            bitspin_core::Error::Blob(Error::Truncated { .. } | Error::Length { .. })
        ));
    }
    for bit in 0..8 * bytes.len() {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(BlobFile::from_bytes(&bytes).is_err(), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    assert_eq!(BlobFile::from_bytes(&bytes).unwrap().bytes(), bytes);
    bytes[40] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let error = BlobFile::load(&path).unwrap_err();
    assert!(matches!(
        error.problem,
        BlobProblem::Blob(bitspin_core::Error::Blob(Error::Checksum { .. }))
    ));
}
