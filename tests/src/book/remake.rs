//! Running a page's commands, and the page with what they print.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use super::console::{self, Step};
use super::{Fence, Mark, PICTURES, Page, compare, shell};

/// Which fences are run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Scope {
    /// Those without a mark.
    Fast,
    /// All but those that need MNIST or are never run.
    Slow,
    /// All but those that are never run, with the files of MNIST in a folder.
    Mnist(PathBuf),
}

impl Scope {
    fn runs(&self, fence: &Fence) -> bool {
        let marked = |mark| fence.marks.contains(&mark);
        fence.language == "console"
            && !marked(Mark::Shown)
            && (!marked(Mark::Slow) || *self != Self::Fast)
            && (!marked(Mark::Mnist) || matches!(self, Self::Mnist(_)))
    }
}

/// What became of a page.
#[derive(Debug, Default)]
pub struct Done {
    /// The text with the output of today, where it differs.
    pub text: Option<String>,
    /// Pictures that differ, by their paths below the repository.
    pub pictures: Vec<(PathBuf, Vec<u8>)>,
    /// Every difference, and every command that failed although the page shows no error, for a reader.
    pub differences: Vec<String>,
    /// Whether a command failed or a picture is missing, so that the page cannot be made.
    pub failed: bool,
}

impl Done {
    fn fail(&mut self, message: String) {
        self.differences.push(message);
        self.failed = true;
    }
}

/// Runs a page's commands in a fresh folder with the command `bitspin`, and compares what they print and write.
///
/// # Errors
/// If a folder or a process cannot be made.
pub(super) fn remake(root: &Path, page: &Page, bitspin: &Path, scope: &Scope) -> io::Result<Done> {
    let mut done = Done::default();
    let folder = tempfile::tempdir()?;
    if let Scope::Mnist(mnist) = scope {
        std::os::unix::fs::symlink(fs::canonicalize(mnist)?, folder.path().join("mnist"))?;
    }
    let mut text = String::new();
    let mut copied = 0;
    for fence in page.fences.iter().filter(|fence| scope.runs(fence)) {
        let place = format!("{}:{}", page.path.display(), page.line(fence.range.start));
        let mut steps = match console::parse(&page.text[fence.range.clone()]) {
            Ok(steps) => steps,
            Err(error) => {
                done.fail(format!("{place}: {error}"));
                continue;
            }
        };
        let mut differs = false;
        for step in &mut steps {
            differs |= run(step, folder.path(), bitspin, &place, &mut done)?;
        }
        if differs {
            text.push_str(&page.text[copied..fence.range.start]);
            text.extend(steps.iter().map(Step::to_string));
            copied = fence.range.end;
        }
        for picture in &fence.pictures {
            let path = Path::new(PICTURES).join(&picture.name);
            match fs::read(folder.path().join(&picture.file)) {
                Err(error) => done.fail(format!("{place}: {}: {error}", picture.file)),
                Ok(made) if fs::read(root.join(&path)).is_ok_and(|known| known == made) => {}
                Ok(made) => {
                    let difference = format!("{place}: {} differs", path.display());
                    done.differences.push(difference);
                    done.pictures.push((path, made));
                }
            }
        }
    }
    if copied > 0 {
        text.push_str(&page.text[copied..]);
        done.text = Some(text);
    }
    Ok(done)
}

/// Runs one command, and gives the step its output if that differs.
fn run(
    step: &mut Step,
    folder: &Path,
    bitspin: &Path,
    place: &str,
    done: &mut Done,
) -> io::Result<bool> {
    let mut path = OsString::from(bitspin.parent().expect("a command lies in a folder"));
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("exec 2>&1\n{}", shell::installed(&step.command)))
        .current_dir(folder)
        .env("PATH", path)
        // `sort` and the like depend on it.
        .env("LC_ALL", "C")
        .env_remove("COLUMNS")
        .stdin(Stdio::null())
        .output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let actual: Vec<String> = printed
        .trim_end()
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    let refusal = |lines: &[String]| lines.iter().any(|line| line.starts_with("error: "));
    if !output.status.success() && !refusal(&step.output) {
        done.fail(format!(
            "{place}: {}\nends in {}, and the page shows no error:\n{printed}",
            step.command, output.status
        ));
        return Ok(false);
    }
    let end = step.output.iter().rposition(|line| !line.is_empty());
    if compare::matches(&step.output[..end.map_or(0, |end| end + 1)], &actual) {
        return Ok(false);
    }
    let shown = compare::elided(&step.output, &actual);
    done.differences.push(format!(
        "{place}: {}\nthe page shows:\n{}\nthe command prints:\n{}",
        step.command,
        step.output.join("\n"),
        shown.join("\n")
    ));
    step.output = shown;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remade(text: &str, scope: &Scope) -> (Done, tempfile::TempDir) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join(PICTURES)).unwrap();
        fs::write(root.path().join(PICTURES).join("known.png"), "known").unwrap();
        let page = Page::parse(Path::new("page.md"), text.to_owned());
        let done = remake(root.path(), &page, Path::new("/bin/bitspin"), scope).unwrap();
        (done, root)
    }

    #[test]
    fn a_page_that_is_right_stays() {
        let text = "\
```console
$ printf known > picture; echo one; echo two >&2
one
two
```
<!-- picture known.png picture -->

```console
$ cat picture; \\
      echo; echo 0.25 s
known
1.5 s
```
<!-- shown -->
```console
$ false
```
";
        let (done, _root) = remade(text, &Scope::Fast);
        assert!(done.differences.is_empty(), "{done:?}");
        assert!(done.text.is_none() && done.pictures.is_empty());
    }

    #[test]
    fn what_differs_is_made_again() {
        let text = "\
Before
```console
$ echo one; echo two; echo 3
zero
...
```
<!-- slow -->
```console
$ echo new | tee file
old
```
<!-- picture known.png file -->
After
";
        let (done, _root) = remade(text, &Scope::Fast);
        let once = text.replace("zero", "one");
        assert_eq!(done.text.as_deref(), Some(once.as_str()));
        assert!(done.pictures.is_empty() && !done.failed);
        let (done, _root) = remade(text, &Scope::Slow);
        let twice = once.replace("old", "new");
        assert_eq!(done.text.as_deref(), Some(twice.as_str()));
        assert_eq!(done.pictures[0].1, b"new\n");
        assert_eq!(done.differences.len(), 3);
    }

    #[test]
    fn a_command_may_fail_only_where_the_page_shows_it() {
        let shown = "```console\n$ echo error: no; false\nerror: no\n```\n";
        assert!(remade(shown, &Scope::Fast).0.differences.is_empty());
        let hidden = "```console\n$ echo error: no; false\nfine\n```\n";
        let (done, _root) = remade(hidden, &Scope::Fast);
        assert!(done.failed && done.text.is_none());
    }
}
