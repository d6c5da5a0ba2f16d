//! Commands prepare data as the model's were prepared.

use std::fs;

use bitspin::model_file::{DataRecord, LabelledFile, RbmFile};
use bitspin_tests::command::refused;
use serde_json::Value;

use super::{bitspin, json, place, train, write_set};

const MODEL: &str = "out/model.safetensors";

/// What does not depend on how options came about.
fn figures(mut told: Value) -> Value {
    let told_object = told.as_object_mut().unwrap();
    told_object.remove("recorded");
    told
}

#[test]
fn a_model_is_evaluated_on_data_prepared_as_its_own_were() {
    let place = place();
    train(&place, "--binarise threshold=0.3");
    let file = RbmFile::load(place.path().join(MODEL)).unwrap();
    let record = DataRecord::read(&file.metadata).unwrap().unwrap();
    assert_eq!(record.data.as_deref(), Some("digits"));
    assert_eq!(record.picture, Some((4, 4)));
    for command in [
        "rbm eval out/model.safetensors",
        "rbm classify out/model.safetensors",
        "rbm complete out/model.safetensors --force",
        "rbm quantise out/model.safetensors --report",
    ] {
        let by_record = json(&place, command);
        assert_eq!(by_record["binarise"], "threshold=0.3", "{command}");
        assert_eq!(by_record["recorded"]["data"], "digits", "{command}");
        assert!(by_record["binarise_seed"].is_null());
        let given = "--data digits --binarise threshold=0.3";
        let by_option = json(&place, &format!("{command} {given}"));
        assert_eq!(figures(by_record.clone()), figures(by_option), "{command}");
        let other = json(&place, &format!("{command} --binarise stochastic --seed 5"));
        assert_eq!(other["binarise_seed"], 5);
        assert_ne!(figures(by_record), figures(other), "{command}");
    }
}

#[test]
fn an_option_that_contradicts_the_record_is_reported_in_one_line() {
    let place = place();
    write_set(&place.path().join("other"), 8, 7);
    train(&place, "--binarise threshold=0.3");
    let none = bitspin(&place, "rbm eval out/model.safetensors --data ./digits");
    assert_eq!((none.code, none.stderr.as_str()), (Some(0), ""));
    let told = bitspin(
        &place,
        "rbm eval out/model.safetensors --data other --halve --binarise stochastic",
    );
    assert_eq!(
        told.stderr,
        "note: --data other, --binarise stochastic, --halve=true: out/model.safetensors was trained on digits, \
         threshold=0.3 pixels, images of full size\n"
    );
    assert!(
        told.stdout.contains("stochastic pixels (seed 1)"),
        "{told:?}"
    );
}

#[test]
fn halving_is_recorded_and_undone_by_an_option() {
    let place = place();
    train(&place, "--halve");
    let told = json(&place, "rbm eval out/model.safetensors");
    assert_eq!(
        (&told["halved"], &told["visible"]),
        (&true.into(), &4.into())
    );
    refused(
        place.path(),
        &["rbm", "eval", MODEL, "--halve=false"],
        &[
            "4 visible units (trained on 4 x 4 images halved to 2 x 2)",
            "16 pixels",
        ],
    );
    // An export measures what it costs on images, not on the model's own samples.
    let export = json(
        &place,
        "firmware export out/model.safetensors --to model.bsp",
    );
    assert_eq!(export["loss"]["halved"], true);
    assert!(
        export["loss"]["data"]
            .as_str()
            .unwrap()
            .contains("20 held-out images (digits"),
        "{export}"
    );
}

#[test]
fn a_model_without_a_record_uses_reported_defaults() {
    let place = place();
    train(&place, "--binarise threshold=0.3");
    let mut file = RbmFile::load(place.path().join(MODEL)).unwrap();
    file.metadata = [("binarise".to_string(), "threshold=0.9".to_string())].into();
    fs::write(
        place.path().join("other.safetensors"),
        file.to_bytes().unwrap(),
    )
    .unwrap();
    let told = bitspin(&place, "rbm eval other.safetensors --data digits");
    assert_eq!(
        told.stderr,
        "note: other.safetensors does not record its training data; using stochastic pixels \
         (--binarise), images of full size (--halve)\n"
    );
    let export = bitspin(&place, "firmware export other.safetensors --to other.bsp");
    assert_eq!(export.code, Some(0));
    assert!(
        export.stderr.contains("measured on samples of the model")
            && export.stderr.contains("--halve"),
        "{export:?}"
    );
}

#[test]
fn what_version_0_1_0_recorded_is_used_and_data_that_are_gone_are_named() {
    let place = place();
    train(&place, "--binarise threshold=0.3");
    let mut file = RbmFile::load(place.path().join(MODEL)).unwrap();
    let old = [
        ("bitspin_version", "0.1.0"),
        ("data", "idx/\u{1b}[31m"),
        ("binarise", "threshold=0.3"),
    ];
    file.metadata = old.map(|(k, v)| (k.to_string(), v.to_string())).into();
    fs::write(
        place.path().join("old.safetensors"),
        file.to_bytes().unwrap(),
    )
    .unwrap();
    let told = bitspin(&place, "rbm eval old.safetensors --exact --json");
    assert_eq!(told.code, Some(0), "{told:?}");
    let told = json(&place, "rbm eval old.safetensors --data digits");
    assert_eq!(told["binarise"], "threshold=0.3");
    // The built-in digits do not fit; the name of the data that would is printed without its control characters.
    let sampled = bitspin(&place, "rbm sample old.safetensors --from-data");
    assert_eq!(sampled.code, Some(2));
    refused(
        place.path(),
        &["rbm", "eval", "old.safetensors"],
        &["16 visible units, but built-in MNIST sample has 784 pixels"],
    );
}

#[test]
fn damaged_records_are_refused() {
    let place = place();
    train(&place, "");
    let mut file = RbmFile::load(place.path().join(MODEL)).unwrap();
    file.metadata
        .insert("data_record".into(), "{\"version\":1,\n".into());
    fs::write(
        place.path().join("bad.safetensors"),
        file.to_bytes().unwrap(),
    )
    .unwrap();
    for command in ["eval", "classify"] {
        refused(
            place.path(),
            &["rbm", command, "bad.safetensors"],
            &["bad.safetensors", "data_record", "{\\\"version\\\":1,\\n"],
        );
    }
}

#[test]
fn models_that_are_made_from_models_keep_the_record() {
    let place = place();
    train(&place, "--labels --binarise threshold=0.3");
    let record = |name: &str| {
        let path = place.path().join(name);
        let metadata = match LabelledFile::load(&path) {
            Ok(Some(file)) => file.metadata,
            _ => RbmFile::load(&path).unwrap().metadata,
        };
        DataRecord::read(&metadata).unwrap().unwrap()
    };
    let labelled = record(MODEL);
    assert_eq!(labelled.label_names.as_deref().unwrap(), ["0", "1", "2"]);
    let told = json(
        &place,
        "rbm calibrate out/model.safetensors --out calibrated.safetensors",
    );
    assert_eq!(told["binarise"], "threshold=0.3");
    assert_eq!(record("calibrated.safetensors"), labelled);
    let told = json(&place, "rbm classify calibrated.safetensors");
    assert_eq!(told["binarise"], "threshold=0.3");
    let export = json(
        &place,
        "firmware export calibrated.safetensors --to labels.bsp",
    );
    assert_eq!(export["loss"]["binarise"], "threshold=0.3");
    train(&place, "--force --binarise threshold=0.3");
    json(
        &place,
        "rbm quantise out/model.safetensors --format i4 --out small.safetensors",
    );
    assert_eq!(record("small.safetensors"), record(MODEL));
    json(
        &place,
        "ising convert out/model.safetensors spins.safetensors",
    );
    let ising = bitspin::model_file::IsingFile::load(place.path().join("spins.safetensors"), false);
    let ising = DataRecord::read(&ising.unwrap().metadata).unwrap();
    assert_eq!(ising, Some(record(MODEL)));
}
