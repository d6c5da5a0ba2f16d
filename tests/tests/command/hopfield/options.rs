//! Options of `bitspin hopfield` that have no meaning, and outputs that exist or cannot be written.

use std::fs;

use super::{hopfield, png_size, refused, workplace};

#[test]
fn options_without_a_meaning() {
    let place = workplace();
    let cases: &[(&[&str], &[&str])] = &[
        (&["recall", "--noise", "1.1"], &["--noise", "0 to 1", "1.1"]),
        (&["recall", "--noise", "-0.1"], &["--noise", "-0.1"]),
        (&["recall", "--noise", "nan"], &["--noise", "NaN"]),
        (&["recall", "--noise", "much"], &["--noise", "much"]),
        (
            &["recall", "--erase", "middle"],
            &["--erase", "bottom-half"],
        ),
        (
            &["recall", "--erase", "top-half", "--noise", "0.1"],
            &["--erase", "--noise"],
        ),
        (&["recall", "--threshold", "2"], &["--threshold", "0 to 1"]),
        (
            &["recall", "--rule", "magic"],
            &["--rule", "pseudo-inverse", "magic"],
        ),
        (&["recall", "--rule", "dense:1"], &["--rule", "dense:1"]),
        (&["recall", "--sweeps", "0"], &["--sweeps", "1 to"]),
        (&["recall", "--temperature", "-1"], &["--temperature", "-1"]),
        (
            &["recall", "--temperature", "1", "--rule", "exponential"],
            &["--temperature", "exponential"],
        ),
        (
            &["recall", "--temperature", "1", "--order", "greedy"],
            &["--order", "temperature"],
        ),
        (
            &["recall", "--dynamics", "synchronous", "--order", "random"],
            &["--order", "asynchronous"],
        ),
        (
            &["recall", "--pictures", "pictures", "--data", "data"],
            &["--pictures", "--data"],
        ),
        (&["recall", "--data", "nowhere"], &["nowhere"]),
        (
            &["capacity", "--neurons", "0"],
            &["--neurons", "2 to", "not 0"],
        ),
        (
            &["capacity", "--neurons", "1"],
            &["--neurons", "2 to", "not 1"],
        ),
        (
            &["capacity", "--neurons", "99999999"],
            &["--neurons", "65536"],
        ),
        (
            &["capacity", "--rule", "storkey", "--neurons", "10000"],
            &["--neurons", "8192"],
        ),
        (&["capacity", "--trials", "0"], &["--trials", "1 to"]),
        (&["capacity", "--probes", "0"], &["--probes", "1 to"]),
        (&["capacity", "--threads", "0"], &["--threads", "1 to"]),
        (&["capacity", "--loads", ""], &["--loads", "0.05"]),
        (&["capacity", "--loads", "0.1,zero"], &["--loads", "zero"]),
        (&["capacity", "--loads", "0"], &["--loads", "above 0"]),
        (&["capacity", "--loads", "-0.1"], &["--loads", "above 0"]),
        (
            &["capacity", "--loads", "0.2..0.1:0.1"],
            &["--loads", "0.2..0.1:0.1"],
        ),
        (
            &["capacity", "--loads", "0.1..0.2"],
            &["--loads", "START..END:STEP"],
        ),
        (
            &["capacity", "--rule", "pseudo-inverse", "--loads", "1.5"],
            &["--loads", "independent"],
        ),
        (
            &["capacity", "--loads", "999999"],
            &["--loads", "2147483647"],
        ),
        (
            &["classify", "--patterns", "0"],
            &["--patterns", "1 to 9000"],
        ),
        (&["classify", "--patterns", "9001"], &["--patterns", "9001"]),
        (&["classify", "--repeat", "0"], &["--repeat", "1 to"]),
        (
            &["classify", "--rule", "pseudo-inverse", "--patterns", "2000"],
            &["independent", "884"],
        ),
        (&["remember"], &["remember"]),
    ];
    for (arguments, words) in cases {
        refused(&place, arguments, words);
    }
}

#[test]
fn outputs_that_exist_or_cannot_be_written() {
    let place = workplace();
    let recall = ["recall", "--data", "data", "--patterns", "2", "--out"];
    let with = |out: &'static str| [&recall[..], &[out]].concat();
    fs::write(place.path().join("taken.png"), "mine").unwrap();
    refused(&place, &with("taken.png"), &["taken.png", "--force"]);
    refused(&place, &with("data"), &["data"]);
    refused(&place, &with("taken.png/below.png"), &["taken.png"]);
    refused(
        &place,
        &["capacity", "--out", "taken.png"],
        &["taken.png", "directory"],
    );
    let forced = hopfield(&place, &[&with("taken.png")[..], &["--force"]].concat());
    assert_eq!(forced.code, Some(0), "{forced:?}");
    assert_eq!(
        png_size(&place.path().join("taken.png")).1,
        2 * (3 * 10 + 2)
    );
}
