//! Tables of results for people.

use serde_json::Value;

/// A heading and a line for each object; what an object lacks is `-`.
pub fn render(columns: &[&str], rows: &[Value]) -> String {
    let mut lines: Vec<Vec<String>> = vec![columns.iter().map(|column| column.to_uppercase()).collect()];
    lines.extend(rows.iter().map(|row| columns.iter().map(|column| cell(row.get(column))).collect()));
    let widths: Vec<usize> = (0..columns.len()).map(|column| lines.iter().filter_map(|line| line.get(column)).map(width).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn width(cell: &String) -> usize {
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
        assert_eq!(render(&["name", "n"], &rows), "NAME         N\na-long-name  2\nb            -\n");
    }
}
