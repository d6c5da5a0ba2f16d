//! A user's own pictures: PNG and JPEG files of one size, as grey images.

mod decode;

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Images, ShapeError};
use crate::display::shown;
use crate::input::{Format, Input, InputError};

/// Files of pictures.
const FORMAT: Format = Format::new("picture", 1 << 28);

/// The most pixels of all pictures together.
const MOST_PIXELS: usize = 1 << 30;

/// The endings of pictures in a folder.
const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];

/// Why pictures could not be read. Every message is one line and starts with the path it is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureFileError {
    /// No path was given.
    #[error("expected at least one picture")]
    None,
    /// The operating system failed to read the folder.
    #[error("{}: {source}", shown(path))]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The folder holds no file whose name ends in `.png`, `.jpg` or `.jpeg`.
    #[error(
        "{}: expected a folder of PNG or JPEG pictures, found none in it",
        shown(path)
    )]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The file is not a PNG or JPEG picture, or a damaged one.
    #[error("{}: expected a PNG or JPEG picture: {reason}", shown(path))]
    NotAPicture {
        /// The file.
        path: PathBuf,
        /// What the decoder said, one line.
        reason: String,
    },
    /// A picture is not of the size of the first one.
    #[error("{}: expected a picture of {} x {} pixels (width x height) like the first, found {} x {}", shown(path), expected.0, expected.1, found.0, found.1)]
    OtherSize {
        /// The picture.
        path: PathBuf,
        /// Width and height of the first picture.
        expected: (usize, usize),
        /// Width and height of this one.
        found: (usize, usize),
    },
    /// All pictures together are too large.
    #[error(
        "{}: with this picture there are more than {MOST_PIXELS} pixels in all",
        shown(path)
    )]
    TooMany {
        /// The first picture that is too much.
        path: PathBuf,
    },
    /// The pictures make no set of images.
    #[error(transparent)]
    Shape(#[from] ShapeError),
}

/// Pictures of one size and the files they came from, in the same order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// The grey levels, 0 black to 255 white.
    pub images: Images,
    /// The file of each image.
    pub paths: Vec<PathBuf>,
    /// What the user should be told of files that were left out, a line a folder.
    pub notes: Vec<String>,
}

impl Pictures {
    /// Reads PNG and JPEG files, and of every folder among `paths` those in it in the order of their names. Files whose names
    /// begin with a dot are left out; of other files and of folders in it [`notes`](Self::notes) say how many were. Colours
    /// become grey by their luminance, transparent pixels are laid on white, 16 bits become 8; of an animation the first
    /// picture counts.
    ///
    /// # Errors
    /// [`PictureFileError`] where nothing is given, a path cannot be read, a folder holds no picture, a file is not a
    /// picture, or a picture has another size than the first.
    pub fn read<P: AsRef<Path>>(paths: &[P]) -> Result<Self, PictureFileError> {
        let (mut files, mut notes) = (Vec::new(), Vec::new());
        for path in paths {
            files.extend(files_of(path.as_ref(), &mut notes)?);
        }
        let mut size = None;
        let mut pixels = Vec::new();
        for path in &files {
            let bytes = Input::open(path, &FORMAT)?.read_all()?;
            let (found, grey) = decode::grey(&bytes).map_err(|reason| {
                let path = path.clone();
                PictureFileError::NotAPicture { path, reason }
            })?;
            let expected = *size.get_or_insert(found);
            if found != expected {
                let path = path.clone();
                return Err(PictureFileError::OtherSize {
                    path,
                    expected,
                    found,
                });
            }
            if pixels.len() + grey.len() > MOST_PIXELS {
                return Err(PictureFileError::TooMany { path: path.clone() });
            }
            pixels.extend(grey);
        }
        let (width, height) = size.ok_or(PictureFileError::None)?;
        Ok(Self {
            images: Images::new(height, width, pixels)?,
            paths: files,
            notes,
        })
    }

    /// Decodes the bytes of one PNG or JPEG file.
    ///
    /// # Errors
    /// What is wrong with it, one line.
    pub fn decode(bytes: &[u8]) -> Result<Images, String> {
        let ((width, height), grey) = decode::grey(bytes)?;
        Images::new(height, width, grey).map_err(|error| error.to_string())
    }
}

/// The path itself, or the pictures in it, sorted, if it is a folder.
fn files_of(path: &Path, notes: &mut Vec<String>) -> Result<Vec<PathBuf>, PictureFileError> {
    let failed = |source| PictureFileError::Io {
        path: path.to_owned(),
        source,
    };
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        let name = file.file_name().unwrap_or_default();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let is_picture =
            |extension: &OsStr| ENDINGS.iter().any(|e| extension.eq_ignore_ascii_case(e));
        if file.extension().is_some_and(is_picture) && !file.is_dir() {
            files.push(file);
        } else {
            others.push(shown(name).to_string());
        }
    }
    if files.is_empty() {
        return Err(PictureFileError::EmptyFolder {
            path: path.to_owned(),
        });
    }
    files.sort();
    others.sort();
    if let Some(first) = others.first() {
        let which = match others.len() {
            1 => format!("{first}, which is not a PNG or JPEG file, was left out"),
            count => format!(
                "{count} entries that are not PNG or JPEG files were left out, such as {first}"
            ),
        };
        notes.push(format!("{}: {which}", shown(path)));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Write;

    fn write(path: &Path, colour: png::ColorType, size: (u32, u32), data: &[u8]) {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, size.0, size.1);
        encoder.set_color(colour);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        File::create(path).unwrap().write_all(&bytes).unwrap();
    }

    #[test]
    fn every_kind_of_colour_becomes_grey() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        write(
            &path("b.PNG"),
            png::ColorType::Grayscale,
            (3, 1),
            &[0, 7, 255],
        );
        write(
            &path("a.png"),
            png::ColorType::Rgb,
            (3, 1),
            &[9, 9, 9, 255, 0, 0, 255, 255, 255],
        );
        let transparent = [0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 128];
        write(&path("c.png"), png::ColorType::Rgba, (3, 1), &transparent);
        fs::write(path("notes.txt"), "no picture").unwrap();
        let pictures = Pictures::read(&[folder.path()]).unwrap();
        assert_eq!((pictures.images.rows(), pictures.images.columns()), (1, 3));
        assert_eq!(
            pictures.images.pixels(),
            [9, 76, 255, 0, 7, 255, 255, 0, 127]
        );
        assert!(pictures.paths[0].ends_with("a.png") && pictures.paths[1].ends_with("b.PNG"));
        let one = Pictures::read(&[path("b.PNG")]).unwrap();
        assert_eq!(one.images.pixels(), [0, 7, 255]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let none: [&Path; 0] = [];
        assert!(matches!(Pictures::read(&none), Err(PictureFileError::None)));
        let error = Pictures::read(&[folder.path()]).unwrap_err();
        assert!(matches!(error, PictureFileError::EmptyFolder { .. }));
        let error = Pictures::read(&[path("none.png")]).unwrap_err();
        assert!(matches!(error, PictureFileError::Io { .. }));
        write(&path("a.png"), png::ColorType::Grayscale, (2, 1), &[0, 7]);
        write(&path("b.png"), png::ColorType::Grayscale, (1, 2), &[0, 7]);
        let error = Pictures::read(&[folder.path()]).unwrap_err().to_string();
        assert!(
            error.contains("b.png") && error.contains("2 x 1") && error.contains("1 x 2"),
            "{error}"
        );
        let whole = fs::read(path("a.png")).unwrap();
        for bytes in [
            &b"a text, no picture"[..],
            &[],
            &whole[..20],
            &whole[..whole.len() - 20],
        ] {
            fs::write(path("a.png"), bytes).unwrap();
            let error = Pictures::read(&[path("a.png")]).unwrap_err();
            assert!(
                matches!(error, PictureFileError::NotAPicture { .. }),
                "{error}"
            );
            assert_eq!(error.to_string().lines().count(), 1);
        }
    }
}
