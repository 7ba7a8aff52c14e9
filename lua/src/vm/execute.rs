//! The loop. It is long, as one `match` over the instructions compiles to one jump table; what takes more than a few lines is elsewhere.

use std::sync::Arc;

use super::frame::{Closure, Exit, Flow, Frame, FrameKind, LuaFrame, Upvalue};
use super::machine::Machine;
use crate::compile::operator::{Arithmetic, modulo};
use crate::op::Op;
use crate::script::{Prototype, UpvalueSource};
use crate::value::{Callable, Function, TableKind};
use crate::{Raise, Resource, Value};

impl Machine {
    /// Runs the innermost frame and those that it calls, until the machine must stop or an error arises.
    pub(crate) fn execute(&mut self) -> Result<Exit, Raise> {
        let program = Arc::clone(&self.program);
        loop {
            let Some(Frame { kind: FrameKind::Lua(lua), .. }) = self.frames.last().copied() else {
                return Ok(Exit::Done { at: 0, count: 0 });
            };
            let Some(prototype) = program.functions.get(lua.function as usize) else { return Ok(Exit::Done { at: 0, count: 0 }) };
            let mut next = lua.next;
            let flow = self.execute_frame(prototype, &lua, &mut next);
            match flow {
                Ok(Flow::Exit(exit)) => return Ok(exit),
                Ok(_) => {}
                Err(raise) => {
                    // Calls have noted it already, and their frames may be others by now.
                    if next != usize::MAX {
                        self.save(next);
                    }
                    return Err(raise);
                }
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "one match, see above")]
    fn execute_frame(&mut self, prototype: &Prototype, lua: &LuaFrame, next: &mut usize) -> Result<Flow, Raise> {
        let code = prototype.code.as_slice();
        let constants = prototype.constants.as_slice();
        let base = lua.base;
        let mut pc = *next;
        macro_rules! get {
            ($register:expr) => {
                self.stack.get(base + usize::from($register)).copied().unwrap_or_default()
            };
        }
        macro_rules! set {
            ($register:expr, $value:expr) => {{
                let value = $value;
                if let Some(slot) = self.stack.get_mut(base + usize::from($register)) {
                    *slot = value;
                }
            }};
        }
        macro_rules! operand {
            ($operand:expr) => {
                match $operand.constant_index() {
                    Some(index) => constants.get(index).copied().unwrap_or_default(),
                    None => get!($operand.0),
                }
            };
        }
        macro_rules! checked {
            ($call:expr) => {
                match $call {
                    Ok(value) => value,
                    Err(raise) => {
                        *next = pc;
                        return Err(raise);
                    }
                }
            };
        }
        // For what looks at the code around to name the values of an error.
        macro_rules! located {
            ($call:expr) => {{
                self.save(pc);
                checked!($call)
            }};
        }
        macro_rules! jump {
            () => {
                if let Some(Op::Jump { target }) = code.get(pc) {
                    pc = *target as usize;
                }
            };
        }
        macro_rules! arithmetic {
            ($to:expr, $left:expr, $right:expr, $operator:expr, |$x:ident, $y:ident| $result:expr) => {{
                let (a, b) = (operand!($left), operand!($right));
                let value = match (a, b) {
                    (Value::Number($x), Value::Number($y)) => Value::Number($result),
                    _ => located!(self.arithmetic($operator, ($left, a), ($right, b))),
                };
                set!($to, value);
            }};
        }
        // The test is done, and its jump taken or passed.
        macro_rules! test {
            ($result:expr, $expect:expr) => {
                if $result == $expect {
                    jump!();
                } else {
                    pc += 1;
                }
            };
        }
        macro_rules! flow {
            ($call:expr) => {{
                self.save(pc);
                match $call {
                    Ok(Flow::Continue) => {}
                    Ok(flow) => return Ok(flow),
                    Err(raise) => {
                        *next = usize::MAX;
                        return Err(raise);
                    }
                }
            }};
        }
        loop {
            if !self.heap.meter.step() {
                self.save(pc);
                *next = pc;
                return if self.heap.meter.next_slice() {
                    Ok(Flow::Exit(Exit::Yield))
                } else {
                    Err(Raise::Exhausted(Resource::Instructions))
                };
            }
            let Some(op) = code.get(pc).copied() else { return Ok(Flow::Exit(Exit::Done { at: 0, count: 0 })) };
            pc += 1;
            match op {
                Op::Move { to, from } => set!(to, get!(from)),
                Op::LoadConstant { to, constant } => set!(to, constants.get(constant as usize).copied().unwrap_or_default()),
                Op::LoadBoolean { to, value, skip } => {
                    set!(to, Value::Boolean(value));
                    pc += usize::from(skip);
                }
                Op::LoadNil { from, through } => {
                    for register in from..=through {
                        set!(register, Value::Nil);
                    }
                }
                Op::GetUpvalue { to, upvalue } => set!(to, self.read_upvalue(lua.captures, upvalue)),
                Op::SetUpvalue { upvalue, from } => {
                    let value = get!(from);
                    self.write_upvalue(lua.captures, upvalue, value);
                }
                Op::GetGlobal { to, global } => set!(to, self.globals.get(usize::from(global)).copied().unwrap_or_default()),
                Op::SetGlobal { global, from } => {
                    let value = get!(from);
                    if let Some(slot) = self.globals.get_mut(usize::from(global)) {
                        *slot = value;
                    }
                }
                Op::GetField { to, table, key } => {
                    let key = constants.get(key as usize).copied().unwrap_or_default();
                    let value = match (get!(table), key) {
                        (Value::Table(id), Value::String(key)) => self.heap.get_constant(id, key),
                        (object, key) => located!(self.index(table, object, key)),
                    };
                    set!(to, value);
                }
                Op::GetIndex { to, table, key } => {
                    let value = match (get!(table), operand!(key)) {
                        (Value::Table(id), Value::Number(key)) if !self.zero_based => self.heap.get_number(id, key),
                        (object, key) => located!(self.index(table, object, key)),
                    };
                    set!(to, value);
                }
                Op::SetField { table, key, value } => {
                    let value = operand!(value);
                    match (get!(table), constants.get(usize::from(key)).copied().unwrap_or_default()) {
                        (Value::Table(id), Value::String(key)) => checked!(self.heap.set_constant(id, key, value)),
                        (object, key) => located!(self.set_index(table, object, key, value)),
                    }
                }
                Op::SetIndex { table, key, value } => match (get!(table), operand!(key), operand!(value)) {
                    (Value::Table(id), Value::Number(key), value) if !self.zero_based => {
                        checked!(self.heap.set(id, Value::Number(key), value));
                    }
                    (object, key, value) => located!(self.set_index(table, object, key, value)),
                },
                Op::NewTable { to, elements, members } => {
                    set!(to, checked!(self.heap.table(TableKind::Plain, usize::from(elements), usize::from(members))));
                }
                Op::Method { to, object, key } => {
                    let value = get!(object);
                    let method = match (value, operand!(key)) {
                        (Value::Table(id), Value::String(key)) => self.heap.get_constant(id, key),
                        (value, key) => located!(self.index(object, value, key)),
                    };
                    set!(to + 1, value);
                    set!(to, method);
                }
                Op::Add { to, left, right } => arithmetic!(to, left, right, Arithmetic::Add, |x, y| x + y),
                Op::Subtract { to, left, right } => arithmetic!(to, left, right, Arithmetic::Subtract, |x, y| x - y),
                Op::Multiply { to, left, right } => arithmetic!(to, left, right, Arithmetic::Multiply, |x, y| x * y),
                Op::Divide { to, left, right } => arithmetic!(to, left, right, Arithmetic::Divide, |x, y| x / y),
                Op::Modulo { to, left, right } => arithmetic!(to, left, right, Arithmetic::Modulo, |x, y| modulo(x, y)),
                Op::Power { to, left, right } => arithmetic!(to, left, right, Arithmetic::Power, |x, y| x.powf(y)),
                Op::Negate { to, from } => {
                    let value = match get!(from) {
                        Value::Number(number) => Value::Number(-number),
                        other => located!(self.negate(from, other)),
                    };
                    set!(to, value);
                }
                Op::Not { to, from } => set!(to, Value::Boolean(!get!(from).is_truthy())),
                Op::Length { to, from } => {
                    let value = match get!(from) {
                        #[expect(clippy::cast_precision_loss, reason = "lengths are below 2^53")]
                        Value::Table(table) => Value::Number(self.heap.length(table) as f64),
                        other => located!(self.length(from, other)),
                    };
                    set!(to, value);
                }
                Op::Concatenate { to, first, last } => set!(to, located!(self.concatenate(base, first, last))),
                Op::Jump { target } => pc = target as usize,
                Op::Equal { expect, left, right } => {
                    let equal = match (operand!(left), operand!(right)) {
                        (Value::Number(x), Value::Number(y)) => x == y,
                        (a, b) => checked!(self.heap.equal(a, b)),
                    };
                    test!(equal, expect);
                }
                Op::Less { expect, left, right } => {
                    let less = match (operand!(left), operand!(right)) {
                        (Value::Number(x), Value::Number(y)) => x < y,
                        (a, b) => checked!(self.less(a, b, false)),
                    };
                    test!(less, expect);
                }
                Op::LessOrEqual { expect, left, right } => {
                    let less = match (operand!(left), operand!(right)) {
                        (Value::Number(x), Value::Number(y)) => x <= y,
                        (a, b) => checked!(self.less(a, b, true)),
                    };
                    test!(less, expect);
                }
                Op::Test { expect, value } => test!(get!(value).is_truthy(), expect),
                Op::TestSet { expect, to, value } => {
                    let value = get!(value);
                    if value.is_truthy() == expect {
                        set!(to, value);
                        jump!();
                    } else {
                        pc += 1;
                    }
                }
                Op::Call { function, arguments, results } => {
                    let at = base + usize::from(function);
                    let arguments = arguments.map_or_else(|| self.top.saturating_sub(at + 1), usize::from);
                    flow!(self.call(at, arguments, results));
                }
                Op::TailCall { function, arguments } => {
                    let at = base + usize::from(function);
                    let arguments = arguments.map_or_else(|| self.top.saturating_sub(at + 1), usize::from);
                    flow!(self.tail_call(at, arguments));
                }
                Op::Return { from, count } => {
                    let from = base + usize::from(from);
                    let count = count.map_or_else(|| self.top.saturating_sub(from), usize::from);
                    checked!(self.heap.meter.charge(count / 4));
                    return Ok(self.return_from(base, from, count));
                }
                Op::ForPrepare { base: register, target } => {
                    checked!(self.prepare_for(base + usize::from(register)));
                    pc = target as usize;
                }
                Op::ForLoop { base: register, target } => {
                    if let (Value::Number(index), Value::Number(limit), Value::Number(step)) =
                        (get!(register), get!(register + 1), get!(register + 2))
                    {
                        let index = index + step;
                        if if step > 0.0 { index <= limit } else { limit <= index } {
                            set!(register, Value::Number(index));
                            set!(register + 3, Value::Number(index));
                            pc = target as usize;
                        }
                    }
                }
                Op::IteratorCall { base: register, results } => {
                    let at = base + usize::from(register);
                    checked!(self.ensure_stack(at + 6));
                    self.move_values(at, 3, at + 3);
                    flow!(self.call(at + 3, 2, Some(results)));
                }
                Op::IteratorLoop { base: register, target } => {
                    let control = get!(register + 3);
                    if !control.is_nil() {
                        set!(register + 2, control);
                        pc = target as usize;
                    }
                }
                Op::SetList { table, count, before } => {
                    let first = base + usize::from(table) + 1;
                    let count = count.map_or_else(|| self.top.saturating_sub(first), usize::from);
                    let table = get!(table);
                    checked!(self.set_list(table, first, count, before as usize));
                }
                Op::Close { from } => self.close(base + usize::from(from)),
                Op::Closure { to, function } => set!(to, checked!(self.make_closure(function, lua.captures, base))),
                Op::VarArg { to, count } => {
                    let at = base + usize::from(to);
                    checked!(self.spread(at, base, lua.varargs, count));
                }
            }
        }
    }

    #[inline]
    fn return_from(&mut self, base: usize, from: usize, count: usize) -> Flow {
        if !self.open.is_empty() {
            self.close(base);
        }
        let Some(Frame { results_at, wanted, .. }) = self.frames.pop() else { return Flow::Reload };
        match count {
            0 => {}
            1 => {
                let value = self.at(from);
                self.put(results_at, value);
            }
            _ => self.move_values(from, count, results_at),
        }
        match self.finish(results_at, count, wanted) {
            Flow::Continue => Flow::Reload,
            other => other,
        }
    }

    #[inline]
    fn read_upvalue(&self, captures: u32, upvalue: u8) -> Value {
        let index = self.captures.get(captures as usize + usize::from(upvalue));
        match index.and_then(|index| self.upvalues.get(*index as usize)) {
            Some(Upvalue::Open(place)) => self.at(*place),
            Some(Upvalue::Closed(value)) => *value,
            None => Value::Nil,
        }
    }

    fn write_upvalue(&mut self, captures: u32, upvalue: u8, value: Value) {
        let index = self.captures.get(captures as usize + usize::from(upvalue));
        match index.and_then(|index| self.upvalues.get_mut(*index as usize)) {
            Some(Upvalue::Open(place)) => {
                let place = *place;
                self.put(place, value);
            }
            Some(Upvalue::Closed(slot)) => *slot = value,
            None => {}
        }
    }

    fn make_closure(&mut self, function: u32, outer: u32, base: usize) -> Result<Value, Raise> {
        let program = Arc::clone(&self.program);
        let sources = program.functions.get(function as usize).map(|prototype| prototype.upvalues.as_slice()).unwrap_or_default();
        let captures = u32::try_from(self.captures.len()).map_err(|_| Raise::Exhausted(Resource::Memory))?;
        self.heap.meter.charge(sources.len())?;
        for source in sources {
            let index = match *source {
                UpvalueSource::Local(register) => self.capture(base + usize::from(register))?,
                UpvalueSource::Upvalue(at) => self.captures.get(outer as usize + usize::from(at)).copied().unwrap_or_default(),
            };
            self.heap.meter.push(&mut self.captures, index)?;
        }
        let closure = self.heap.meter.store(&mut self.closures, Closure { function, captures })?;
        Ok(Value::Function(Function(Callable::Closure(closure))))
    }

    /// The upvalue of a variable on the stack: one for all closures that capture it.
    fn capture(&mut self, place: usize) -> Result<u32, Raise> {
        let behind = self.open.iter().rev().take_while(|(open, _)| *open > place).count();
        let at = self.open.len() - behind;
        if let Some((open, index)) = at.checked_sub(1).and_then(|last| self.open.get(last))
            && *open == place
        {
            return Ok(*index);
        }
        let index = self.heap.meter.store(&mut self.upvalues, Upvalue::Open(place))?;
        self.heap.meter.reserve(&mut self.open, 1)?;
        self.open.insert(at, (place, index));
        Ok(index)
    }

    /// Checks start, limit and step of a loop, and makes numbers of them.
    fn prepare_for(&mut self, at: usize) -> Result<(), Raise> {
        let mut numbers = [0.0; 3];
        for ((offset, what), number) in ["initial value", "limit", "step"].into_iter().enumerate().zip(&mut numbers) {
            let value = self.at(at + offset);
            *number = self.to_number(value)?.ok_or_else(|| Raise::message(format!("'for' {what} must be a number")))?;
        }
        let [start, limit, step] = numbers;
        for (offset, number) in [start - step, limit, step].into_iter().enumerate() {
            self.put(at + offset, Value::Number(number));
        }
        Ok(())
    }

    fn set_list(&mut self, table: Value, first: usize, count: usize, before: usize) -> Result<(), Raise> {
        let Value::Table(id) = table else { return Ok(()) };
        self.heap.meter.charge(count / 4)?;
        let values = self.stack.get(first..first + count).unwrap_or_default();
        if let Some((table, meter)) = self.heap.table_with_meter(id)
            && table.extend(before, values, meter)?
        {
            return Ok(());
        }
        self.heap.meter.charge(count)?;
        for (at, value) in values.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a constructor has less than 2^53 elements")]
            self.heap.set(id, Value::Number((before + at + 1) as f64), *value)?;
        }
        Ok(())
    }

    /// The values of `...` into registers.
    fn spread(&mut self, at: usize, base: usize, varargs: usize, count: Option<u8>) -> Result<(), Raise> {
        let wanted = count.map_or(varargs, usize::from);
        self.heap.meter.charge(wanted / 4)?;
        self.ensure_stack(at + wanted)?;
        let given = wanted.min(varargs);
        let from = base - varargs.min(base);
        self.move_values(from, given, at);
        for index in given..wanted {
            self.put(at + index, Value::Nil);
        }
        if count.is_none() {
            self.top = at + varargs;
        }
        Ok(())
    }
}
