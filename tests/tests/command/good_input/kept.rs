//! Results that are kept: an earlier one unless it is to be replaced, and the model of an interrupted run.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bitspin::model_file::RbmFile;
use bitspin_tests::command::{bitspin, run};

use super::{FILES, TRAIN, names, workplace};

#[test]
fn an_earlier_result_is_kept_unless_force_is_given() {
    let place = workplace();
    assert_eq!(run(place.path(), TRAIN).code, Some(0));
    let model = place.path().join("bitspin-out/rbm/model.safetensors");
    let before = fs::read(&model).unwrap();
    let again = run(place.path(), TRAIN.iter().chain(&["--seed", "9"]));
    assert_eq!(
        (again.code, again.stderr.lines().count()),
        (Some(2), 1),
        "{again:?}"
    );
    assert!(again.stderr.contains("--force"));
    assert!(fs::read(&model).unwrap() == before);
    assert_eq!(
        run(
            place.path(),
            TRAIN.iter().chain(&["--seed", "9", "--force"])
        )
        .code,
        Some(0)
    );
    assert!(fs::read(&model).unwrap() != before);
    // A run that fails leaves the earlier result as it was.
    let before = fs::read(&model).unwrap();
    let failed = run(
        place.path(),
        TRAIN.iter().chain(&["--force", "--lr", "1e30"]),
    );
    assert_eq!(
        (failed.code, failed.stderr.lines().count()),
        (Some(1), 1),
        "{failed:?}"
    );
    assert!(failed.stderr.contains("diverged"));
    assert!(fs::read(&model).unwrap() == before);
    assert_eq!(names(model.parent().unwrap()), FILES);
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_the_model_so_far() {
    let place = workplace();
    let options = [
        "rbm", "train", "--data", "data", "--hidden", "30", "--epochs", "1000000", "--out", "out",
    ];
    let mut child = Command::new(bitspin())
        .args(options)
        .current_dir(place.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The first epoch's line says that training is under way.
    let mut stdout = child.stdout.take().unwrap();
    let mut seen = String::new();
    let begin = Instant::now();
    while seen.lines().count() < 4 && begin.elapsed() < Duration::from_secs(60) {
        let mut bytes = [0; 256];
        let read = std::io::Read::read(&mut stdout, &mut bytes).unwrap();
        seen.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(signal.success());
    let drain =
        std::thread::spawn(move || std::io::Read::read_to_string(&mut stdout, &mut String::new()));
    let outcome = child.wait_with_output().unwrap();
    drain.join().unwrap().unwrap();
    assert_eq!(outcome.status.code(), Some(130), "{outcome:?}");
    assert!(
        String::from_utf8(outcome.stderr)
            .unwrap()
            .contains("interrupted")
    );
    let out = place.path().join("out");
    assert_eq!(names(&out), FILES);
    assert_eq!(
        RbmFile::load(out.join("model.safetensors"))
            .unwrap()
            .parameters
            .hidden,
        30
    );
}
