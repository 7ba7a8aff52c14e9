//! What the parser leaves to do: `cel.bind`, `math.greatest` and `math.least`, which it cannot be taught, literal patterns, and
//! the functions that pay for work and compare lists of different kinds.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, operators};

use super::functions::{CONTAINS, EQUAL, Pattern, READ, WALK};
use super::parse::size;
use crate::feature::Feature;

/// The name under which the variables give a literal pattern.
pub(super) fn pattern_variable(index: usize) -> String {
    format!("@pattern{index}")
}

/// Rewrites a checked tree; gives the literal patterns in it, in the order of their variables.
pub(super) fn rewrite(tree: &mut IdedExpr) -> Vec<Pattern> {
    let mut rewriter = Rewriter::default();
    rewriter.node(tree);
    rewriter.patterns
}

#[derive(Default)]
struct Rewriter {
    patterns: Vec<Pattern>,
    /// The variables of the macros around this place.
    locals: Vec<String>,
}

impl Rewriter {
    fn node(&mut self, tree: &mut IdedExpr) {
        match &mut tree.expr {
            Expr::Unspecified | Expr::Literal(_) => {}
            Expr::Ident(name) if self.locals.contains(name) => {
                let read = call(READ, vec![std::mem::take(tree)]);
                *tree = read;
            }
            Expr::Ident(_) => {}
            Expr::Call(_) => self.call(tree),
            Expr::Comprehension(fold) => self.fold(fold),
            Expr::List(list) => self.nodes(&mut list.elements),
            Expr::Map(map) => map.entries.iter_mut().for_each(|entry| self.entry(&mut entry.expr)),
            Expr::Select(select) => self.operand(&mut select.operand),
            Expr::Struct(message) => message.entries.iter_mut().for_each(|entry| self.entry(&mut entry.expr)),
        }
    }

    fn nodes(&mut self, trees: &mut [IdedExpr]) {
        trees.iter_mut().for_each(|tree| self.node(tree));
    }

    fn entry(&mut self, entry: &mut EntryExpr) {
        match entry {
            EntryExpr::StructField(field) => self.node(&mut field.value),
            EntryExpr::MapEntry(entry) => {
                self.node(&mut entry.key);
                self.node(&mut entry.value);
            }
        }
    }

    /// What is only selected from is not read as a whole, so a variable is left as it is.
    fn operand(&mut self, tree: &mut IdedExpr) {
        if !matches!(tree.expr, Expr::Ident(_)) {
            self.node(tree);
        }
    }

    fn call(&mut self, tree: &mut IdedExpr) {
        let Expr::Call(CallExpr { func_name, target, args }) = &mut tree.expr else { return };
        let namespace = target.as_deref().and_then(|target| match &target.expr {
            Expr::Ident(name) if !self.locals.contains(name) => Some(name.as_str()),
            _ => None,
        });
        let replaced = match (namespace, func_name.as_str()) {
            (Some("cel"), "bind") => self.bind(std::mem::take(args)),
            (Some("math"), "greatest") => Some(self.extreme("math.@max", std::mem::take(args))),
            (Some("math"), "least") => Some(self.extreme("math.@min", std::mem::take(args))),
            (_, operators::INDEX) => {
                if let [of, index] = args.as_mut_slice() {
                    self.operand(of);
                    self.node(index);
                }
                None
            }
            _ => {
                if let Some(target) = target {
                    self.node(target);
                }
                if func_name == "matches" {
                    self.literal_pattern(args);
                }
                self.nodes(args);
                relation(func_name, args)
            }
        };
        if let Some(replaced) = replaced {
            *tree = replaced;
        }
    }

    /// A fold over nothing, whose result sees the accumulator under the name, is what cel-go makes of it too.
    fn bind(&mut self, arguments: Vec<IdedExpr>) -> Option<IdedExpr> {
        let [variable, mut value, mut inner] = <[IdedExpr; 3]>::try_from(arguments).ok()?;
        let Expr::Ident(name) = variable.expr else { return None };
        self.node(&mut value);
        self.locals.push(name.clone());
        self.node(&mut inner);
        self.locals.pop();
        Some(plain(Expr::Comprehension(Box::new(ComprehensionExpr {
            iter_range: plain(Expr::List(ListExpr::default())),
            iter_var: "@unused".to_owned(),
            iter_var2: None,
            accu_var: name,
            accu_init: value,
            loop_cond: plain(Expr::Literal(LiteralValue::Boolean(false.into()))),
            loop_step: plain(Expr::Literal(LiteralValue::Null)),
            result: inner,
        }))))
    }

    /// As the macro of the crate's extension has it: up to two numbers as they are, more as a list.
    fn extreme(&mut self, function: &str, mut arguments: Vec<IdedExpr>) -> IdedExpr {
        self.nodes(&mut arguments);
        if arguments.len() > 2 {
            arguments = vec![plain(Expr::List(ListExpr::new(arguments)))];
        }
        call(function, arguments)
    }

    fn fold(&mut self, fold: &mut ComprehensionExpr) {
        self.node(&mut fold.iter_range);
        let inner = size(&fold.loop_step) + size(&fold.loop_cond);
        // A step is about four nodes.
        let steps = LiteralValue::Int(i64::try_from(1 + inner / 4).unwrap_or(i64::MAX).into());
        let range = std::mem::take(&mut fold.iter_range);
        fold.iter_range = call(WALK, vec![range, plain(Expr::Literal(steps))]);
        self.locals.push(fold.iter_var.clone());
        self.node(&mut fold.loop_step);
        self.locals.pop();
    }

    fn literal_pattern(&mut self, arguments: &mut [IdedExpr]) {
        if const { Feature::ExpressionLibrary.is_built() } {
            let Some(last) = arguments.last_mut() else { return };
            let Expr::Literal(LiteralValue::String(pattern)) = &last.expr else { return };
            if let Ok(pattern) = Pattern::compile(pattern) {
                last.expr = Expr::Ident(pattern_variable(self.patterns.len()));
                self.patterns.push(pattern);
            }
        }
    }
}

/// The crate takes its own lists and maps for different from others, so a relation of two that may be such is ours.
fn relation(function: &str, arguments: &mut Vec<IdedExpr>) -> Option<IdedExpr> {
    let [left, right] = arguments.as_slice() else { return None };
    let open = may_be_container(left) && may_be_container(right);
    match function {
        operators::EQUALS if open => Some(call(EQUAL, std::mem::take(arguments))),
        operators::NOT_EQUALS if open => Some(call(operators::LOGICAL_NOT, vec![call(EQUAL, std::mem::take(arguments))])),
        operators::IN if may_be_container(left) => Some(call(CONTAINS, std::mem::take(arguments))),
        _ => None,
    }
}

fn may_be_container(tree: &IdedExpr) -> bool {
    !matches!(tree.expr, Expr::Literal(_))
}

fn call(function: &str, args: Vec<IdedExpr>) -> IdedExpr {
    plain(Expr::Call(CallExpr { func_name: function.to_owned(), target: None, args }))
}

/// The interpreter asks for no identifiers.
fn plain(expr: Expr) -> IdedExpr {
    IdedExpr { id: 0, expr }
}
