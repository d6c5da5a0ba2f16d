//! Names and layouts of other programs: what they are read as, and what they leave open.

use bitspin::model_file::RbmFile;
use safetensors::tensor::Dtype;

use super::{W, f32s, file_of, good, problem};

/// A model of 3 visible and 2 hidden units under other names, W as given.
fn named(names: [&'static str; 3], shape: [usize; 2], w: &[f32]) -> Vec<u8> {
    file_of(&[
        (names[0], Dtype::F32, shape.to_vec(), f32s(w)),
        (names[1], Dtype::F32, vec![3], f32s(&[1.0, 2.0, 3.0])),
        (names[2], Dtype::F32, vec![2], f32s(&[-1.0, -2.0])),
    ])
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
