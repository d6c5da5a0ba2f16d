//! Text and numbers on a serial port.

use embedded_io::Write;

/// Prints to a writer of bytes. Errors of the writer are ignored: there is nowhere to report them.
#[derive(Debug)]
pub struct Console<W> {
    port: W,
}

impl<W: Write> Console<W> {
    /// A console on this port.
    pub const fn new(port: W) -> Self {
        Self { port }
    }

    /// Prints text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Prints a number, with a comma before each three digits.
    pub fn number(&mut self, number: u32) -> &mut Self {
        let mut text = [0; 13];
        let mut at = text.len();
        let mut rest = number;
        for digit in 0.. {
            if digit % 4 == 3 {
                at = put(&mut text, at, b',');
            } else {
                at = put(&mut text, at, b'0' + (rest % 10) as u8);
                rest /= 10;
                if rest == 0 {
                    break;
                }
            }
        }
        self.bytes(text.get(at..).unwrap_or_default())
    }

    /// Prints a number that may be negative.
    pub fn integer(&mut self, number: i32) -> &mut Self {
        if number < 0 {
            self.text("-");
        }
        self.number(number.unsigned_abs())
    }

    /// Prints a number as 16 hexadecimal digits.
    pub fn hexadecimal(&mut self, number: u64) -> &mut Self {
        for byte in number.to_be_bytes() {
            for digit in [byte >> 4, byte & 15] {
                let letter = if digit < 10 { b'0' } else { b'a' - 10 };
                self.bytes(&[letter + digit]);
            }
        }
        self
    }

    /// Ends the line, and waits until it is sent.
    pub fn line(&mut self) -> &mut Self {
        self.bytes(b"\n");
        let _ = self.port.flush();
        self
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        let _ = self.port.write_all(bytes);
        self
    }
}

/// Writes a byte before place `at` and returns that place.
fn put(text: &mut [u8], at: usize, byte: u8) -> usize {
    let before = at.saturating_sub(1);
    if let Some(slot) = text.get_mut(before) {
        *slot = byte;
    }
    before
}
