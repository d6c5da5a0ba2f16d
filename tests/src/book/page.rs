//! A Markdown document and what the book needs of it.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{fs, io};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Comment before a fence that changes how its commands are treated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mark {
    /// Takes over 3 seconds: left to the script.
    Slow,
    /// Needs the files of MNIST in the folder `mnist`.
    Mnist,
    /// Never run: needs a board, a network or a browser.
    Shown,
}

/// Picture that a fence's commands write.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Picture {
    /// Name in `docs/pictures`.
    pub name: String,
    /// File that the commands write.
    pub file: String,
}

/// Fenced code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fence {
    /// First word of the info string.
    pub language: String,
    /// Bytes of the contents in the page's text.
    pub range: Range<usize>,
    /// Comments before it.
    pub marks: Vec<Mark>,
    /// Comments after it.
    pub pictures: Vec<Picture>,
}

/// Markdown document.
#[derive(Clone, Debug)]
pub struct Page {
    /// Path relative to the repository.
    pub path: PathBuf,
    /// The document.
    pub text: String,
    /// Its fences, in order.
    pub fences: Vec<Fence>,
    /// Targets of its links, in order.
    pub links: Vec<String>,
    /// Targets of its images, in order.
    pub images: Vec<String>,
    /// Anchors of its headings, as code browsers and mdBook make them.
    pub anchors: Vec<String>,
}

impl Page {
    /// Reads `root/path`.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(root: &Path, path: &Path) -> io::Result<Self> {
        Ok(Self::parse(path, fs::read_to_string(root.join(path))?))
    }

    /// Parses the document `text`.
    #[must_use]
    pub fn parse(path: &Path, text: String) -> Self {
        let mut page = Self {
            path: path.to_owned(),
            text: String::new(),
            fences: Vec::new(),
            links: Vec::new(),
            images: Vec::new(),
            anchors: Vec::new(),
        };
        let mut marks = Vec::new();
        // Whether nothing but comments came since the last fence, and whether we are in it.
        let (mut after, mut inside) = (false, false);
        let mut heading = None;
        for (event, range) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
            match event {
                Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => continue,
                Event::Html(html) => {
                    match (comment(&html).as_slice(), page.fences.last_mut()) {
                        (["slow"], _) => marks.push(Mark::Slow),
                        (["mnist"], _) => marks.push(Mark::Mnist),
                        (["shown"], _) => marks.push(Mark::Shown),
                        (["picture", name, file], Some(fence)) if after => {
                            fence.pictures.push(Picture {
                                name: (*name).to_owned(),
                                file: (*file).to_owned(),
                            });
                        }
                        _ => marks.clear(),
                    }
                    continue;
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    let language = info.split([' ', ',']).next().unwrap_or_default();
                    page.fences.push(Fence {
                        language: language.to_owned(),
                        range: range.end..range.end,
                        marks: std::mem::take(&mut marks),
                        pictures: Vec::new(),
                    });
                    inside = true;
                }
                Event::End(TagEnd::CodeBlock) => {
                    (after, inside) = (inside, false);
                    continue;
                }
                Event::Text(_) if inside => {
                    let fence = page.fences.last_mut().expect("the text is in a fence");
                    fence.range.start = fence.range.start.min(range.start);
                    fence.range.end = range.end;
                }
                Event::Start(Tag::Link { dest_url, .. }) => page.links.push(dest_url.into_string()),
                Event::Start(Tag::Image { dest_url, .. }) => {
                    page.images.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => page
                    .anchors
                    .extend(heading.take().map(|heading| anchor(&heading))),
                Event::Text(words) | Event::Code(words) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&words);
                    }
                }
                _ => {}
            }
            after = false;
            marks.clear();
        }
        page.text = text;
        page
    }

    /// Number of the line that begins at or contains the byte `at`.
    #[must_use]
    pub fn line(&self, at: usize) -> usize {
        1 + self.text[..at].matches('\n').count()
    }
}

/// Words of an HTML comment; none of other HTML.
fn comment(html: &str) -> Vec<&str> {
    html.trim()
        .strip_prefix("<!--")
        .and_then(|html| html.strip_suffix("-->"))
        .map(|html| html.split_whitespace().collect())
        .unwrap_or_default()
}

/// Anchor of a heading: small letters, digits, hyphens for spaces.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|&c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# Free energy, `F(v)`

A [link](../guide/data.md#formats).
<!-- slow -->
<!-- mnist -->
```console
$ bitspin one
out
```
<!-- picture one.png out/one.png -->
<!-- picture two.svg two.svg -->

![One](../pictures/one.png)

<!-- shown -->

A paragraph in between.

```sh
bitspin two
```
<!-- picture none.png none.png -->
";

    #[test]
    fn fences_have_their_marks_and_pictures() {
        let page = Page::parse(Path::new("docs/theory/page.md"), TEXT.to_owned());
        let [console, sh] = page.fences.as_slice() else {
            panic!("{:?}", page.fences)
        };
        assert_eq!(console.language, "console");
        assert_eq!(console.marks, [Mark::Slow, Mark::Mnist]);
        assert_eq!(&page.text[console.range.clone()], "$ bitspin one\nout\n");
        assert_eq!(page.line(console.range.start), 7);
        let names: Vec<&str> = console.pictures.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["one.png", "two.svg"]);
        assert_eq!(console.pictures[0].file, "out/one.png");
        assert_eq!((sh.language.as_str(), sh.marks.len()), ("sh", 0));
        assert_eq!(sh.pictures[0].name, "none.png");
    }

    #[test]
    fn links_images_and_anchors_are_found() {
        let page = Page::parse(Path::new("docs/theory/page.md"), TEXT.to_owned());
        assert_eq!(page.links, ["../guide/data.md#formats"]);
        assert_eq!(page.images, ["../pictures/one.png"]);
        assert_eq!(page.anchors, ["free-energy-fv"]);
    }
}
