//! A chart with logarithmic axes: a line along the diagonal grows like its input, a flat one does not grow.

use std::fmt::Write;

use super::Row;
use super::axis::Axis;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
/// Of the plot, within the picture.
const LEFT: f64 = 60.0;
const TOP: f64 = 20.0;
const SIDE: f64 = 340.0;
/// Powers of ten on either axis.
const DECADES: i32 = 5;
const COLOURS: [&str; 11] =
    ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf", "#000000"];

pub fn draw(measured: &[(&Axis, Vec<Row>)]) -> String {
    let mut out = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">
<title>How a request's cost grows</title>
<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>
"##
    );
    for decade in 0..=DECADES {
        let (at, label) = (f64::from(decade), 10_f64.powi(decade));
        let (x, y) = (across(at), down(at));
        let bottom = TOP + SIDE;
        let _ = writeln!(out, r##"<path d="M{x:.1} {TOP}V{bottom}M{LEFT} {y:.1}H{:.1}" stroke="#ddd"/>"##, LEFT + SIDE);
        let _ = writeln!(out, r#"<text x="{x:.1}" y="{:.1}" text-anchor="middle">{label}</text>"#, bottom + 16.0);
        let _ = writeln!(out, r#"<text x="{:.1}" y="{:.1}" text-anchor="end">{label}</text>"#, LEFT - 6.0, y + 4.0);
    }
    let _ = writeln!(
        out,
        r##"<path d="M{:.1} {:.1}L{:.1} {:.1}" stroke="#999" stroke-dasharray="4"/>"##,
        across(0.0),
        down(0.0),
        across(f64::from(DECADES)),
        down(f64::from(DECADES))
    );
    let _ = writeln!(
        out,
        r#"<text x="{:.1}" y="{:.1}" text-anchor="middle">size, of the smallest</text>"#,
        LEFT + SIDE / 2.0,
        TOP + SIDE + 36.0
    );
    let _ = writeln!(
        out,
        r#"<text transform="translate(14 {:.1}) rotate(-90)" text-anchor="middle">cost of a request, of the smallest</text>"#,
        TOP + SIDE / 2.0
    );
    for (index, ((axis, rows), colour)) in measured.iter().zip(COLOURS.iter().cycle()).enumerate() {
        let Some(first) = rows.first() else { continue };
        let point = |row: &Row| {
            let (size, cost) = (row.size as f64 / first.size as f64, row.median() / first.median());
            format!("{:.1},{:.1}", across(size.log10()), down(cost.log10()))
        };
        let points: Vec<String> = rows.iter().map(point).collect();
        let _ = writeln!(out, r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2"/>"#, points.join(" "));
        let y = TOP + 14.0 + 18.0 * index as f64;
        let x = LEFT + SIDE + 16.0;
        let _ = writeln!(
            out,
            r#"<path d="M{x} {:.1}h18" stroke="{colour}" stroke-width="2"/><text x="{:.1}" y="{y:.1}">{}</text>"#,
            y - 4.0,
            x + 24.0,
            axis.title
        );
    }
    out.push_str("</svg>\n");
    out
}

/// Of a logarithm.
fn across(log: f64) -> f64 {
    LEFT + SIDE * log / f64::from(DECADES)
}

fn down(log: f64) -> f64 {
    TOP + SIDE - SIDE * log / f64::from(DECADES)
}
