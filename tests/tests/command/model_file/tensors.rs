//! The tensors of a file: their types, shapes and numbers, and what is said of wrong or missing ones.

use bitspin::model_file::RbmFile;
use safetensors::tensor::Dtype;

use super::{W, f32s, f64s, file_of, good, problem, raw};

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
fn rounded_float64_is_said() {
    let mut tensors = good();
    tensors[1] = ("v_bias", Dtype::F64, vec![3], f64s(&[0.1, 0.5, 1.0]));
    let (_, notes) = RbmFile::from_bytes_noted(&file_of(&tensors)).unwrap();
    assert_eq!(notes, ["its float64 numbers are rounded to float32"]);
    tensors[1] = ("v_bias", Dtype::F64, vec![3], f64s(&[0.25, 0.5, 1.0]));
    let (_, notes) = RbmFile::from_bytes_noted(&file_of(&tensors)).unwrap();
    assert!(notes.is_empty());
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
