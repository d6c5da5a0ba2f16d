//! Unit tests; whole files, good and bad, are in the crate of cross-crate tests.

use super::*;

fn small() -> RbmFile {
    RbmFile {
        parameters: RbmParameters {
            visible: 3,
            hidden: 2,
            w: vec![1.0, -2.0, 3.5, 0.0, -0.0, 1e-40],
            visible_bias: vec![0.1, 0.2, 0.3],
            hidden_bias: vec![-1.0, f32::MAX],
        },
        metadata: BTreeMap::new(),
    }
}

#[test]
fn bytes_are_those_of_the_crate_where_its_order_is_fixed() {
    use safetensors::tensor::TensorView;
    let bytes_of = |values: &[f32]| -> Vec<u8> {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect()
    };
    let mut file = small();
    file.metadata.insert("seed".into(), "1".into());
    let RbmParameters {
        w,
        visible_bias,
        hidden_bias,
        ..
    } = &file.parameters;
    let (w, b, c) = (bytes_of(w), bytes_of(visible_bias), bytes_of(hidden_bias));
    let view = |shape: &[usize], data| TensorView::new(Dtype::F32, shape.to_vec(), data).unwrap();
    let tensors = [
        ("v_bias", view(&[3], &b)),
        ("W", view(&[2, 3], &w)),
        ("h_bias", view(&[2], &c)),
    ];
    let metadata = file.metadata.clone().into_iter().collect();
    let expected = safetensors::serialize(tensors, Some(metadata)).unwrap();
    assert_eq!(file.to_bytes().unwrap(), expected);
}

#[test]
fn parameters_come_back_to_the_bit() {
    let mut file = small();
    for key in ["seed", "a", "z", "quote\"", "line\n", ""] {
        file.metadata.insert(key.into(), format!("value of {key}"));
    }
    let read = RbmFile::from_bytes(&file.to_bytes().unwrap()).unwrap();
    assert_eq!(read, file);
    assert!(read.parameters.w[4].is_sign_negative());
}

#[test]
fn metadata_is_written_in_the_order_of_its_keys() {
    let mut file = small();
    let keys: Vec<String> = (0..50).map(|key| format!("key{key:02}")).collect();
    for key in keys.iter().rev() {
        file.metadata.insert(key.clone(), String::new());
    }
    let bytes = file.to_bytes().unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let places: Vec<usize> = keys.iter().map(|key| text.find(key).unwrap()).collect();
    assert!(places.is_sorted());
}

#[test]
fn what_could_not_be_read_back_is_not_written() {
    let mut file = small();
    file.parameters.w[4] = f32::NAN;
    let error = file.to_bytes().unwrap_err().to_string();
    assert_eq!(
        error,
        "tensor W holds NaN at [1, 1], where a finite float32 was expected"
    );
    file = small();
    file.parameters.visible_bias.pop();
    let error = file.to_bytes().unwrap_err().to_string();
    assert_eq!(
        error,
        "tensor v_bias has 2 elements where W [2, 3] asks for 3"
    );
    file = small();
    file.parameters.hidden = 0;
    assert!(matches!(
        file.to_bytes(),
        Err(ModelProblem::NoUnits { hidden: 0, .. })
    ));
    file.parameters.hidden = usize::MAX;
    assert!(matches!(file.to_bytes(), Err(ModelProblem::Shape { .. })));
}
