use cel::common::ast::{EntryExpr, Expr, IdedExpr};
use cel::parser::PrattParser;
use cel::{ParseError, ParseErrors};

use super::error::ExpressionError;
use super::{MAX_DEPTH, MAX_NODES};

/// Parses a source that [`Tokens`](super::tokens::Tokens) found to be bounded.
///
/// # Errors
/// The first mistake, or that the expression has too many parts.
pub(super) fn parse(source: &str) -> Result<IdedExpr, ExpressionError> {
    let depth = u16::try_from(MAX_DEPTH).unwrap_or(u16::MAX);
    let parser = PrattParser::new().max_recursion_depth(depth).max_expression_node_count(MAX_NODES);
    let tree = parser.parse(source).map_err(|errors| first(&errors, source))?;
    if size(&tree) > MAX_NODES {
        return Err(ExpressionError::new(0, format!("the expression has more than {MAX_NODES} parts")));
    }
    Ok(tree)
}

/// The number of nodes, what macros have become included.
pub(super) fn size(tree: &IdedExpr) -> usize {
    1 + children(tree).into_iter().map(size).sum::<usize>()
}

pub(super) fn children(tree: &IdedExpr) -> Vec<&IdedExpr> {
    match &tree.expr {
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Vec::new(),
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Comprehension(fold) => vec![&fold.iter_range, &fold.accu_init, &fold.loop_cond, &fold.loop_step, &fold.result],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => map.entries.iter().flat_map(|entry| parts(&entry.expr)).collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::Struct(message) => message.entries.iter().flat_map(|entry| parts(&entry.expr)).collect(),
    }
}

fn parts(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}

/// The parser counts lines and bytes of a line from 1; zero is no place.
fn first(errors: &ParseErrors, source: &str) -> ExpressionError {
    let Some(ParseError { pos: (line, column), msg, .. }) = errors.errors.iter().find(|error| error.pos.0 > 0).or(errors.errors.first())
    else {
        return ExpressionError::new(0, "the expression cannot be parsed");
    };
    let number = |n: isize| usize::try_from(n - 1).unwrap_or(0);
    let before: usize = source.split_inclusive('\n').take(number(*line)).map(str::len).sum();
    let message = msg.strip_prefix("Syntax error: ").unwrap_or(msg);
    ExpressionError::new(before + number(*column), message)
}
