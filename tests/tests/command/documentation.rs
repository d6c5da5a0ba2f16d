//! README.md against the command that it describes: every `bitspin ...` it shows is one that the command understands.

use std::path::Path;
use std::process::Command;

use bitspin_tests::command::bitspin;

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// How a reader is told to start the command: from a checkout, and once it is installed.
const STARTS: [&[&str]; 2] = [&["cargo", "run", "--release", "--"], &["bitspin"]];

#[test]
fn the_readme_shows_commands_that_exist() {
    let path = Path::new(WORKSPACE).join("README.md");
    let readme = std::fs::read_to_string(&path).expect("README.md is read");
    let commands = commands(&readme);
    assert!(
        !commands.is_empty(),
        "README.md shows no command in a code fence"
    );

    let bitspin = bitspin();
    for arguments in commands {
        // What stands before `--help` is parsed first, so a wrong name, option or value still fails.
        let output = Command::new(bitspin)
            .args(&arguments)
            .arg("--help")
            .output()
            .expect("bitspin starts");
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && shown.contains("Usage:"),
            "README.md shows `bitspin {}`, which ends in {}: {}",
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn commands_are_found_as_a_reader_would_copy_them() {
    let text = "\
bitspin outside of a fence
```sh
$ cargo run --release -- rbm train    # a comment
bitspin rbm train --data 'my digits' \\
    --epochs 2
bitspin validate > table.txt
bitspin rbm eval MODEL --json | jq .ln_z && bitspin data fetch digits
cargo test --workspace
```
```text
bitspin wrote these lines
```
";
    assert_eq!(
        commands(text),
        [
            vec!["rbm", "train"],
            vec!["rbm", "train", "--data", "my digits", "--epochs", "2"],
            vec!["validate"],
            vec!["rbm", "eval", "MODEL", "--json"],
            vec!["data", "fetch", "digits"],
        ]
    );
}

/// The arguments of every `bitspin` command line in the fences of `markdown` that hold shell commands.
fn commands(markdown: &str) -> Vec<Vec<String>> {
    let joined = markdown.replace("\\\n", " ");
    let mut fence = None;
    let mut commands = Vec::new();
    for line in joined.lines().map(str::trim) {
        if let Some(language) = line.strip_prefix("```") {
            fence = if fence.is_some() {
                None
            } else {
                Some(language)
            };
        } else if matches!(fence, Some("" | "sh" | "bash" | "shell" | "console")) {
            let line = line.strip_prefix("$ ").unwrap_or(line);
            commands.extend(
                simple_commands(line)
                    .iter()
                    .filter_map(|command| arguments(command)),
            );
        }
    }
    commands
}

/// The words of each command on a line, without its redirections and the comment at its end.
fn simple_commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut redirected = false;
    for word in words(line) {
        match word.as_str() {
            "|" | "&&" | "||" | ";" => {
                commands.push(Vec::new());
                redirected = false;
            }
            ">" | ">>" | "<" | "2>" => redirected = true,
            word if word.starts_with('#') => break,
            _ if redirected => redirected = false,
            _ => commands.last_mut().expect("one at least").push(word),
        }
    }
    commands
}

/// What `command` gives to `bitspin`, if that is what it starts.
fn arguments(command: &[String]) -> Option<Vec<String>> {
    STARTS.iter().find_map(|start| {
        let given = command.get(start.len()..)?;
        (command[..start.len()] == **start).then(|| given.to_vec())
    })
}

/// The words of a line; a part in quotes belongs to one word.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None;
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_with(String::new);
            }
            (None, space) if space.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_with(String::new).push(character),
        }
    }
    words.extend(word);
    words
}
