use super::*;

fn count(svg: &str, needle: &str) -> usize {
    svg.matches(needle).count()
}

fn one(series: Series) -> String {
    let svg = render("", &[Panel::new("", "x", "y").with(series)]).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.contains("width=\"760\" height=\"270\" viewBox=\"0 0 6080 2160\""));
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    svg
}

fn lines(svg: &str) -> usize {
    let blue = "stroke=\"#0072B2\" stroke-width=\"16\"";
    svg.lines()
        .filter(|line| line.starts_with("<polyline") && line.contains(blue))
        .count()
}

#[test]
fn one_point_is_seen() {
    for series in [
        Series::line("a", [(1.0, 0.03)]),
        Series::dashed("a", [(1.0, 0.03)]),
        Series::points("a", [(1.0, 0.03)]),
    ] {
        let svg = one(series);
        assert_eq!((count(&svg, "<circle"), lines(&svg)), (1, 0));
    }
}

#[test]
fn gaps_split_a_line() {
    let missing = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e305];
    for gap in missing {
        let points = [1.0, 2.0, gap, 4.0, gap, 1.0, 3.0];
        let points = points.iter().enumerate().map(|(x, &y)| (x as f64, y));
        let svg = one(Series::line("a", points));
        assert_eq!((count(&svg, "<circle"), lines(&svg)), (5, 2));
    }
}

#[test]
fn nothing_to_draw_is_said() {
    for points in [vec![], vec![(f64::NAN, 1.0), (1.0, f64::NAN)]] {
        assert!(one(Series::line("a", points)).contains("no values to draw"));
    }
    let empty = render("", &[Panel::default()]).unwrap();
    assert!(empty.contains("no values to draw"));
    assert!(matches!(render("", &[]), Err(PlotError::NoPanels)));
    let many = vec![Panel::default(); 101];
    assert!(matches!(
        render("", &many),
        Err(PlotError::TooManyPanels(101))
    ));
}

#[test]
fn extreme_values_are_drawn() {
    for y in [
        [0.0, 0.0],
        [5.0, 5.0],
        [-1e299, 1e299],
        [1e-320, 2e-320],
        [1e18, 1e18 + 128.0],
    ] {
        one(Series::line("a", [(1.0, y[0]), (2.0, y[1])]));
        one(Series::points_with_errors(
            "a",
            [(y[0], 1.0, f64::NAN), (y[1], 1.0, 1e302)],
        ));
    }
}

#[test]
fn error_bars_and_dashes_are_drawn() {
    let bars = one(Series::points_with_errors(
        "a",
        [(1.0, 2.0, 0.5), (2.0, 2.0, 0.0)],
    ));
    let thin = bars
        .lines()
        .filter(|line| line.contains("stroke=\"#0072B2\" stroke-width=\"8\""))
        .count();
    assert_eq!((count(&bars, "<circle"), thin), (2, 3));
    let dashed = one(Series::dashed("a", [(0.0, 0.0), (1.0, 1.0)]));
    assert!(lines(&dashed) > 20);
}

#[test]
fn names_are_escaped_and_the_legend_names_two_series() {
    let panel = Panel::new("a < b & c\u{1}", "x", "y")
        .with(Series::line("\"first\"", [(0.0, 1.0)]))
        .with(Series::line("second", [(0.0, 2.0)]));
    let svg = render("whole", std::slice::from_ref(&panel)).unwrap();
    assert!(svg.contains("a &lt; b &amp; c"));
    assert!(svg.contains("&quot;first&quot;") && svg.contains("second"));
    assert!(!svg.contains('\u{1}'));
    assert_eq!(svg, render("whole", &[panel]).unwrap());
}
