//! RBMs with label units on their way to a board.

use std::fs;

use bitspin::BitMatrix;
use bitspin::data::{Binarisation, Dataset, write_images};
use bitspin::firmware::golden::Judge;
use bitspin::firmware::{BlobFile, rbm};
use bitspin_core::bits::{Bits, words};
use bitspin_core::blob::Blob;
use bitspin_core::rbm::WeightFormat;
use bitspin_core::rbm::labels::{class, energy_fixed};
use bitspin_core::rng::Purpose;
use bitspin_tests::command::{refused, run};

use super::{labelled, workplace, write_labelled};

const EXPORT: [&str; 5] = ["firmware", "export", "labels.safetensors", "--data", "data"];

/// The blob's own arithmetic beside the desktop's kernels, and the figures that the command told.
#[test]
fn an_exported_classifier_agrees_with_the_host_in_every_format() {
    let place = workplace();
    let data = Dataset::load(Some(&place.path().join("data"))).unwrap();
    let how = Binarisation::Stochastic;
    let images = BitMatrix::binarise(&data.test.images, how, 1, Purpose::Evaluation);
    let truth = data.test.labels.unwrap();
    for (name, weights) in [
        ("i16", WeightFormat::I16),
        ("i8", WeightFormat::I8),
        ("i4", WeightFormat::I4),
        ("ternary", WeightFormat::Ternary),
        ("sign", WeightFormat::Sign),
    ] {
        let to = format!("{name}.bsp");
        let own = ["--weights", name, "--to", &to, "--json"];
        let told = run(place.path(), EXPORT.iter().chain(&own)).json();
        let file = BlobFile::load(place.path().join(&to)).unwrap();
        let Blob::Labelled(model) = file.blob() else {
            panic!("{name} is no classifier");
        };
        assert_eq!(
            *model.rbm(),
            rbm::compact(&labelled(72).joint, weights)
                .unwrap()
                .as_borrowed()
        );
        let mut judge = Judge::new(&model).unwrap();
        let (mut fields, mut logits) = (vec![0; 20], vec![0; 3]);
        let (mut energies, mut wrong) = (vec![], 0);
        for (image, &label) in images.iter().zip(&truth) {
            let x = Bits::new(model.pixels(), &image[..words(model.pixels())]).unwrap();
            model.logits(&x, &mut fields, &mut logits).unwrap();
            assert_eq!(judge.logits(image).unwrap(), logits, "{name}");
            energies.push(energy_fixed(&logits));
            wrong += usize::from(class(&logits) != usize::from(label));
        }
        // Of 12 images 1% are none: the threshold is the largest energy of all.
        energies.sort_unstable();
        assert_eq!(told["loss"]["threshold"].as_i64(), energies.last().copied());
        assert_eq!(
            told["loss"]["error_after"].as_f64(),
            Some(wrong as f64 / 12.0)
        );
        let info = run(place.path(), ["firmware", "info", &to, "--json"]).json();
        for key in [
            "kind", "pixels", "classes", "hidden", "weights", "crc", "flash", "ram",
        ] {
            assert_eq!(info[key], told[key], "{key}");
        }
        assert_eq!((&info["pixels"], &info["classes"]), (&72.into(), &3.into()));
    }
    let shown = run(place.path(), ["firmware", "info", "i4.bsp"]);
    let words = "RBM of 75 visible and 20 hidden units, 3 of the visible ones labels, weights i4";
    assert!(shown.stdout.contains(words), "{shown:?}");
}

#[test]
fn data_that_do_not_fit_a_classifier_are_refused() {
    let place = workplace();
    let at = |name: &str| place.path().join(name);
    write_labelled(&at("other.safetensors"), 50);
    fs::create_dir(at("unlabelled")).unwrap();
    let images = Dataset::load(Some(&at("data"))).unwrap().test.images;
    for name in ["train", "t10k"] {
        let file = at(&format!("unlabelled/{name}-images-idx3-ubyte"));
        write_images(&file, &images).unwrap();
    }
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("labels.safetensors", &[], &["72 pixels", "784"]),
        (
            "other.safetensors",
            &["--data", "data"],
            &["other.safetensors", "50 pixels", "72 pixels"],
        ),
        (
            "labels.safetensors",
            &["--data", "unlabelled"],
            &["labels", "none"],
        ),
        (
            "labels.safetensors",
            &["--data", "data", "--beta", "1"],
            &["--beta", "Ising"],
        ),
        (
            "labels.safetensors",
            &["--data", "data", "--rule", "hebb"],
            &["--rule", "--hopfield"],
        ),
    ];
    for (model, options, words) in cases {
        let arguments = ["firmware", "export", model, "--to", "x.bsp"];
        let arguments: Vec<_> = arguments.iter().chain(*options).copied().collect();
        refused(place.path(), &arguments, words);
        assert!(!at("x.bsp").exists(), "{model}");
    }
}
