//! Tables of results for people.

use serde_json::Value;

/// A heading and the key of its values.
pub type Column = (&'static str, &'static str);

/// A line of headings and a line for each object; what an object lacks is `-`.
pub fn render(columns: &[Column], rows: &[Value]) -> String {
    let mut lines: Vec<Vec<String>> = vec![columns.iter().map(|(heading, _)| (*heading).to_owned()).collect()];
    lines.extend(rows.iter().map(|row| columns.iter().map(|(_, key)| cell(row.get(key))).collect()));
    let width_of =
        |column: usize| lines.iter().filter_map(|line: &Vec<String>| line.get(column)).map(|cell| width(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width_of).collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn width(cell: &str) -> usize {
    cell.chars().count()
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [json!({ "name": "a-long-name", "n": 2 }), json!({ "name": "b", "n": null })];
        assert_eq!(render(&[("NAME", "name"), ("N", "n")], &rows), "NAME         N\na-long-name  2\nb            -\n");
    }
}
