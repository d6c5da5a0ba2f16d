//! Commands and their output, as a terminal shows them.

use std::fmt;

/// Command and what it prints.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Step {
    /// The command, without `$`; its lines are continued by `\`.
    pub(super) command: String,
    /// Lines of the output.
    pub(super) output: Vec<String>,
}

/// Splits a fence into commands and output. Text before the first command is an error.
pub(super) fn parse(text: &str) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(first) = line.strip_prefix("$ ") {
            let mut command = first.to_owned();
            while command.ends_with('\\') {
                let next = lines.next().ok_or("a command ends in \\")?;
                command.push('\n');
                command.push_str(next);
            }
            steps.push(Step {
                command,
                output: Vec::new(),
            });
        } else {
            let step = steps.last_mut().ok_or("output before the first command")?;
            step.output.push(line.trim_end().to_owned());
        }
    }
    Ok(steps)
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ {}", self.command)?;
        self.output
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_continue_over_lines_and_own_the_output_below() {
        let text = "$ bitspin rbm train \\\n    --epochs 2\none\n\ntwo\n$ ls\n";
        let steps = parse(text).unwrap();
        assert_eq!(steps[0].command, "bitspin rbm train \\\n    --epochs 2");
        assert_eq!(steps[0].output, ["one", "", "two"]);
        assert_eq!(steps[1].command, "ls");
        assert_eq!(steps[1].output, [""; 0]);
        let again: String = steps.iter().map(Step::to_string).collect();
        assert_eq!(again, text);
    }

    #[test]
    fn output_without_a_command_is_refused() {
        assert!(parse("bitspin rbm train\n").is_err());
    }
}
