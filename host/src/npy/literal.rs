//! The dictionary literal in a header.

use super::{Header, Kind, MOST_AXES, NpyError};

/// How much of a wrong header a message quotes, in characters.
const QUOTED: usize = 24;

/// What is left of the header's text.
struct Scanner<'a> {
    rest: &'a [u8],
}

/// Parses the text of a header.
pub(super) fn parse(text: &[u8]) -> Result<Header, NpyError> {
    let mut scanner = Scanner { rest: text };
    let (mut descr, mut fortran, mut shape) = (None, None, None);
    scanner.expect(b'{', "a dictionary")?;
    while !scanner.takes(b'}') {
        let key = scanner.string("a key")?;
        scanner.expect(b':', "a colon after a key")?;
        let is_new = match key {
            b"descr" => descr.replace(scanner.descr()?).is_none(),
            b"fortran_order" => fortran.replace(scanner.boolean()?).is_none(),
            b"shape" => shape.replace(scanner.tuple()?).is_none(),
            other => return Err(wrong("descr, fortran_order and shape alone", other)),
        };
        if !is_new {
            return Err(wrong("each key once", key));
        }
        if !scanner.takes(b',') {
            scanner.expect(b'}', "a comma or the end of the dictionary")?;
            break;
        }
    }
    scanner.skip_space();
    if !scanner.rest.is_empty() {
        return Err(wrong("nothing after the dictionary", scanner.rest));
    }
    let missing = |key| wrong(key, text);
    let (kind, size, big_endian) = descr.ok_or_else(|| missing("the key 'descr'"))?;
    let fortran_order = fortran.ok_or_else(|| missing("the key 'fortran_order'"))?;
    let shape = shape.ok_or_else(|| missing("the key 'shape'"))?;
    // A size of 0 must not hide that the others overflow.
    let bytes = shape
        .iter()
        .try_fold(size, |bytes: usize, &axis| bytes.checked_mul(axis.max(1)));
    if bytes.is_none_or(|bytes| isize::try_from(bytes).is_err()) {
        return Err(NpyError::TooLarge(super::tuple(&shape)));
    }
    Ok(Header {
        kind,
        size,
        big_endian,
        fortran_order,
        shape,
    })
}

fn wrong(expected: &'static str, found: &[u8]) -> NpyError {
    let found = quoted(found);
    NpyError::Header { expected, found }
}

/// The beginning of some bytes, escaped, for a message.
fn quoted(bytes: &[u8]) -> String {
    let text = bytes.escape_ascii().to_string();
    match text.get(..QUOTED) {
        _ if text.is_empty() => "its end".into(),
        Some(start) if text.len() > QUOTED => format!("`{start}...`"),
        _ => format!("`{text}`"),
    }
}

impl<'a> Scanner<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// Takes one byte, after white space, if it comes next.
    fn takes(&mut self, byte: u8) -> bool {
        self.skip_space();
        let takes = self.rest.first() == Some(&byte);
        self.rest = &self.rest[usize::from(takes)..];
        takes
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), NpyError> {
        match self.takes(byte) {
            true => Ok(()),
            false => Err(wrong(what, self.rest)),
        }
    }

    /// A string in single or double quotes, without escapes.
    fn string(&mut self, what: &'static str) -> Result<&'a [u8], NpyError> {
        self.skip_space();
        let (quote, after) = match self.rest.split_first() {
            Some((quote @ (b'\'' | b'"'), after)) => (*quote, after),
            _ => return Err(wrong(what, self.rest)),
        };
        let end = after
            .iter()
            .position(|&byte| byte == quote || byte == b'\\');
        match end {
            Some(end) if after[end] == quote => {
                self.rest = &after[end + 1..];
                Ok(&after[..end])
            }
            _ => Err(wrong(what, self.rest)),
        }
    }

    /// The type of the elements: byte order, kind and size.
    fn descr(&mut self) -> Result<(Kind, usize, bool), NpyError> {
        self.skip_space();
        if self.rest.first() == Some(&b'[') {
            return Err(NpyError::Type("with named fields".into()));
        }
        let text = self.string("a type such as '<f4'")?;
        let other = || NpyError::Type(quoted(text));
        let (&[order, kind], size) = text.split_first_chunk().ok_or_else(other)?;
        let big_endian = match order {
            b'<' | b'|' | b'=' => false,
            b'>' => true,
            _ => return Err(other()),
        };
        let kind = match (kind, size) {
            (b'b', b"1") => Kind::Bool,
            (b'u', b"1" | b"2" | b"4" | b"8") => Kind::Unsigned,
            (b'i', b"1" | b"2" | b"4" | b"8") => Kind::Signed,
            (b'f', b"2" | b"4" | b"8") => Kind::Float,
            _ => return Err(other()),
        };
        Ok((kind, usize::from(size[0] - b'0'), big_endian))
    }

    fn boolean(&mut self) -> Result<bool, NpyError> {
        self.skip_space();
        for (word, value) in [(&b"True"[..], true), (b"False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(wrong("True or False", self.rest))
    }

    /// A tuple of whole numbers.
    fn tuple(&mut self) -> Result<Vec<usize>, NpyError> {
        self.expect(b'(', "a shape in parentheses")?;
        let mut sizes = Vec::new();
        while !self.takes(b')') {
            if sizes.len() == MOST_AXES {
                return Err(wrong("at most 64 axes", self.rest));
            }
            sizes.push(self.size()?);
            // Python 2 wrote long integers with an L.
            if let Some(rest) = self.rest.strip_prefix(b"L") {
                self.rest = rest;
            }
            if !self.takes(b',') {
                // In Python, `(5)` is a number, not a tuple.
                if sizes.len() == 1 {
                    return Err(wrong("a comma in the shape", self.rest));
                }
                self.expect(b')', "a comma or the end of the shape")?;
                break;
            }
        }
        Ok(sizes)
    }

    fn size(&mut self) -> Result<usize, NpyError> {
        self.skip_space();
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit());
        let (digits, rest) = self.rest.split_at(digits.count());
        let size = str::from_utf8(digits)
            .ok()
            .and_then(|text| text.parse().ok());
        let size = size.ok_or_else(|| wrong("the size of an axis", self.rest))?;
        self.rest = rest;
        Ok(size)
    }
}
