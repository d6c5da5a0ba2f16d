//! Buffers aligned to 64 bytes, so that no vector of a padded row crosses a cache line.

/// Alignment in bytes: that of a cache line and of the widest vectors.
const ALIGNMENT: usize = 64;

/// A buffer of fixed length whose first element lies at a multiple of 64 bytes.
#[derive(Debug, Default)]
pub struct Aligned<T> {
    /// Room for the elements, and for moving the first.
    storage: Vec<T>,
    start: usize,
    len: usize,
}

/// Bytes with a sign, aligned to 64 bytes.
pub type AlignedI8 = Aligned<i8>;
/// 16-bit numbers, aligned to 64 bytes.
pub type AlignedI16 = Aligned<i16>;
/// Floats, aligned to 64 bytes.
pub type AlignedF32 = Aligned<f32>;

impl<T: Copy + Default> Aligned<T> {
    /// `len` zeros.
    #[must_use]
    pub fn zeros(len: usize) -> Self {
        let spare = ALIGNMENT / size_of::<T>().max(1);
        let storage = vec![T::default(); len + spare];
        let start = storage.as_ptr().align_offset(ALIGNMENT).min(spare);
        Self {
            storage,
            start,
            len,
        }
    }
}

impl<T: Copy + Default> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        let mut clone = Self::zeros(self.len);
        clone.as_mut().copy_from_slice(self.as_ref());
        clone
    }
}

impl<T> AsRef<[T]> for Aligned<T> {
    fn as_ref(&self) -> &[T] {
        &self.storage[self.start..][..self.len]
    }
}

impl<T> AsMut<[T]> for Aligned<T> {
    fn as_mut(&mut self) -> &mut [T] {
        &mut self.storage[self.start..][..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_as_asked_and_addresses_are_aligned() {
        for len in [0, 1, 31, 32, 33, 500] {
            let (mut a, mut b) = (AlignedI16::zeros(len), AlignedF32::zeros(len));
            let mut c = AlignedI8::zeros(len);
            assert_eq!(
                [a.as_ref().len(), b.as_ref().len(), c.as_ref().len()],
                [len; 3]
            );
            a.as_mut().fill(1);
            b.as_mut().fill(1.0);
            c.as_mut().fill(1);
            let addresses = [
                a.as_ref().as_ptr().addr(),
                b.as_ref().as_ptr().addr(),
                c.as_ref().as_ptr().addr(),
            ];
            assert!(addresses.iter().all(|at| at.is_multiple_of(64)));
            let copy = a.clone();
            assert_eq!(copy.as_ref(), a.as_ref());
            assert!(copy.as_ref().as_ptr().addr().is_multiple_of(64));
        }
    }
}
