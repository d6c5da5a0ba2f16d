//! The `bitspin` commands that a document tells its reader to type.

use crate::book::Page;

/// How a reader is told to start the command: from a checkout, and once it is installed.
const STARTS: [&[&str]; 2] = [&["cargo", "run", "--release", "--"], &["bitspin"]];

/// The same as one word for a shell in which `bitspin` is found.
pub(super) fn installed(command: &str) -> String {
    command.replace("cargo run --release -- ", "bitspin ")
}

/// Arguments of every `bitspin` command in the fences of a page that hold shell commands.
#[must_use]
pub fn commands(page: &Page) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for fence in &page.fences {
        let console = fence.language == "console";
        if !console && !matches!(fence.language.as_str(), "" | "sh" | "bash" | "shell") {
            continue;
        }
        for line in page.text[fence.range.clone()].replace("\\\n", " ").lines() {
            let prompt = line.trim().strip_prefix("$ ");
            if let Some(line) = prompt.or((!console).then_some(line)) {
                let found = simple_commands(line);
                commands.extend(found.iter().filter_map(|command| arguments(command)));
            }
        }
    }
    commands
}

/// Words of each command on a line, without its redirections and the comment at its end.
fn simple_commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut redirected = false;
    for word in shlex::Shlex::new(line) {
        match word.as_str() {
            "|" | "&&" | "||" | ";" | "&" => {
                commands.push(Vec::new());
                redirected = false;
            }
            ">" | ">>" | "<" | "2>" => redirected = true,
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

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
```console
$ bitspin validate
bitspin wrote this line too
```
";
        let page = Page::parse(Path::new("page.md"), text.to_owned());
        assert_eq!(
            commands(&page),
            [
                vec!["rbm", "train"],
                vec!["rbm", "train", "--data", "my digits", "--epochs", "2"],
                vec!["validate"],
                vec!["rbm", "eval", "MODEL", "--json"],
                vec!["data", "fetch", "digits"],
                vec!["validate"],
            ]
        );
    }
}
