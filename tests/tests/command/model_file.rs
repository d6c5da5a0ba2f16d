//! Whole model files: what other programs write, and every way in which a file can be wrong.

mod damaged;
mod other_programs;
mod tensors;
mod written;

use bitspin::model_file::{RbmFile, RbmParameters};
use safetensors::tensor::{Dtype, TensorView, serialize};

/// A tensor as a test writes it: name, type, shape, bytes.
type Written = (&'static str, Dtype, Vec<usize>, Vec<u8>);

fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn f64s(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

const W: [f32; 6] = [0.5, -1.5, 2.0, 0.0, -0.25, 3.0];

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
