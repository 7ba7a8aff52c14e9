use super::{Evaluated, Fault, Run, condition, evaluate};
use crate::expression::node::{Fold, FoldKind, Node};
use crate::expression::value::Value;

/// Evaluates a macro over a list or the keys of a map. `all` and `exists` absorb faults as `&&` and `||` do.
pub(super) fn fold<'a>(run: &Run<'a>, fold: &'a Fold) -> Evaluated<'a> {
    let elements: Box<dyn Iterator<Item = Value<'a>>> = match evaluate(run, &fold.range)? {
        Value::List(list) => Box::new((0..list.len()).filter_map(move |index| list.get(index))),
        Value::Map(map) => {
            run.spend(map.len())?;
            Box::new(map.entries().into_iter().map(|(key, _)| key))
        }
        value => return Err(Fault::error(format!("{} has no elements to walk", value.type_name()))),
    };
    match fold.kind {
        FoldKind::All => decide(run, elements, fold.test.as_ref(), false),
        FoldKind::Exists => decide(run, elements, fold.test.as_ref(), true),
        FoldKind::ExistsOne => {
            let mut found = 0_usize;
            for element in elements {
                run.spend(1)?;
                found += usize::from(run.with_local(element, || test(run, fold.test.as_ref()))?);
            }
            Ok(Value::Bool(found == 1))
        }
        FoldKind::Collect => {
            let mut collected = Vec::new();
            for element in elements {
                run.spend(1)?;
                let made = run.with_local(element.clone(), || {
                    Ok(match (test(run, fold.test.as_ref())?, &fold.transform) {
                        (false, _) => None,
                        (true, None) => Some(element),
                        (true, Some(transform)) => Some(evaluate(run, transform)?),
                    })
                })?;
                collected.extend(made);
            }
            Ok(Value::list(collected))
        }
    }
}

/// Looks for an element whose test gives `decisive`.
fn decide<'a>(run: &Run<'a>, elements: impl Iterator<Item = Value<'a>>, node: Option<&'a Node>, decisive: bool) -> Evaluated<'a> {
    let mut fault: Option<Fault> = None;
    for element in elements {
        run.spend(1)?;
        match run.with_local(element, || test(run, node)) {
            Ok(b) if b == decisive => return Ok(Value::Bool(decisive)),
            Ok(_) => {}
            Err(Fault::Exhausted) => return Err(Fault::Exhausted),
            Err(new) => fault = Some(fault.map_or(new.clone(), |old| old.graver(new))),
        }
    }
    fault.map_or(Ok(Value::Bool(!decisive)), Err)
}

fn test<'a>(run: &Run<'a>, node: Option<&'a Node>) -> Result<bool, Fault> {
    node.map_or(Ok(true), |node| condition(run, node))
}
