//! Buffers aligned to 64 bytes, so that no vector of a padded row crosses a cache line.

use wide::{f32x16, i8x64, i16x32};

/// Defines a buffer of `$element`s, `$lanes` of which make a `$vector`.
macro_rules! aligned {
    ($(#[$doc:meta])* $name:ident, $element:ty, $vector:ty, $lanes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            vectors: Vec<$vector>,
            len: usize,
        }

        impl $name {
            /// `len` zeros.
            #[must_use]
            pub fn zeros(len: usize) -> Self {
                Self {
                    vectors: vec![<$vector>::ZERO; len.div_ceil($lanes)],
                    len,
                }
            }
        }

        impl AsRef<[$element]> for $name {
            fn as_ref(&self) -> &[$element] {
                &bytemuck::cast_slice(&self.vectors)[..self.len]
            }
        }

        impl AsMut<[$element]> for $name {
            fn as_mut(&mut self) -> &mut [$element] {
                &mut bytemuck::cast_slice_mut(&mut self.vectors)[..self.len]
            }
        }
    };
}

aligned! {
    /// Bytes with a sign, aligned to 64 bytes.
    AlignedI8, i8, i8x64, 64
}
aligned! {
    /// 16-bit numbers, aligned to 64 bytes.
    AlignedI16, i16, i16x32, 32
}
aligned! {
    /// Floats, aligned to 64 bytes.
    AlignedF32, f32, f32x16, 16
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
            assert!(len == 0 || addresses.iter().all(|at| at.is_multiple_of(64)));
        }
    }
}
