//! Buffers aligned to 64 bytes, so that no vector of a padded row crosses a cache line.

use wide::{f32x16, i16x32};

/// 16-bit numbers, aligned to 64 bytes.
#[derive(Clone, Debug, Default)]
pub struct AlignedI16 {
    vectors: Vec<i16x32>,
    len: usize,
}

impl AlignedI16 {
    /// `len` zeros.
    #[must_use]
    pub fn zeros(len: usize) -> Self {
        Self {
            vectors: vec![i16x32::splat(0); len.div_ceil(32)],
            len,
        }
    }
}

impl AsRef<[i16]> for AlignedI16 {
    fn as_ref(&self) -> &[i16] {
        &bytemuck::cast_slice(&self.vectors)[..self.len]
    }
}

impl AsMut<[i16]> for AlignedI16 {
    fn as_mut(&mut self) -> &mut [i16] {
        &mut bytemuck::cast_slice_mut(&mut self.vectors)[..self.len]
    }
}

/// Floats, aligned to 64 bytes.
#[derive(Clone, Debug, Default)]
pub struct AlignedF32 {
    vectors: Vec<f32x16>,
    len: usize,
}

impl AlignedF32 {
    /// `len` zeros.
    #[must_use]
    pub fn zeros(len: usize) -> Self {
        Self {
            vectors: vec![f32x16::splat(0.0); len.div_ceil(16)],
            len,
        }
    }
}

impl AsRef<[f32]> for AlignedF32 {
    fn as_ref(&self) -> &[f32] {
        &bytemuck::cast_slice(&self.vectors)[..self.len]
    }
}

impl AsMut<[f32]> for AlignedF32 {
    fn as_mut(&mut self) -> &mut [f32] {
        &mut bytemuck::cast_slice_mut(&mut self.vectors)[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_as_asked_and_addresses_are_aligned() {
        for len in [0, 1, 31, 32, 33, 500] {
            let (mut a, mut b) = (AlignedI16::zeros(len), AlignedF32::zeros(len));
            assert_eq!((a.as_ref().len(), b.as_ref().len()), (len, len));
            a.as_mut().fill(1);
            b.as_mut().fill(1.0);
            assert!(len == 0 || a.as_ref().as_ptr().addr().is_multiple_of(64));
            assert!(len == 0 || b.as_ref().as_ptr().addr().is_multiple_of(64));
        }
    }
}
