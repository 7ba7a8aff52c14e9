//! Random programs that end, and whose output does not depend on addresses or on the order of keys.

use std::fmt::Write;

use crate::random::Random;

/// What every program begins with: a printer that shows values in depth, without addresses.
const PRELUDE: &str = r#"
local function show(v, depth)
  if type(v) == "table" then
    if depth > 2 then return "{..}" end
    local out = "{"
    for i = 1, 4 do out = out .. show(v[i], depth + 1) .. "," end
    return out .. "a=" .. show(v.a, depth + 1) .. ",b=" .. show(v.b, depth + 1) .. "}"
  elseif type(v) == "function" then
    return "function"
  elseif type(v) == "string" then
    return "'" .. v .. "'"
  end
  return tostring(v)
end
local function p(...)
  local out = select('#', ...) .. ":"
  for i = 1, select('#', ...) do out = out .. " " .. show((select(i, ...)), 0) end
  print(out)
end
"#;

pub fn program(seed: u64) -> String {
    let mut generator = Generator {
        random: Random::new(seed),
        out: PRELUDE.to_owned(),
        scopes: vec![Scope::default()],
        names: 0,
        functions: Vec::new(),
        loops: 0,
        variadic: true,
        budget: 120,
    };
    for _ in 0..8 {
        match generator.random.below(3) {
            0 => generator.statement(3),
            1 => generator.function_statement(3),
            _ => {
                generator.out.push_str("p(pcall(function(...)\n");
                generator.block(3, &[], true);
                generator.out.push_str("end, 1, 'two', nil))\n");
            }
        }
    }
    generator.out
}

#[derive(Default)]
struct Scope {
    variables: Vec<String>,
}

struct Generator {
    random: Random,
    out: String,
    scopes: Vec<Scope>,
    names: u32,
    /// Names that hold functions and are never assigned again; a body calls only those before it, so that nothing recurs.
    functions: Vec<String>,
    loops: u32,
    variadic: bool,
    /// Statements that may still be made.
    budget: u32,
}

impl Generator {
    fn block(&mut self, depth: u32, parameters: &[String], variadic: bool) {
        let loops = std::mem::take(&mut self.loops);
        let outer = std::mem::replace(&mut self.variadic, variadic);
        let functions = self.functions.len();
        self.scopes.push(Scope { variables: parameters.to_vec() });
        for _ in 0..=self.random.below(4) {
            self.statement(depth);
        }
        if self.random.below(2) == 0 {
            let values = self.expressions(2, depth.min(2));
            // A block ends with it.
            let _ = writeln!(self.out, "return {values}");
        }
        self.scopes.pop();
        self.functions.truncate(functions);
        self.variadic = outer;
        self.loops = loops;
    }

    fn inner_block(&mut self, depth: u32, variables: &[String]) {
        let functions = self.functions.len();
        self.scopes.push(Scope { variables: variables.to_vec() });
        for _ in 0..=self.random.below(3) {
            self.statement(depth);
        }
        if self.loops > 0 && self.random.below(6) == 0 {
            self.out.push_str("break\n");
        }
        self.scopes.pop();
        self.functions.truncate(functions);
    }

    fn statement(&mut self, depth: u32) {
        if self.budget == 0 {
            return;
        }
        self.budget -= 1;
        let kind = if depth == 0 { self.random.below(7) } else { self.random.below(17) };
        match kind {
            0 | 1 => {
                let names: Vec<_> = (0..=self.random.below(3)).map(|_| self.fresh("v")).collect();
                let values = self.expressions(3, 2);
                let _ = writeln!(self.out, "local {} = {values}", names.join(", "));
                self.declare(names);
            }
            2 | 3 => {
                let targets: Vec<_> = (0..=self.random.below(2)).map(|_| self.target()).collect();
                let values = self.expressions(2, 2);
                let _ = writeln!(self.out, "{} = {values}", targets.join(", "));
            }
            4 | 5 => {
                let values = self.expressions(3, 3);
                let _ = writeln!(self.out, "p({values})");
            }
            6 => {
                let call = self.call(2);
                let _ = writeln!(self.out, "p(pcall(function() return {} end))", call.replace("...", "1"));
            }
            7 | 8 => {
                let condition = self.expression(2);
                let _ = writeln!(self.out, "if {condition} then");
                self.inner_block(depth - 1, &[]);
                if self.random.below(2) == 0 {
                    let condition = self.expression(2);
                    let _ = writeln!(self.out, "elseif {condition} then");
                    self.inner_block(depth - 1, &[]);
                }
                if self.random.below(2) == 0 {
                    self.out.push_str("else\n");
                    self.inner_block(depth - 1, &[]);
                }
                self.out.push_str("end\n");
            }
            9 => self.in_loop(|g| {
                let name = g.fresh("i");
                let (from, to) = (g.random.below(5), g.random.below(5));
                let step = ["", ", 1", ", -1", ", 0.5", ", 2"][g.random.index(5)];
                let _ = writeln!(g.out, "for {name} = {from}, {to}{step} do");
                g.inner_block(depth - 1, &[name]);
                g.out.push_str("end\n");
            }),
            10 => self.in_loop(|g| {
                let (index, value) = (g.fresh("i"), g.fresh("v"));
                let values = g.expressions(4, 1);
                let _ = writeln!(g.out, "for {index}, {value} in ipairs({{{values}}}) do");
                g.inner_block(depth - 1, &[index, value]);
                g.out.push_str("end\n");
            }),
            11 => self.in_loop(|g| {
                let counter = g.fresh("n");
                let condition = g.expression(1);
                let _ = writeln!(g.out, "local {counter} = 0 while {counter} < 3 and ({condition}) ~= 1 do {counter} = {counter} + 1");
                g.inner_block(depth - 1, &[]);
                g.out.push_str("end\n");
            }),
            12 => self.in_loop(|g| {
                let (counter, inner) = (g.fresh("n"), g.fresh("v"));
                let value = g.expression(1);
                let _ = writeln!(g.out, "local {counter} = 0 repeat local {inner} = {value} {counter} = {counter} + 1 do");
                g.inner_block(depth - 1, std::slice::from_ref(&inner));
                let _ = writeln!(g.out, "end until {counter} > 2 or {inner}");
            }),
            13 => {
                self.out.push_str("do\n");
                self.inner_block(depth - 1, &[]);
                self.out.push_str("end\n");
            }
            14 | 15 => self.function_statement(depth - 1),
            _ => {
                self.out.push_str("p(pcall(function()\n");
                self.block(depth - 1, &[], false);
                self.out.push_str("end))\n");
            }
        }
    }

    fn in_loop(&mut self, write: impl FnOnce(&mut Self)) {
        self.loops += 1;
        write(self);
        self.loops -= 1;
    }

    fn function_statement(&mut self, depth: u32) {
        let name = self.fresh("f");
        let mut parameters: Vec<_> = (0..self.random.below(3)).map(|_| self.fresh("v")).collect();
        let variadic = self.random.below(3) == 0;
        let variables = parameters.clone();
        if variadic {
            parameters.push("...".to_owned());
        }
        let local = ["local ", ""][self.random.index(2)];
        let _ = writeln!(self.out, "{local}function {name}({})", parameters.join(", "));
        self.block(depth, &variables, variadic);
        self.out.push_str("end\n");
        self.functions.push(name);
    }

    fn expressions(&mut self, most: u64, depth: u32) -> String {
        let count = 1 + self.random.below(most);
        (0..count).map(|_| self.expression(depth)).collect::<Vec<_>>().join(", ")
    }

    fn expression(&mut self, depth: u32) -> String {
        let kind = if depth == 0 { self.random.below(9) } else { self.random.below(22) };
        match kind {
            0 => ["nil", "true", "false"][self.random.index(3)].to_owned(),
            1 | 2 => ["0", "1", "2", "3", "-1", "0.5", "1e15", "10", "0x1F", "1e300"][self.random.index(10)].to_owned(),
            3 => ["'a'", "\"b\"", "'10'", "''", "[[x]]", "' 7 '", "'0x2'", "'a\\1b'"][self.random.index(8)].to_owned(),
            4..=7 => self.variable(),
            8 => if self.variadic { "..." } else { "nil" }.to_owned(),
            9..=12 => {
                let (left, right) = (self.expression(depth - 1), self.expression(depth - 1));
                let operator = ["+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or"][self.random.index(15)];
                if self.random.below(3) == 0 { format!("{left} {operator} {right}") } else { format!("({left} {operator} {right})") }
            }
            13 | 14 => {
                let (left, right) = (self.expression(depth - 1), self.expression(depth - 1));
                format!("({left} {} {right})", ["and", "or"][self.random.index(2)])
            }
            15 => {
                // Lua 5.1 takes a constant -0 for the constant 0 if it has that already.
                let operand = self.expression(depth - 1);
                let operand = if operand.starts_with('0') { "1".to_owned() } else { operand };
                format!("{} {operand}", ["-", "not", "- -", "not not"][self.random.index(4)])
            }
            16 => ["#'abc'", "#{1, 2, 3}", "#''", "#{}"][self.random.index(4)].to_owned(),
            17 | 18 => {
                let mut fields = Vec::new();
                for _ in 0..self.random.below(4) {
                    let value = self.expression(depth - 1);
                    fields.push(match self.random.below(4) {
                        0 => format!("a = {value}"),
                        1 => format!("[{}] = {value}", ["'b'", "1", "2", "'a'", "1.5"][self.random.index(5)]),
                        _ => value,
                    });
                }
                format!("{{{}}}", fields.join([", ", "; "][self.random.index(2)]))
            }
            19 => self.member(),
            20 => self.call(depth - 1),
            _ => {
                let value = self.expression(depth - 1);
                let inside = value.replace("...", "2");
                format!("(function(...) return {}, ... end)({value})", if self.random.below(2) == 0 { inside } else { "...".to_owned() })
            }
        }
    }

    fn call(&mut self, depth: u32) -> String {
        let values = self.expressions(3, depth);
        match self.random.below(8) {
            0 => format!("tostring({values})").replace("tostring(p", "tostring(0, p"),
            1 => format!("type({values})"),
            2 => format!("select({}, {values})", ["1", "2", "-1", "'#'", "'x'"][self.random.index(5)]),
            3 => format!("math.{}({values})", ["floor", "abs", "max", "min", "ceil"][self.random.index(5)]),
            4 => format!("tonumber(({}))", self.expression(depth)),
            5 => format!("{}({values})", self.variable()),
            _ => match self.functions.is_empty() {
                true => format!("type({values})"),
                false => format!("{}({values})", self.functions[self.random.index(self.functions.len())]),
            },
        }
    }

    fn target(&mut self) -> String {
        match self.random.below(4) {
            0 => self.member(),
            1 => ["g1", "g2", "g3"][self.random.index(3)].to_owned(),
            _ => {
                let name = self.variable();
                // A counter that a loop depends on stays as it is.
                if name.starts_with('n') { "g1".to_owned() } else { name }
            }
        }
    }

    fn member(&mut self) -> String {
        let table = self.variable();
        match self.random.below(3) {
            0 => format!("{table}.a"),
            1 => format!("{table}.b"),
            _ => format!("{table}[{}]", ["1", "2", "'a'", "g1", "0.5", "-1"][self.random.index(6)]),
        }
    }

    fn variable(&mut self) -> String {
        let visible: Vec<_> = self.scopes.iter().flat_map(|scope| &scope.variables).collect();
        if visible.is_empty() || self.random.below(6) == 0 {
            return ["g1", "g2", "g3", "absent"][self.random.index(4)].to_owned();
        }
        visible[self.random.index(visible.len())].clone()
    }

    fn declare(&mut self, names: Vec<String>) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.variables.extend(names);
        }
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }
}
