//! The SIMD levels of one binary: how they are shown and chosen, and that they train one model.

use std::process::{Command, Output};

use bitspin_tests::command::bitspin;

/// Runs `bitspin` at a level; at that of the CPU for `None`.
fn at(level: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new(bitspin());
    command.args(arguments).env_remove("BITSPIN_SIMD");
    if let Some(level) = level {
        command.env("BITSPIN_SIMD", level);
    }
    command.output().expect("bitspin starts")
}

/// What `--version --verbose` says under a name.
fn shown(level: Option<&str>, name: &str) -> String {
    let output = at(level, &["--version", "--verbose"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some(concat!("bitspin ", env!("CARGO_PKG_VERSION")))
    );
    let found = lines.find_map(|line| line.strip_prefix(&format!("{name}:")));
    found.expect(name).trim().to_string()
}

fn levels() -> Vec<String> {
    let available = shown(None, "available");
    let (names, _) = available.split_once(" (").unwrap();
    names.split(", ").map(String::from).collect()
}

#[test]
fn every_level_can_be_chosen_and_trains_one_model() {
    let levels = levels();
    assert_eq!(levels.last(), Some(&shown(None, "SIMD")));
    let mut models = vec![];
    for level in &levels {
        assert_eq!(&shown(Some(level), "SIMD"), level);
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("run");
        let arguments = [
            "rbm", "train", "--epochs", "1", "--hidden", "40", "--seed", "5", "--out",
        ];
        let output = at(
            Some(level),
            &[&arguments[..], &[out.to_str().unwrap()]].concat(),
        );
        assert!(output.status.success(), "{level}");
        models.push(std::fs::read(out.join("model.safetensors")).unwrap());
    }
    assert!(models.iter().all(|model| *model == models[0]));
}

#[test]
fn an_unknown_level_is_refused() {
    for arguments in [&["validate"][..], &["--version"]] {
        let output = at(Some("avx3"), arguments);
        assert_eq!(output.status.code(), Some(2));
        let line = String::from_utf8(output.stderr).unwrap();
        assert!(line.starts_with("error: BITSPIN_SIMD: expected "), "{line}");
        assert!(line.ends_with(", found avx3\n"), "{line}");
    }
}

#[test]
fn an_empty_level_counts_as_none_and_an_odd_one_stays_on_one_line() {
    assert_eq!(shown(Some(""), "SIMD"), shown(None, "SIMD"));
    let output = at(Some("avx2\nsse2"), &["validate"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}

#[test]
fn the_version_alone_is_one_line() {
    for option in ["--version", "-V"] {
        let output = at(None, &[option]);
        assert!(output.status.success());
        let expected = concat!("bitspin ", env!("CARGO_PKG_VERSION"), "\n");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}
