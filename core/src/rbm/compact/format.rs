//! Storage formats of weights.

/// Storage format of weights. A row holds the codes of one visible unit's weights, hidden unit after hidden
/// unit, in the bits of its bytes from the lowest up; a row begins at a whole byte, and unused bits at its end are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightFormat {
    /// -32767..=32767, two bytes, little-endian.
    I16,
    /// -127..=127, one byte.
    I8,
    /// -7..=7 in two's complement, two codes per byte.
    I4,
    /// -1, 0 or 1 in two's complement of two bits (0b11, 0b00, 0b01), four codes per byte.
    Ternary,
    /// -1 as a clear and 1 as a set bit, eight codes per byte.
    Sign,
}

impl WeightFormat {
    /// All formats, largest first.
    pub const ALL: [Self; 5] = [Self::I16, Self::I8, Self::I4, Self::Ternary, Self::Sign];

    /// Bits of a code.
    #[must_use]
    pub const fn bits(self) -> usize {
        match self {
            Self::I16 => 16,
            Self::I8 => 8,
            Self::I4 => 4,
            Self::Ternary => 2,
            Self::Sign => 1,
        }
    }

    /// The largest magnitude of a code; ranges are symmetric.
    #[must_use]
    pub const fn limit(self) -> i16 {
        match self {
            Self::I16 => 32_767,
            Self::I8 => 127,
            Self::I4 => 7,
            Self::Ternary | Self::Sign => 1,
        }
    }

    /// Bytes of a row of `hidden` codes.
    ///
    /// ```
    /// use bitspin_core::rbm::WeightFormat;
    /// assert_eq!(WeightFormat::ALL.map(|format| format.row_len(9)), [18, 9, 5, 3, 2]);
    /// ```
    #[must_use]
    pub const fn row_len(self, hidden: usize) -> usize {
        match self {
            Self::I16 => hidden.saturating_mul(2),
            _ => hidden.div_ceil(8 / self.bits()),
        }
    }

    /// Code `index` of a row, or 0 past the row's end. Bits that are no code of the format give a number beyond its
    /// [`limit`](Self::limit).
    #[inline]
    #[must_use]
    pub fn code(self, row: &[u8], index: usize) -> i16 {
        let byte = |at: usize| row.get(at).copied();
        match self {
            Self::I16 => {
                let (codes, _) = row.as_chunks();
                codes.get(index).map_or(0, |&code| i16::from_le_bytes(code))
            }
            Self::I8 => byte(index).map_or(0, |byte| i16::from(byte as i8)),
            Self::I4 => byte(index / 2).map_or(0, |byte| nibble(byte, index)),
            Self::Ternary => byte(index / 4).map_or(0, |byte| ternary(byte >> (index % 4 * 2))),
            Self::Sign => {
                byte(index / 8).map_or(0, |byte| 2 * i16::from(byte >> (index % 8) & 1) - 1)
            }
        }
    }

    /// Writes code `index` of a row whose bits at that place are zero; past the row's end, nothing.
    pub(super) fn put(self, row: &mut [u8], index: usize, code: i16) {
        let bits = self.bits();
        let pattern = match self {
            Self::Sign => u16::from(code > 0),
            _ => code as u16 & (u16::MAX >> (16 - bits)),
        };
        let first = index * bits / 8;
        let shifted = pattern << (index * bits % 8);
        for (byte, part) in row
            .iter_mut()
            .skip(first)
            .take(bits.div_ceil(8))
            .zip(shifted.to_le_bytes())
        {
            *byte |= part;
        }
    }

    /// Whether every code of a row is in range, and the bits behind the last are zero.
    pub(super) fn accepts(self, row: &[u8], hidden: usize) -> Result<(), &'static str> {
        let in_range = |index| self.code(row, index).unsigned_abs() <= self.limit().unsigned_abs();
        if !(0..hidden).all(in_range) {
            return Err("codes of the weight format's symmetric range");
        }
        let used = hidden * self.bits() % 8;
        if used != 0 && row.last().is_some_and(|last| last >> used != 0) {
            return Err("zero bits behind the last code of a row");
        }
        Ok(())
    }
}

/// The lower or, for odd indices, upper four bits of a byte, with their sign.
#[inline(always)]
pub(super) fn nibble(byte: u8, index: usize) -> i16 {
    let upper = if index.is_multiple_of(2) {
        byte << 4
    } else {
        byte
    };
    i16::from(upper as i8 >> 4)
}

/// The lowest two bits of a byte, with their sign.
#[inline(always)]
pub(super) fn ternary(byte: u8) -> i16 {
    i16::from(byte & 1) - i16::from(byte & 2)
}
