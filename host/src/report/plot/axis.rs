//! The range and the ticks of one axis of a plot.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// Values beyond this size are treated as missing: the differences of such numbers need not be finite.
const LARGEST: f64 = 1e300;

/// What is drawn of a number: finite ones that leave room for arithmetic on the axis.
pub(super) fn drawable(value: f64) -> bool {
    value.abs() <= LARGEST
}

/// An axis: where it begins and ends, and which values are marked on it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) ticks: Vec<f64>,
    notation: Notation,
}

/// How ticks are written: all of one axis alike.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Notation {
    Decimals(usize),
    Scientific(usize),
}

impl Axis {
    /// An axis that shows all `values` (those that can be drawn) with a margin on either side, and about `wanted`
    /// ticks. If all values are whole, only whole numbers are marked.
    pub(super) fn covering(values: impl Iterator<Item = f64> + Clone, wanted: usize) -> Self {
        let values = values.filter(|&value| drawable(value));
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.clone().fold(f64::NEG_INFINITY, f64::max);
        if low > high {
            return Self::between(0.0, 1.0, wanted, false);
        }
        let whole = values.clone().all(|value| value.fract() == 0.0);
        let size = low.abs().max(high.abs());
        let span = high - low;
        let margin = if span > 1e-9 * size {
            0.05 * span
        } else if whole {
            (0.1 * size).max(0.5)
        } else {
            0.1 * size.max(1e-300)
        };
        Self::between(low - margin, high + margin, wanted, whole)
    }

    fn between(start: f64, end: f64, wanted: usize, whole: bool) -> Self {
        let step = nice_step((end - start) / wanted.max(1) as f64, whole);
        let first = (start / step).ceil() as i64;
        let last = (end / step).floor() as i64;
        let ticks: Vec<f64> = (first..=last).map(|i| i as f64 * step).collect();
        let size = start.abs().max(end.abs());
        let step_exponent = exponent(step);
        let notation = if size >= 1e6 || step < 1e-4 {
            let digits = exponent(size) - step_exponent;
            Notation::Scientific(digits.clamp(0, 15) as usize)
        } else {
            Notation::Decimals((-step_exponent).clamp(0, 15) as usize)
        };
        Self {
            start,
            end,
            ticks,
            notation,
        }
    }

    /// A tick as text.
    pub(super) fn label(&self, tick: f64) -> String {
        match self.notation {
            Notation::Decimals(digits) => format!("{tick:.digits$}"),
            Notation::Scientific(_) if tick == 0.0 => "0".into(),
            Notation::Scientific(digits) => format!("{tick:.digits$e}"),
        }
    }

    /// The number of characters of the longest tick.
    pub(super) fn longest_label(&self) -> usize {
        let lengths = self.ticks.iter().map(|&tick| self.label(tick).len());
        lengths.max().unwrap_or(0)
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let part = (value - self.start) / (self.end - self.start);
        let pixels = f64::from(limit.1) - f64::from(limit.0);
        (f64::from(limit.0) + part * pixels).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.ticks.clone()
        }
    }

    fn range(&self) -> Range<f64> {
        self.start..self.end
    }
}

impl ValueFormatter<f64> for Axis {
    fn format(tick: &f64) -> String {
        tick.to_string()
    }

    fn format_ext(&self, tick: &f64) -> String {
        self.label(*tick)
    }
}

fn exponent(value: f64) -> i32 {
    // A little more than the logarithm, so that 0.001, whose logarithm may come out as -3.0000001, counts as 10^-3.
    (value.log10() + 1e-9).floor() as i32
}

/// The nearest to `step`, as a ratio, of 1, 2 and 5 times a power of ten; at least 1 on an axis of whole numbers.
fn nice_step(step: f64, whole: bool) -> f64 {
    let power = 10_f64.powi(exponent(step));
    // The borders are the geometric means of neighbours.
    let nice = match step / power {
        part if part < 2_f64.sqrt() => power,
        part if part < 10_f64.sqrt() => 2.0 * power,
        part if part < 50_f64.sqrt() => 5.0 * power,
        _ => 10.0 * power,
    };
    if whole { nice.max(1.0) } else { nice }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(values: &[f64], wanted: usize) -> Vec<String> {
        let axis = Axis::covering(values.iter().copied(), wanted);
        axis.ticks.iter().map(|&tick| axis.label(tick)).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(labels(&[0.0305, 0.0437], 3), ["0.030", "0.035", "0.040"]);
        assert_eq!(labels(&[-93.0, -61.5], 4), ["-90", "-80", "-70", "-60"]);
        assert_eq!(labels(&[0.0, 1.0], 5), ["0", "1"]);
    }

    #[test]
    fn epochs_are_whole() {
        assert_eq!(labels(&[1.0], 8), ["1"]);
        assert_eq!(labels(&[1.0, 2.0], 8), ["1", "2"]);
        assert_eq!(
            labels(&[-110.0], 4),
            ["-120", "-115", "-110", "-105", "-100"]
        );
        assert_eq!(
            labels(&[1.0, 100.0], 5),
            ["0", "20", "40", "60", "80", "100"]
        );
    }

    #[test]
    fn constants_and_nothing_have_an_axis() {
        for values in [
            &[0.031][..],
            &[0.0],
            &[-1e12],
            &[1e-12, 1e-12],
            &[],
            &[f64::NAN],
        ] {
            let axis = Axis::covering(values.iter().copied(), 5);
            assert!(axis.start < axis.end, "{values:?}: {axis:?}");
            assert!(!axis.ticks.is_empty(), "{values:?}: {axis:?}");
        }
    }

    #[test]
    fn labels_of_one_axis_differ() {
        for low in [0.0, 1e-9, 1e-5, 0.1, 3.0, 99_999.5, 1e7, 1e15, -1e7, 1e290] {
            for span in [1e-12, 1e-3, 1.0, 1e6, 1e20] {
                let axis = Axis::covering([low, low + span].into_iter(), 6);
                let mut written: Vec<String> = axis.ticks.iter().map(|&t| axis.label(t)).collect();
                let count = written.len();
                written.dedup();
                assert_eq!(written.len(), count, "{low} {span}: {written:?}");
                assert!((1..=14).contains(&count), "{low} {span}: {written:?}");
            }
        }
    }
}
