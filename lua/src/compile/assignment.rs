use super::Compiler;
use super::exp::{Exp, Kind};
use super::token::Token;
use crate::op::{Op, Operand};
use crate::script::CompileError;

impl Compiler<'_> {
    /// A statement that begins with an expression.
    pub(super) fn call_or_assignment(&mut self) -> Result<(), CompileError> {
        let exp = self.suffixed_expression()?;
        if let Kind::Call(at) = exp.kind {
            if let Some(Op::Call { results, .. }) = self.function.code.get_mut(at) {
                *results = Some(0);
            }
            return Ok(());
        }
        self.assignment(exp)
    }

    /// Makes so many values of an expression list: `exp` is its last, the others are in registers.
    pub(super) fn adjust_assignment(&mut self, wanted: usize, count: usize, mut exp: Exp) -> Result<(), CompileError> {
        if exp.has_many_values() {
            let extra = (wanted + 1).saturating_sub(count);
            let results = u8::try_from(extra).map_err(|_| self.function.error("function or expression too complex"))?;
            self.function.set_results(&exp, Some(results))?;
            return self.function.reserve(extra.saturating_sub(1));
        }
        if !matches!(exp.kind, Kind::Void) {
            self.function.next_register(&mut exp)?;
        }
        let missing = wanted.saturating_sub(count);
        if missing > 0 {
            let first = self.function.free;
            self.function.reserve(missing)?;
            let last = self.function.free.saturating_sub(1);
            self.function.emit_nils(first, last);
        }
        Ok(())
    }

    fn assignment(&mut self, first: Exp) -> Result<(), CompileError> {
        let mut targets = vec![self.target(first)?];
        while self.accept(&Token::Symbol(','))? {
            let exp = self.suffixed_expression()?;
            let target = self.target(exp)?;
            if let Kind::Local(_) = target.kind {
                self.keep_local(&mut targets, target)?;
            }
            targets.push(target);
        }
        self.expect(&Token::Symbol('='))?;
        let (mut exp, count) = self.expression_list()?;
        if count == targets.len() {
            self.function.set_one_result(&mut exp);
            if let Some(last) = targets.pop() {
                self.function.store(&last, &mut exp)?;
            }
        } else {
            self.adjust_assignment(targets.len(), count, exp)?;
            let unused = u8::try_from(count.saturating_sub(targets.len())).unwrap_or(u8::MAX);
            self.function.free = self.function.free.saturating_sub(unused);
        }
        // From the last to the first, as the values lie in registers.
        while let Some(target) = targets.pop() {
            let mut value = Exp::new(Kind::Register(self.function.free.saturating_sub(1)));
            self.function.store(&target, &mut value)?;
        }
        Ok(())
    }

    /// Something that can be assigned to.
    fn target(&mut self, exp: Exp) -> Result<Exp, CompileError> {
        match exp.kind {
            Kind::Local(_) | Kind::Upvalue(_) | Kind::Global(_) | Kind::Indexed { .. } => Ok(exp),
            _ => Err(self.error_near("unexpected symbol")),
        }
    }

    /// In `t[i], i = …` the index must be what `i` was before: copies a variable that is assigned after it was used as table or key.
    fn keep_local(&mut self, targets: &mut [Exp], target: Exp) -> Result<(), CompileError> {
        let Kind::Local(variable) = target.kind else { return Ok(()) };
        let copy = self.function.free;
        let mut used = false;
        for exp in targets {
            if let Kind::Indexed { table, key, .. } = &mut exp.kind {
                if *table == variable {
                    *table = copy;
                    used = true;
                }
                if *key == Operand::register(variable) {
                    *key = Operand::register(copy);
                    used = true;
                }
            }
        }
        if used {
            self.function.emit(Op::Move { to: copy, from: variable });
            self.function.reserve(1)?;
        }
        Ok(())
    }
}
