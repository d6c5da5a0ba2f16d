//! -log2 of a uniform random number, in integers.

/// Binary places of [`minus_log2`].
pub(crate) const NOISE_BITS: u32 = 26;

/// log2 of 1 + i / 256 with 31 binary places, and of 2.
const LOG2: [u32; 257] = {
    let mut table = [1 << 31; 257];
    let mut i = 0;
    while i < 256 {
        table[i] = ((log2((256 + i as u128) << 55) + (1 << 16)) >> 17) as u32;
        i += 1;
    }
    table
};

/// How much log2 in the middle of segment i is above its chord, with 27 binary places.
const CURVATURE: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let middle = log2((513 + 2 * i as u128) << 54);
        let chord = (LOG2[i] as u64 + LOG2[i + 1] as u64) << 16;
        table[i] = ((middle - chord + (1 << 20)) >> 21) as u32;
        i += 1;
    }
    table
};

/// log2 with 48 binary places, rounded down, of a number in 1..2 that has 63: by squaring, which doubles a logarithm.
const fn log2(mut number: u128) -> u64 {
    let mut log = 0;
    let mut bit = 0;
    while bit < 48 {
        number = (number * number) >> 63;
        let carry = (number >> 64) as u32;
        log = log << 1 | carry as u64;
        number >>= carry;
        bit += 1;
    }
    log
}

/// -log2 of (v | 1) / 2^32, which is uniform on the midpoints of 2^31 intervals of 0..1, with [`NOISE_BITS`] binary
/// places: from 0 to 2^31.
///
/// Between neighbouring entries of a table it is a parabola through the true middle, evaluated exactly and rounded once,
/// so that it never ascends with v. The error is below 2^-24 / ln 2: a uniform number has 24 significant bits here.
#[inline(always)]
pub(crate) fn minus_log2(v: u32) -> u32 {
    let v = v | 1;
    let zeros = v.leading_zeros();
    let m = v << zeros;
    let segment = (m >> 23 & 255) as usize;
    // The middle of 2^7 numbers, in 2^-17 of a segment.
    let r = u64::from(m >> 6 & 0x1_ffff | 1);
    let (low, high) = (LOG2[segment], LOG2[segment + 1]);
    let line = (u64::from(low) << 28) + ((u64::from(high - low) * r) << 11);
    let log = line + u64::from(CURVATURE[segment]) * (r * ((1 << 17) - r));
    ((zeros + 1) << NOISE_BITS) - ((log + (1 << 32)) >> 33) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All 2^24 numbers that are told apart in the upper octave, and every octave's ends.
    #[test]
    fn the_logarithm_is_near_and_never_ascends() {
        let mut before = u32::MAX;
        let mut worst = 0.0_f64;
        let octaves = (0..31).flat_map(|octave| {
            let start = 1_u32 << octave;
            [start, start + start / 3, start + (start - 1)]
        });
        let fine = (1 << 24..=u32::MAX >> 7).map(|upper| upper << 7 | 63);
        for v in octaves.chain(fine) {
            let found = minus_log2(v);
            assert!(found <= before, "ascends at {v}");
            before = found;
            let exact = 32.0 - libm::log2(f64::from(v | 1));
            worst = worst.max((f64::from(found) / f64::from(1 << NOISE_BITS) - exact).abs());
        }
        let bound = libm::exp2(-24.0) / core::f64::consts::LN_2;
        assert!(worst < bound, "{worst} of {bound}");
    }
}
