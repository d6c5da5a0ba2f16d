//! `bitspin device` against a board on a socket: what it finds equal, what it finds wrong, and how it ends without an answer.

mod ports;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bitspin::BitMatrix;
use bitspin::data::{Binarisation, DIGITS, Dataset};
use bitspin::firmware::{BlobFile, CouplingFormat, FirmwareIsing, FirmwareMemory, rbm};
use bitspin::hopfield::Rule;
use bitspin::ising::file::{Couplings, Problem};
use bitspin::model_file::{DataRecord, RbmFile};
use bitspin::train::initial_parameters;
use bitspin_core::blob::{Blob, IsingWeights};
use bitspin_core::rbm::WeightFormat;
use bitspin_core::rbm::compact::CompactLabelled;
use bitspin_core::rng::Purpose;
use bitspin_tests::board::{Board, Fault};
use bitspin_tests::command::{Outcome, refused, run};
use tempfile::TempDir;

/// Five digits of 28 x 28 pixels, an RBM of 14 x 14 whose weights are random, a ring of 70 spins with a field, and an RBM
/// of 14 x 14 with ten labels.
fn models() -> [BlobFile; 4] {
    let digits = Dataset::load(None).unwrap().train.images.first(5);
    let how = Binarisation::Threshold(0.5);
    let patterns = BitMatrix::binarise(&digits, how, 0, Purpose::Evaluation);
    let memory = FirmwareMemory::store(Rule::Covariance, CouplingFormat::I8, &patterns).unwrap();
    let mut parameters = initial_parameters(196, 30, 5);
    parameters.w.iter_mut().for_each(|w| *w *= 60.0);
    let small = rbm::compact(&parameters, WeightFormat::I8).unwrap();
    let mut ring: Vec<_> = (1..70).map(|j| (j - 1, j, 1.0)).collect();
    ring.insert(1, (0, 69, -0.5));
    let ring = Couplings {
        h: [0.25; 70].to_vec(),
        edges: ring,
        problem: Problem::Ising,
    };
    let ring = FirmwareIsing::new(&ring, IsingWeights::I8).unwrap();
    let mut labelled = initial_parameters(206, 20, 6);
    labelled.w.iter_mut().for_each(|w| *w *= 40.0);
    let labelled = rbm::compact(&labelled, WeightFormat::I4).unwrap();
    let labelled = CompactLabelled::new(labelled, 10).unwrap();
    [
        BlobFile::new(&memory.blob()).unwrap(),
        BlobFile::new(&Blob::Rbm(small.as_borrowed())).unwrap(),
        BlobFile::new(&ring.blob().unwrap()).unwrap(),
        BlobFile::new(&Blob::Labelled(labelled.as_borrowed())).unwrap(),
    ]
}

/// A board, and a directory with its models in `memory.bsp`, `rbm.bsp`, `ising.bsp` and `labelled.bsp`.
struct Bench {
    board: Board,
    place: TempDir,
}

impl Bench {
    fn new(fault: Fault) -> Self {
        let models = models();
        let place = tempfile::tempdir().unwrap();
        let names = ["memory.bsp", "rbm.bsp", "ising.bsp", "labelled.bsp"];
        for (name, model) in names.iter().zip(&models) {
            fs::write(place.path().join(name), model.bytes()).unwrap();
        }
        let [memory, rbm, ising, labelled] = &models;
        Self {
            board: Board::start([memory, rbm, ising, labelled], -(20 << 16), fault),
            place,
        }
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        device(self.place.path(), &self.board.port(), arguments)
    }

    /// One line on standard error, exit code 1, that holds every one of `words`.
    fn fails(&self, arguments: &[&str], words: &[&str]) {
        failed(&self.run(arguments), arguments, words);
    }
}

fn device(place: &Path, port: &str, arguments: &[&str]) -> Outcome {
    let fixed = ["device", "--port", port, "--timeout", "0.4"];
    run(place, fixed.iter().chain(arguments))
}

fn failed(outcome: &Outcome, arguments: &[&str], words: &[&str]) {
    assert_eq!(outcome.code, Some(1), "{arguments:?}: {outcome:?}");
    assert_eq!(
        outcome.stderr.lines().count(),
        1,
        "{arguments:?}: {outcome:?}"
    );
    assert_eq!(outcome.stdout, "", "{arguments:?}");
    for word in words {
        assert!(
            outcome.stderr.contains(word),
            "{arguments:?}: no '{word}' in {}",
            outcome.stderr
        );
    }
}

const SPINS: &[&str] = &["sample", "--ising", "--beta", "0.7"];

const ALL: [&[&str]; 6] = [
    &["recall", "--json"],
    &["recall", "--network", "pairs", "--json"],
    &["sample", "--steps", "60", "--every", "7", "--json"],
    &["score", "--count", "4", "--json"],
    &["classify", "--count", "4", "--json"],
    &[
        "sample",
        "--ising",
        "--beta",
        "0.7",
        "--rule",
        "metropolis",
        "--steps",
        "60",
        "--every",
        "7",
        "--json",
    ],
];

#[test]
fn a_board_that_agrees_is_reported_as_identical() {
    let bench = Bench::new(Fault::None);
    let info = bench.run(&["info", "--json"]).json();
    assert_eq!(
        (&info["board"], &info["protocol"]),
        (&"test board".into(), &2.into())
    );
    assert_eq!(info["memory"]["patterns"], 5);
    assert_eq!(
        (&info["rbm"]["visible"], &info["rbm"]["hidden"]),
        (&196.into(), &30.into())
    );

    let ising = &info["ising"];
    assert_eq!(
        (&ising["units"], &ising["fraction_bits"]),
        (&70.into(), &2.into())
    );

    let [recall, pairs, sample, score, classify, spins] =
        ALL.map(|arguments| bench.run(arguments).json());
    for told in [&recall, &pairs, &sample, &score, &classify, &spins] {
        assert_eq!(told["equal"], true);
    }
    assert_eq!(
        (&recall["patterns"], &recall["exact"]),
        (&5.into(), &5.into())
    );
    assert!(recall["recalls"][0]["overlap_before"].as_f64().unwrap() < 0.8);
    assert_eq!(recall["ticks_per_sweep"], 100);
    assert!(
        pairs["exact"].as_u64().unwrap() < 5,
        "digits look alike to pairs"
    );
    assert_eq!(
        (&sample["steps"], &sample["compared"]),
        (&60.into(), &9.into())
    );
    assert_eq!(sample["ticks_per_step"], 10);
    assert_eq!(
        (
            &spins["sweeps"],
            &spins["compared"],
            &spins["ticks_per_sweep"]
        ),
        (&60.into(), &9.into(), &20.into())
    );
    let classifier = &info["classifier"];
    assert_eq!(
        (&classifier["pixels"], &classifier["classes"]),
        (&196.into(), &10.into())
    );
    let images = classify["images"].as_array().unwrap();
    assert_eq!(
        (images.len(), classify["noise"].as_array().unwrap().len()),
        (4, 4)
    );
    assert!(
        images
            .iter()
            .all(|image| image["class"].as_u64().unwrap() < 10)
    );
    assert!(classify["wrong"].as_u64().unwrap() <= 4);
    assert_eq!(classify["ticks_per_classification"], 40);
    // Cold enough that most neighbours agree: 70 couplings and fields of a quarter.
    assert!(spins["energy"].as_f64().unwrap() < -35.0, "{spins}");
    assert_eq!(
        (
            score["images"].as_array().unwrap().len(),
            score["ticks_per_score"].as_u64()
        ),
        (4, Some(30))
    );
    for arguments in ALL {
        let told = bench.run(&arguments[..arguments.len() - 1]);
        assert_eq!(told.code, Some(0), "{told:?}");
        assert!(
            told.stdout.contains("identical to this computer's"),
            "{told:?}"
        );
    }
}

#[test]
fn a_named_blob_must_be_the_one_on_the_board() {
    let bench = Bench::new(Fault::None);
    for (command, own, other) in [
        ("recall", "memory.bsp", "rbm.bsp"),
        ("sample", "rbm.bsp", "memory.bsp"),
        ("score", "rbm.bsp", "memory.bsp"),
        ("classify", "labelled.bsp", "rbm.bsp"),
    ] {
        assert_eq!(
            bench.run(&[command, "--model", own, "--json"]).json()["equal"],
            true
        );
        bench.fails(&[command, "--model", other], &["a different model", other]);
    }
    let named = |file| [SPINS, &["--model", file, "--json"]].concat();
    assert_eq!(bench.run(&named("ising.bsp")).json()["equal"], true);
    bench.fails(&named("rbm.bsp"), &["a different model", "rbm.bsp"]);
    let place = bench.place.path();
    fs::write(place.join("none.bsp"), "none").unwrap();
    let port = bench.board.port();
    for file in ["none.bsp", "missing.bsp"] {
        refused(
            place,
            &["device", "--port", &port, "sample", "--model", file],
            &[file],
        );
    }
}

#[test]
fn invalid_temperatures_are_refused() {
    let bench = Bench::new(Fault::None);
    let port = bench.board.port();
    for beta in ["-1", "nan", "inf"] {
        let sample = [
            "device", "--port", &port, "sample", "--ising", "--beta", beta,
        ];
        refused(bench.place.path(), &sample, &["--beta", "finite"]);
    }
}

#[test]
fn pictures_are_stored_and_recalled() {
    let bench = Bench::new(Fault::None);
    let place = bench.place.path();
    let digits = Dataset::load(None).unwrap().train.images;
    for at in [20, 21, 22] {
        write_png(&place.join(format!("{at}.png")), 28, digits.image(at));
    }
    write_png(&place.join("small.png"), 4, &[200; 16]);
    let told = bench
        .run(&[
            "recall",
            "--pictures",
            "20.png",
            "21.png",
            "--store",
            "--json",
        ])
        .json();
    assert_eq!((&told["patterns"], &told["exact"]), (&2.into(), &2.into()));
    let unknown = bench
        .run(&["recall", "--pictures", "20.png", "--json"])
        .json();
    assert_eq!(
        (&unknown["equal"], &unknown["exact"]),
        (&true.into(), &0.into())
    );
    bench.fails(
        &[
            "recall",
            "--store",
            "--pictures",
            "20.png",
            "21.png",
            "22.png",
        ],
        &["full", "7 patterns"],
    );
    let port = bench.board.port();
    let small = [
        "device",
        "--port",
        &port,
        "recall",
        "--pictures",
        "small.png",
    ];
    refused(place, &small, &["784 units", "16 pixels"]);
}

fn write_png(path: &Path, side: u32, grey: &[u8]) {
    let mut encoder = png::Encoder::new(fs::File::create(path).unwrap(), side, side);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(grey).unwrap();
}

#[test]
fn the_last_state_is_drawn() {
    let bench = Bench::new(Fault::None);
    let told = bench.run(&["sample", "--steps", "3", "--out", "sample.png"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let bytes = fs::read(bench.place.path().join("sample.png")).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
    let port = bench.board.port();
    let again = ["device", "--port", &port, "sample", "--out", "sample.png"];
    refused(bench.place.path(), &again, &["sample.png", "--force"]);
}

#[test]
fn lost_partial_and_stale_answers_do_no_harm() {
    for fault in [
        Fault::LoseEvery(5),
        Fault::LoseEvery(2),
        Fault::HalfFrames,
        Fault::Stale,
    ] {
        let bench = Bench::new(fault);
        for arguments in ALL {
            // With every other answer lost a blob takes long, so that the files are named.
            let ising = arguments.contains(&"--ising");
            let file = match arguments[0] {
                "recall" => "memory.bsp",
                "classify" => "labelled.bsp",
                _ if ising => "ising.bsp",
                _ => "rbm.bsp",
            };
            let few: &[&str] = match arguments[0] {
                "sample" if ising => &["--ising", "--every", "20"],
                "sample" => &["--every", "20"],
                "score" | "classify" => &["--count", "1"],
                _ => &["--patterns", "2"],
            };
            let fixed: Vec<_> = arguments[..1].iter().chain(few).copied().collect();
            let arguments: Vec<_> = fixed
                .into_iter()
                .chain(["--model", file, "--json"])
                .collect();
            let told = bench.run(&arguments).json();
            assert_eq!(told["equal"], true, "{fault:?}");
        }
    }
}

#[test]
fn results_that_differ_from_this_computer_are_reported() {
    let recall: &[&str] = &["recall"];
    let (sample, score): (&[&str], &[&str]) = (&["sample"], &["score"]);
    for (fault, arguments, words) in [
        (
            Fault::WrongSpin,
            recall,
            &["pattern 0", "1 units differ", "unit 783"][..],
        ),
        (Fault::WrongFlips, recall, &["pattern 0", "flips"]),
        (
            Fault::WrongHidden,
            sample,
            &["hidden", "after 10 steps", "unit 0"],
        ),
        (Fault::ExtraStep, sample, &["visible", "after 10 steps"]),
        (
            Fault::WrongSite,
            SPINS,
            &["spins", "after 10 sweeps", "1 units differ", "unit 5"],
        ),
        (Fault::WrongEnergy, SPINS, &["energy", "after 10 sweeps"]),
        (Fault::WrongChecksum, SPINS, &["checksum"]),
        (Fault::DamagedBlob, SPINS, &["model is damaged", "checksum"]),
        (
            Fault::WrongLogit,
            &["classify"],
            &["vector 0", "logit", "class 9"],
        ),
        (Fault::WrongClass, &["classify"], &["vector 0", "has class"]),
        (
            Fault::WrongLabelEnergy,
            &["classify"],
            &["vector 0", "the energy"],
        ),
        (Fault::WrongChecksum, &["classify"], &["checksum"]),
        (
            Fault::DamagedBlob,
            &["classify"],
            &["model is damaged", "checksum"],
        ),
        (Fault::NoModels, &["classify"], &["no RBM with label units"]),
        (
            Fault::Refuses,
            &["classify"],
            &["refused", "cannot do this"],
        ),
        (Fault::NoModels, SPINS, &["no Ising model"]),
        (Fault::WrongFreeEnergy, score, &["vector 0", "free energy"]),
        (
            Fault::DamagedBlob,
            recall,
            &["model is damaged", "checksum"],
        ),
        (
            Fault::DamagedBlob,
            sample,
            &["model is damaged", "checksum"],
        ),
        (Fault::WrongChecksum, sample, &["checksum"]),
        (Fault::NoModels, recall, &["no Hopfield memory"]),
        (Fault::NoModels, sample, &["no RBM"]),
        (Fault::NoModels, score, &["no RBM"]),
        (Fault::Refuses, sample, &["refused", "cannot do this"]),
        (Fault::HangsUp, recall, &["closed the connection"]),
        (Fault::Version, &["info"], &["version 3", "2 was expected"]),
        (Fault::Silent, &["info"], &["no answer", "serve"]),
        (Fault::Garbage, &["info"], &["bytes came", "baud"]),
    ] {
        let bench = Bench::new(fault);
        let port = bench.board.port();
        let words: Vec<_> = words.iter().copied().chain([&port[..]]).collect();
        bench.fails(arguments, &words);
    }
}

#[test]
fn data_are_prepared_as_the_exported_model_records() {
    let bench = Bench::new(Fault::None);
    let record = DataRecord {
        binarise: Some(Binarisation::Threshold(0.3)),
        halved: Some(true),
        ..DataRecord::new(DIGITS)
    };
    let mut metadata = BTreeMap::new();
    record.write(&mut metadata);
    let write = |name: &str, units: usize| {
        let file = RbmFile {
            parameters: initial_parameters(units, 2, 1),
            metadata: metadata.clone(),
        };
        fs::write(bench.place.path().join(name), file.to_bytes().unwrap()).unwrap();
    };
    write("trained.safetensors", 196);
    write("other.safetensors", 100);
    for command in ["score", "classify"] {
        let told = |more: &[&str]| {
            let outcome = bench.run(&[&[command, "--count", "3", "--json"], more].concat());
            let mut told = outcome.json();
            told.as_object_mut().unwrap().remove("recorded");
            (told, outcome.stderr)
        };
        let (by_record, note) = told(&["--trained", "trained.safetensors"]);
        assert_eq!(
            (by_record["binarise"].as_str(), note.as_str()),
            (Some("threshold=0.3"), "")
        );
        let (by_option, _) = told(&["--binarise", "threshold=0.3"]);
        assert_eq!(by_record["images"], by_option["images"]);
        let (default, note) = told(&[]);
        assert_eq!(default["binarise_seed"], 1);
        assert_ne!(by_record["images"], default["images"]);
        assert!(note.contains("stochastic pixels (--binarise)"), "{note}");
        let other = [command, "--count", "3", "--trained", "other.safetensors"];
        let refusal = bench.run(&other);
        assert_eq!(refusal.code, Some(2), "{refusal:?}");
        assert!(
            refusal.stderr.contains("100 visible units") && refusal.stderr.contains("196"),
            "{refusal:?}"
        );
    }
}
