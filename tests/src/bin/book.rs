//! Makes every output block and picture of the documents again, from the commands that they show.

use std::path::PathBuf;
use std::process::ExitCode;
use std::{fs, io};

use bitspin_tests::book::{self, Page, Scope, pages, root};
use bitspin_tests::command::bitspin;
use clap::Parser;

/// Runs the commands of README.md and the book, and rewrites the output and the pictures that differ.
#[derive(Debug, Parser)]
#[command(name = "book")]
struct Options {
    /// Pages to make, as paths below the repository [default: all]
    pages: Vec<PathBuf>,
    /// Folder of MNIST's four files; without it, blocks that need them stay as they are
    #[arg(long, value_name = "DIR")]
    mnist: Option<PathBuf>,
    /// Compare what is fast, as the tests do, and write nothing
    #[arg(long, conflicts_with = "mnist")]
    check: bool,
}

fn main() -> io::Result<ExitCode> {
    let options = Options::parse();
    let all = pages(root())?;
    let chosen = chosen(&all, &options.pages)?;
    let scope = match &options.mnist {
        Some(folder) => Scope::Mnist(folder.clone()),
        None if options.check => Scope::Fast,
        None => Scope::Slow,
    };
    let mut wrong = false;
    for (page, done) in book::remake_all(root(), &chosen, bitspin(), &scope)? {
        for difference in &done.differences {
            println!("{difference}\n");
        }
        wrong |= done.failed || (options.check && !done.differences.is_empty());
        if options.check {
            continue;
        }
        if let Some(text) = done.text {
            fs::write(root().join(&page.path), text)?;
            println!("{}: written", page.path.display());
        }
        for (path, picture) in done.pictures {
            fs::create_dir_all(root().join(book::PICTURES))?;
            fs::write(root().join(&path), picture)?;
            println!("{}: written", path.display());
        }
    }
    for line in book::broken(root(), &pages(root())?)? {
        println!("{line}");
        wrong = true;
    }
    Ok(ExitCode::from(u8::from(wrong)))
}

/// The pages that the user names.
fn chosen<'a>(all: &'a [Page], named: &[PathBuf]) -> io::Result<Vec<&'a Page>> {
    if named.is_empty() {
        return Ok(all.iter().collect());
    }
    let find = |path: &PathBuf| {
        let known = || format!("{} is not a page of the book", path.display());
        all.iter()
            .find(|page| page.path == *path)
            .ok_or_else(|| io::Error::other(known()))
    };
    named.iter().map(find).collect()
}
