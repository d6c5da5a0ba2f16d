//! Missing entries of training rows and of held-out rows, in one table or in two.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use bitspin_tests::command::run;

/// Two classes of rows that differ in all ten columns, but for noise. `missing` says which entries are left out.
fn table(path: &Path, rows: usize, label: fn(usize) -> usize, missing: fn(usize, usize) -> bool) {
    let mut text = String::from("label");
    (0..10).for_each(|i| write!(text, ",c{i}").unwrap());
    text.push('\n');
    for k in 0..rows {
        write!(text, "{}", label(k)).unwrap();
        for i in 0..10 {
            let noise = ((k * 7919 + i * 104_729) * 2_654_435_761) >> 9 & 7 == 0;
            let bit = u8::from((k % 2 == 1) != noise);
            match missing(k, i) {
                true => text.push(','),
                false => write!(text, ",{bit}").unwrap(),
            }
        }
        text.push('\n');
    }
    fs::write(path, text).unwrap();
}

fn none(_: usize, _: usize) -> bool {
    false
}

/// Half of the entries, in no pattern.
fn half(k: usize, i: usize) -> bool {
    ((k * 31 + i * 17) * 2_654_435_761) >> 11 & 1 == 1
}

/// Trains on `train.csv` beside `test.csv` into `out`, and returns what `--json` prints.
fn train(place: &Path, out: &str, more: &[&str]) -> serde_json::Value {
    let files = ["rbm", "train", "--data", "train.csv", "--test", "test.csv"];
    let options = ["--hidden", "4", "--epochs", "60", "--batch", "8", "--json"];
    let out = ["--out", out];
    let outcome = run(place, files.iter().chain(&options).chain(&out).chain(more));
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    outcome.json()
}

/// The held-out rows are only looked at: whether they have gaps cannot change what is learned from rows that have some.
#[test]
fn gaps_of_training_rows_are_filled_in_whatever_the_held_out_rows_lack() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let weights = |out: &str| {
        let bytes = fs::read(place.join(out).join("model.safetensors")).unwrap();
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        tensors.tensor("W").unwrap().data().to_vec()
    };
    for labels in [&[][..], &["--labels"]] {
        let kinds = [(half as fn(usize, usize) -> bool, "gaps"), (none, "none")];
        for (of_training, training) in kinds {
            table(&place.join("train.csv"), 120, |k| k % 2, of_training);
            let mut learned = vec![];
            for (of_held_out, held_out) in kinds {
                table(&place.join("test.csv"), 40, |k| k % 2, of_held_out);
                let out = format!("{training}-{held_out}-{}", labels.len());
                train(place, &out, labels);
                learned.push(weights(&out));
            }
            assert!(learned[0] == learned[1], "training rows with {training}");
        }
    }
}

/// Exchanging the two labels of the held-out rows turns every right prediction into a wrong one, and nothing else, unless
/// labels have a part in how the gaps of their rows are filled in.
#[test]
fn gaps_of_held_out_rows_are_filled_in_without_their_labels() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    table(&place.join("train.csv"), 120, |k| k % 2, half);
    let error = |label: fn(usize) -> usize, out: &str| {
        table(&place.join("test.csv"), 60, label, |_, i| i > 1);
        train(place, out, &["--labels"])["test_error"]
            .as_f64()
            .unwrap()
    };
    let (right, exchanged) = (error(|k| k % 2, "right"), error(|k| 1 - k % 2, "exchanged"));
    assert!(right < 0.3, "{right}");
    assert!(
        (right + exchanged - 1.0).abs() < 1e-9,
        "{right}, {exchanged}"
    );
}
