use regex_lite::Regex;

use crate::check::at_most;
use crate::problem::Problems;
use crate::receive::{CleanPath, PathRefusal};
use crate::resource::service::PathRegex;
use crate::route::Pattern;

/// `path.regex`, compiled.
#[derive(Debug)]
pub struct Substitution {
    regex: Regex,
    parts: Vec<Part>,
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Group(usize),
}

/// Characters of the pattern, and of the substitution.
const MAX_TEXT: usize = 512;
/// Bytes of a path beyond which nothing is put together: it is refused.
const MAX_PATH: usize = 64 * 1024;

impl Substitution {
    pub fn compile(source: &PathRegex, problems: &mut Problems) -> Option<Self> {
        at_most(problems, "pattern", source.pattern.len(), MAX_TEXT, "characters");
        at_most(problems, "substitution", source.substitution.len(), MAX_TEXT, "characters");
        let regex = Pattern::unanchored(&source.pattern);
        let regex = regex.map_err(|why| {
            let message = format!("`{}` is not a regular expression that works here: {why}", source.pattern);
            problems.at("pattern", |p| p.error(message));
        });
        let parts = problems.at("substitution", |problems| parse(&source.substitution, problems))?;
        let regex = regex.ok()?;
        let groups = regex.captures_len();
        if let Some(group) =
            parts.iter().find_map(|part| if let Part::Group(group) = part { Some(*group) } else { None }.filter(|it| *it >= groups))
        {
            problems.at("substitution", |p| p.error(format!("`\\{group}`: the pattern has no such group")));
            return None;
        }
        Some(Self { regex, parts })
    }

    /// # Errors
    /// When the result is no path, begins with two slashes, holds dot segments or is too long.
    pub fn apply(&self, path: &CleanPath) -> Result<CleanPath, PathRefusal> {
        let text = path.as_str();
        let (mut made, mut end) = (String::with_capacity(text.len()), 0);
        for captures in self.regex.captures_iter(text) {
            let Some(whole) = captures.get(0) else { continue };
            made.push_str(text.get(end..whole.start()).unwrap_or_default());
            end = whole.end();
            for part in &self.parts {
                made.push_str(match part {
                    Part::Text(text) => text,
                    Part::Group(group) => captures.get(*group).map_or("", |group| group.as_str()),
                });
            }
            if made.len() > MAX_PATH {
                return Err(PathRefusal::TooLong);
            }
        }
        made.push_str(text.get(end..).unwrap_or_default());
        // What did not change is the caller's, and goes on as it would without this.
        if made == text { Ok(path.clone()) } else { CleanPath::rewritten(&made) }
    }
}

fn parse(text: &str, problems: &mut Problems) -> Option<Vec<Part>> {
    let (mut parts, mut literal) = (Vec::new(), String::new());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            literal.push(character);
            continue;
        }
        match characters.next() {
            Some('\\') => literal.push('\\'),
            Some(digit @ '0'..='9') => {
                parts.extend((!literal.is_empty()).then(|| Part::Text(std::mem::take(&mut literal))));
                parts.push(Part::Group(digit.to_digit(10).and_then(|group| usize::try_from(group).ok()).unwrap_or_default()));
            }
            other => {
                let found = other.map(String::from).unwrap_or_default();
                problems.error_with_help(format!("`\\{found}` means nothing"), "write `\\1` for a group, or `\\\\` for a backslash");
                return None;
            }
        }
    }
    parts.extend((!literal.is_empty()).then_some(Part::Text(literal)));
    Some(parts)
}
