//! Whole model files: what other programs write, and every way in which a file can be wrong.

use std::collections::HashMap;
use std::fs;
use std::process::Command;

use bitspin::model_file::{ModelFileError, ModelProblem, RbmFile, RbmParameters};
use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView, serialize};

/// A tensor as a test writes it: name, type, shape, bytes.
type Written = (&'static str, Dtype, Vec<usize>, Vec<u8>);

fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn f64s(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// The tensors of a model of 3 visible and 2 hidden units.
fn good() -> Vec<Written> {
    vec![
        ("W", Dtype::F32, vec![2, 3], f32s(&[0.5; 6])),
        ("v_bias", Dtype::F32, vec![3], f32s(&[1.0, 2.0, 3.0])),
        ("h_bias", Dtype::F32, vec![2], f32s(&[-1.0, -2.0])),
    ]
}

/// A file as the safetensors crate writes it.
fn file_of(tensors: &[Written]) -> Vec<u8> {
    let views = tensors.iter().map(|(name, dtype, shape, data)| {
        let view = TensorView::new(*dtype, shape.clone(), data).unwrap();
        (*name, view)
    });
    serialize(views, None).unwrap()
}

/// A file of any header, right or wrong, and any data.
fn raw(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn problem(bytes: &[u8]) -> String {
    let message = RbmFile::from_bytes(bytes).unwrap_err().to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

/// What is said of the good model with tensor `index` in another form.
fn problem_with(index: usize, dtype: Dtype, shape: &[usize], data: Vec<u8>) -> String {
    let mut tensors = good();
    tensors[index] = (tensors[index].0, dtype, shape.to_vec(), data);
    problem(&file_of(&tensors))
}

#[test]
fn a_file_of_the_crate_is_read() {
    let mut tensors = good();
    tensors.push(("label_bias", Dtype::I64, vec![1], vec![0; 8]));
    let read = RbmFile::from_bytes(&file_of(&tensors)).unwrap();
    assert_eq!((read.parameters.visible, read.parameters.hidden), (3, 2));
    assert_eq!(read.parameters.w, [0.5; 6]);
    assert_eq!(read.parameters.visible_bias, [1.0, 2.0, 3.0]);
    assert_eq!(read.parameters.hidden_bias, [-1.0, -2.0]);
    assert!(read.metadata.is_empty());
}

#[test]
fn float64_is_rounded_to_float32() {
    let mut tensors = good();
    let values = [0.1, 1e-300, 2.0, -3.0, 1e38, 0.5];
    tensors[0] = ("W", Dtype::F64, vec![2, 3], f64s(&values));
    let read = RbmFile::from_bytes(&file_of(&tensors)).unwrap();
    assert_eq!(read.parameters.w, values.map(|value| value as f32));
    let values = [0.0, 0.0, 0.0, 0.0, 0.0, 1e300];
    let message = problem_with(0, Dtype::F64, &[2, 3], f64s(&values));
    assert!(message.contains("tensor W holds 1000"), "{message}");
    assert!(message.contains("at [1, 2]"), "{message}");
}

#[test]
fn wrong_tensors_are_named() {
    let cases = [
        (
            problem_with(0, Dtype::I16, &[2, 3], vec![0; 12]),
            "tensor W has numbers of type I16 where F32, F16, BF16 or F64 was expected",
        ),
        (
            problem_with(0, Dtype::F32, &[6], f32s(&[0.0; 6])),
            "tensor W has shape [6] where [hidden, visible] was expected",
        ),
        (
            problem_with(1, Dtype::F32, &[1, 3], f32s(&[0.0; 3])),
            "tensor v_bias has shape [1, 3] where [visible] was expected",
        ),
        (
            problem_with(2, Dtype::F32, &[], f32s(&[0.0])),
            "tensor h_bias has shape [] where [hidden] was expected",
        ),
        (
            problem_with(0, Dtype::F32, &[3, 1], f32s(&[0.0; 3])),
            "tensor v_bias has 3 elements where W [3, 1] asks for 1",
        ),
        (
            problem_with(2, Dtype::F32, &[3], f32s(&[0.0; 3])),
            "tensor h_bias has 3 elements where W [2, 3] asks for 2",
        ),
        (
            problem_with(0, Dtype::F32, &[0, 3], vec![]),
            "tensor W has shape [0, 3]: a model needs at least one unit of each kind",
        ),
        (
            problem_with(0, Dtype::F64, &[2, 0], vec![]),
            "tensor W has shape [2, 0]: a model needs at least one unit of each kind",
        ),
        (
            problem_with(1, Dtype::F32, &[3], f32s(&[0.0, f32::NAN, 0.0])),
            "tensor v_bias holds NaN at [1], where a finite float32 was expected",
        ),
        (
            problem_with(2, Dtype::F64, &[2], f64s(&[0.0, f64::NEG_INFINITY])),
            "tensor h_bias holds -inf at [1], where a finite float32 was expected",
        ),
    ];
    for (message, expected) in cases {
        assert_eq!(message, expected);
    }
}

#[test]
fn missing_tensors_are_named_beside_those_that_are_there() {
    for missing in 0..3 {
        let mut tensors = good();
        let (name, ..) = tensors.remove(missing);
        let message = problem(&file_of(&tensors));
        assert!(
            message.starts_with(&format!("no tensor {name};")),
            "{message}"
        );
    }
    let other = [("conv\n1.weight", Dtype::F32, vec![1], f32s(&[0.0]))];
    let message = problem(&file_of(&other));
    assert!(message.ends_with(r"holds conv\n1.weight"), "{message}");
    assert!(problem(&raw("{}", &[])).ends_with("holds none"));
}

#[test]
fn what_is_no_safetensors_file_is_refused() {
    assert!(matches!(RbmFile::from_bytes(&[]), Err(ModelProblem::Empty)));
    let others: [&[u8]; 6] = [
        b"PK\x03\x04 a PyTorch file of the older kind",
        b"\x89PNG\r\n\x1a\n and what follows",
        b"epoch,seconds\n1,0.3\n",
        &[0; 64],
        &[255; 64],
        &raw("[1, 2, 3]", &[]),
    ];
    for bytes in others {
        let message = problem(bytes);
        assert!(message.starts_with("not a safetensors file"), "{message}");
    }
    for header in ["{", "{\"W\": 1}", "{\"\n\": {}}", "{\u{1}}"] {
        let message = problem(&raw(header, &[]));
        assert!(message.starts_with("not a safetensors file"), "{message}");
    }
}

#[test]
fn claims_beyond_the_file_are_refused_without_memory() {
    // A header said to be 90 MB long, one of the length u64::MAX, and a tensor of 2^60 numbers.
    let mut long = 90_000_000_u64.to_le_bytes().to_vec();
    long.extend(b"{}");
    assert_eq!(
        problem(&long),
        "cut short: 90000008 bytes were expected, 10 found"
    );
    let mut longest = u64::MAX.to_le_bytes().to_vec();
    longest.extend(b"{}");
    assert!(problem(&longest).starts_with("not a safetensors file"));
    for shape in [1_u64 << 60, u64::MAX] {
        let header = format!(
            r#"{{"W":{{"dtype":"F32","shape":[{shape},1],"data_offsets":[0,{}]}}}}"#,
            shape.saturating_mul(4)
        );
        problem(&raw(&header, &[0; 8]));
    }
    let header = r#"{"W":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#;
    problem(&raw(header, &[0; 12]));
}

#[test]
fn every_truncation_and_every_addition_is_refused() {
    let bytes = file_of(&good());
    assert!(RbmFile::from_bytes(&bytes).is_ok());
    for length in 1..bytes.len() {
        let message = problem(&bytes[..length]);
        assert!(message.starts_with("cut short"), "{length}: {message}");
    }
    let mut long = bytes.clone();
    long.push(0);
    let (expected, found) = (bytes.len(), long.len());
    let message = format!("too long: {expected} bytes were expected, {found} found");
    assert_eq!(problem(&long), message);
}

#[test]
fn loading_names_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("none.safetensors");
    let error: ModelFileError = RbmFile::load(&missing).unwrap_err();
    assert!(error.to_string().contains("none.safetensors: cannot be"));
    let error = RbmFile::load(directory.path()).unwrap_err();
    assert!(matches!(error.problem, ModelProblem::Input(_)), "{error}");

    let path = directory.path().join("model.safetensors");
    let bytes = file_of(&good());
    fs::write(&path, &bytes).unwrap();
    assert_eq!(
        RbmFile::load(&path).unwrap(),
        RbmFile::from_bytes(&bytes).unwrap()
    );
    for length in [0, 7, 8, 9, bytes.len() - 1] {
        fs::write(&path, &bytes[..length]).unwrap();
        let loaded = RbmFile::load(&path).unwrap_err().problem.to_string();
        assert_eq!(loaded, problem(&bytes[..length]), "{length}");
    }
}

/// A model whose metadata has many keys, which a hash map would write in another order in every process.
fn many_settings() -> RbmFile {
    let metadata = (0..40).map(|key| (format!("setting-{key}"), key.to_string()));
    RbmFile {
        parameters: RbmParameters {
            visible: 2,
            hidden: 1,
            w: vec![1.0, 2.0],
            visible_bias: vec![0.0; 2],
            hidden_bias: vec![0.5],
        },
        metadata: metadata.collect(),
    }
}

#[test]
fn another_process_writes_the_same_bytes() {
    const OUT: &str = "BITSPIN_TEST_MODEL_OUT";
    let bytes = many_settings().to_bytes().unwrap();
    if let Some(path) = std::env::var_os(OUT) {
        fs::write(path, bytes).unwrap();
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.safetensors");
    let status = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "model_file::another_process_writes_the_same_bytes",
        ])
        .env(OUT, &path)
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    assert_eq!(fs::read(&path).unwrap(), bytes);
    let metadata: HashMap<String, String> = many_settings().metadata.into_iter().collect();
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    assert_eq!(header.metadata().as_ref(), Some(&metadata));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        (visible, hidden, w, b, c) in (1_usize..20, 1_usize..20).prop_flat_map(|(visible, hidden)| {
            let finite = || prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO;
            (
                Just(visible),
                Just(hidden),
                prop::collection::vec(finite(), visible * hidden),
                prop::collection::vec(finite(), visible),
                prop::collection::vec(finite(), hidden),
            )
        }),
        metadata in prop::collection::btree_map(".*", ".*", 0..6),
    ) {
        let parameters = RbmParameters { visible, hidden, w, visible_bias: b, hidden_bias: c };
        let file = RbmFile { parameters, metadata };
        let bytes = file.to_bytes().unwrap();
        prop_assert_eq!(&RbmFile::from_bytes(&bytes).unwrap(), &file);
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let weights = tensors.tensor("W").unwrap();
        prop_assert_eq!(weights.shape(), [hidden, visible]);
    }

    #[test]
    fn damaged_bytes_never_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        keep in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = many_settings().to_bytes().unwrap();
        for (place, value) in damage {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        if cut {
            bytes.truncate(keep.index(bytes.len()));
        }
        match RbmFile::from_bytes(&bytes) {
            Ok(read) => prop_assert!(read.parameters.check().is_ok()),
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
    }

    #[test]
    fn any_bytes_never_panic(header in "\\{.{0,60}", data in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = RbmFile::from_bytes(&data);
        let _ = RbmFile::from_bytes(&raw(&header, &data));
    }
}

fn f16s(values: &[f32]) -> Vec<u8> {
    // Exact in both formats: one bit of sign, 5 of exponent, 10 of fraction.
    let half = |&v: &f32| {
        let bits = v.to_bits();
        let exponent = (bits >> 23 & 0xff) as i32 - 127 + 15;
        let rest = exponent << 10 | (bits >> 13 & 0x3ff) as i32;
        let sign = (bits >> 16 & 0x8000) as u16;
        let rest = if v == 0.0 { 0 } else { rest as u16 };
        (sign | rest).to_le_bytes()
    };
    values.iter().flat_map(half).collect()
}

fn bf16s(values: &[f32]) -> Vec<u8> {
    let top = |v: &f32| ((v.to_bits() >> 16) as u16).to_le_bytes();
    values.iter().flat_map(top).collect()
}

const W: [f32; 6] = [0.5, -1.5, 2.0, 0.0, -0.25, 3.0];

/// A model of 3 visible and 2 hidden units under other names, W as given.
fn named(names: [&'static str; 3], shape: [usize; 2], w: &[f32]) -> Vec<u8> {
    file_of(&[
        (names[0], Dtype::F32, shape.to_vec(), f32s(w)),
        (names[1], Dtype::F32, vec![3], f32s(&[1.0, 2.0, 3.0])),
        (names[2], Dtype::F32, vec![2], f32s(&[-1.0, -2.0])),
    ])
}

/// Case 18.
#[test]
fn half_precision_is_read_exactly() {
    type Writer = fn(&[f32]) -> Vec<u8>;
    let kinds: [(Dtype, Writer); 2] = [(Dtype::F16, f16s), (Dtype::BF16, bf16s)];
    for (dtype, write) in kinds {
        let file = file_of(&[
            ("W", dtype, vec![2, 3], write(&W)),
            ("v_bias", dtype, vec![3], write(&[1.0, 2.0, -3.0])),
            ("h_bias", dtype, vec![2], write(&[-1.0, 0.125])),
        ]);
        let (read, notes) = RbmFile::from_bytes_noted(&file).unwrap();
        assert_eq!(read.parameters.w, W, "{dtype}");
        assert_eq!(read.parameters.visible_bias, [1.0, 2.0, -3.0], "{dtype}");
        assert_eq!(read.parameters.hidden_bias, [-1.0, 0.125], "{dtype}");
        assert!(notes.is_empty(), "{notes:?}");
        let w = write(&[0.0, -1.5, -1.5, 0.0]);
        let file = file_of(&[
            ("w", dtype, vec![2, 2], w),
            ("h", dtype, vec![2], write(&[0.5, 2.0])),
        ]);
        let read = bitspin::model_file::IsingFile::from_bytes(&file, false).unwrap();
        assert_eq!(
            (&read.w[..], &read.h[..]),
            (&[0.0, -1.5, -1.5, 0.0][..], &[0.5, 2.0][..])
        );
    }
    let infinite = [0x00, 0x7c];
    let message = problem_with(2, Dtype::F16, &[2], [infinite, infinite].concat());
    assert!(
        message.contains("tensor h_bias holds inf at [0]"),
        "{message}"
    );
    let message = problem_with(2, Dtype::BF16, &[2], vec![0, 0, 0xc0, 0x7f]);
    assert!(
        message.contains("tensor h_bias holds NaN at [1]"),
        "{message}"
    );
}

#[test]
fn rounded_float64_is_said() {
    let mut tensors = good();
    tensors[1] = ("v_bias", Dtype::F64, vec![3], f64s(&[0.1, 0.5, 1.0]));
    let (_, notes) = RbmFile::from_bytes_noted(&file_of(&tensors)).unwrap();
    assert_eq!(notes, ["its float64 numbers are rounded to float32"]);
    tensors[1] = ("v_bias", Dtype::F64, vec![3], f64s(&[0.25, 0.5, 1.0]));
    let (_, notes) = RbmFile::from_bytes_noted(&file_of(&tensors)).unwrap();
    assert!(notes.is_empty());
}

/// Case 18: names and layouts of other programs, with what is said of them.
#[test]
fn names_of_other_programs_are_read_and_said() {
    let transposed = [0.5, 0.0, -1.5, -0.25, 2.0, 3.0];
    for (names, shape, w, said) in [
        (
            ["components_", "intercept_visible_", "intercept_hidden_"],
            [2, 3],
            &W,
            "scikit-learn",
        ),
        (
            ["weight_matrix", "vbias", "hbias"],
            [3, 2],
            &transposed,
            "W is [visible, hidden], the names of rbms",
        ),
        (
            ["rbm.W", "rbm.v_bias", "rbm.h_bias"],
            [2, 3],
            &W,
            "W is tensor rbm.W, v_bias is rbm.v_bias",
        ),
        (
            ["a.b.weight", "a.b.vbias", "a.b.hidden_bias"],
            [2, 3],
            &W,
            "h_bias is a.b.hidden_bias",
        ),
        (
            ["W", "v_bias", "h_bias"],
            [3, 2],
            &transposed,
            "W is [visible, hidden]",
        ),
    ] {
        let (read, notes) = RbmFile::from_bytes_noted(&named(names, shape, w)).unwrap();
        assert_eq!(
            (read.parameters.visible, read.parameters.hidden),
            (3, 2),
            "{names:?}"
        );
        assert_eq!(read.parameters.w, W, "{names:?}");
        assert_eq!(read.parameters.visible_bias, [1.0, 2.0, 3.0], "{names:?}");
        assert!(
            notes.len() == 1 && notes[0].contains(said),
            "{names:?}: {notes:?}"
        );
    }
    let (_, notes) =
        RbmFile::from_bytes_noted(&named(["W", "v_bias", "h_bias"], [2, 3], &W)).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn what_other_names_leave_open_is_refused() {
    let square = |names: [&'static str; 3]| {
        file_of(&[
            (
                names[0],
                Dtype::F32,
                vec![2, 2],
                f32s(&[1.0, 2.0, 3.0, 4.0]),
            ),
            (names[1], Dtype::F32, vec![2], f32s(&[0.0; 2])),
            (names[2], Dtype::F32, vec![2], f32s(&[0.0; 2])),
        ])
    };
    let message = problem(&square(["net.weight", "net.v_bias", "net.h_bias"]));
    assert!(
        message.contains("net.weight has shape [2, 2]") && message.contains("rows are hidden"),
        "{message}"
    );
    let w = |names| RbmFile::from_bytes(&square(names)).unwrap().parameters.w;
    assert_eq!(
        w(["components_", "intercept_visible_", "intercept_hidden_"]),
        [1.0, 2.0, 3.0, 4.0]
    );
    assert_eq!(w(["weight_matrix", "vbias", "hbias"]), [1.0, 3.0, 2.0, 4.0]);

    let mut two = Vec::new();
    for names in [
        ["a.W", "a.v_bias", "a.h_bias"],
        ["b.W", "b.v_bias", "b.h_bias"],
    ] {
        two.push((names[0], Dtype::F32, vec![2, 3], f32s(&W)));
        two.push((names[1], Dtype::F32, vec![3], f32s(&[0.0; 3])));
        two.push((names[2], Dtype::F32, vec![2], f32s(&[0.0; 2])));
    }
    assert_eq!(
        problem(&file_of(&two)),
        "expected one model, found several: a.W and b.W"
    );
    two.extend(good());
    assert_eq!(
        RbmFile::from_bytes(&file_of(&two)).unwrap().parameters.w,
        [0.5; 6]
    );

    let names = ["components_", "intercept_visible_", "intercept_hidden_"];
    let message = problem(&named(names, [2, 3], &[0.5, f32::NAN, 0.0, 0.0, 0.0, 0.0]));
    assert!(
        message.contains("tensor W holds NaN at [0, 1]")
            && message.contains("W is tensor components_"),
        "{message}"
    );
    let message = problem(&named(["kernel", "bias_v", "bias_h"], [2, 3], &W));
    assert!(
        message.contains("no tensor W")
            && message.contains("scikit-learn")
            && message.contains("kernel"),
        "{message}"
    );
}
