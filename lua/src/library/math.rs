use super::arguments::Arguments;
use crate::vm::machine::Machine;
use crate::{Raise, Value};

/// A function of `math`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Function {
    Abs,
    Acos,
    Asin,
    Atan,
    Atan2,
    Ceil,
    Cos,
    Cosh,
    Deg,
    Exp,
    Floor,
    Fmod,
    Frexp,
    Ldexp,
    Log,
    Log10,
    Max,
    Min,
    Modf,
    Pow,
    Rad,
    Random,
    RandomSeed,
    Sin,
    Sinh,
    Sqrt,
    Tan,
    Tanh,
}

/// All functions by their names; `mod` is what Lua 5.0 called `fmod`.
pub(super) const FUNCTIONS: [(&str, Function); 29] = [
    ("abs", Function::Abs),
    ("acos", Function::Acos),
    ("asin", Function::Asin),
    ("atan", Function::Atan),
    ("atan2", Function::Atan2),
    ("ceil", Function::Ceil),
    ("cos", Function::Cos),
    ("cosh", Function::Cosh),
    ("deg", Function::Deg),
    ("exp", Function::Exp),
    ("floor", Function::Floor),
    ("fmod", Function::Fmod),
    ("frexp", Function::Frexp),
    ("ldexp", Function::Ldexp),
    ("log", Function::Log),
    ("log10", Function::Log10),
    ("max", Function::Max),
    ("min", Function::Min),
    ("mod", Function::Fmod),
    ("modf", Function::Modf),
    ("pow", Function::Pow),
    ("rad", Function::Rad),
    ("random", Function::Random),
    ("randomseed", Function::RandomSeed),
    ("sin", Function::Sin),
    ("sinh", Function::Sinh),
    ("sqrt", Function::Sqrt),
    ("tan", Function::Tan),
    ("tanh", Function::Tanh),
];

impl Machine {
    pub(super) fn math(&mut self, function: Function, at: usize, arguments: Arguments) -> Result<usize, Raise> {
        let result = match function {
            Function::Random => self.random_number(arguments)?,
            Function::RandomSeed => {
                let seed = self.number_argument(arguments, 1)?;
                self.random.reseed(seed);
                return Ok(0);
            }
            Function::Max => self.fold_numbers(arguments, |best, number| if number > best { number } else { best })?,
            Function::Min => self.fold_numbers(arguments, |best, number| if number < best { number } else { best })?,
            Function::Modf => {
                let number = self.number_argument(arguments, 1)?;
                let whole = number.trunc();
                let rest = if number.is_infinite() { 0.0_f64.copysign(number) } else { number - whole };
                return self.put_results(at, &[Value::Number(whole), Value::Number(rest)]);
            }
            Function::Frexp => {
                let (fraction, exponent) = frexp(self.number_argument(arguments, 1)?);
                return self.put_results(at, &[Value::Number(fraction), Value::Number(f64::from(exponent))]);
            }
            Function::Ldexp => ldexp(self.number_argument(arguments, 1)?, self.integer_argument(arguments, 2)?),
            Function::Atan2 => self.number_argument(arguments, 1)?.atan2(self.number_argument(arguments, 2)?),
            Function::Fmod => self.number_argument(arguments, 1)? % self.number_argument(arguments, 2)?,
            Function::Pow => self.number_argument(arguments, 1)?.powf(self.number_argument(arguments, 2)?),
            _ => unary(function, self.number_argument(arguments, 1)?),
        };
        self.put_results(at, &[Value::Number(result)])
    }

    fn fold_numbers(&mut self, arguments: Arguments, fold: impl Fn(f64, f64) -> f64) -> Result<f64, Raise> {
        let mut best = self.number_argument(arguments, 1)?;
        self.heap.meter.charge(arguments.count / 4)?;
        for number in 2..=arguments.count {
            best = fold(best, self.number_argument(arguments, number)?);
        }
        Ok(best)
    }

    fn random_number(&mut self, arguments: Arguments) -> Result<f64, Raise> {
        let fraction = self.random.fraction();
        let (low, high, last) = match arguments.count {
            0 => return Ok(fraction),
            1 => (1.0, self.number_argument(arguments, 1)?.trunc(), 1),
            2 => (self.number_argument(arguments, 1)?.trunc(), self.number_argument(arguments, 2)?.trunc(), 2),
            _ => return Err(Raise::message("wrong number of arguments")),
        };
        // Also refuses NaN.
        if low <= high { Ok((fraction * (high - low + 1.0)).floor() + low) } else { Err(self.argument_error(last, "interval is empty")) }
    }
}

fn unary(function: Function, x: f64) -> f64 {
    match function {
        Function::Abs => x.abs(),
        Function::Acos => x.acos(),
        Function::Asin => x.asin(),
        Function::Atan => x.atan(),
        Function::Ceil => x.ceil(),
        Function::Cos => x.cos(),
        Function::Cosh => x.cosh(),
        Function::Deg => x / (std::f64::consts::PI / 180.0),
        Function::Exp => x.exp(),
        Function::Floor => x.floor(),
        Function::Log => x.ln(),
        Function::Log10 => x.log10(),
        Function::Rad => x * (std::f64::consts::PI / 180.0),
        Function::Sin => x.sin(),
        Function::Sinh => x.sinh(),
        Function::Sqrt => x.sqrt(),
        Function::Tan => x.tan(),
        Function::Tanh => x.tanh(),
        _ => f64::NAN,
    }
}

/// A number as a fraction from 0.5 up to 1 and a power of two.
fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    // Subnormal numbers have no exponent of their own until they are scaled up.
    let (scaled, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 18_014_398_509_481_984.0, 54) } else { (x, 0) };
    let bits = scaled.to_bits();
    let exponent = i32::try_from((bits >> 52) & 0x7ff).unwrap_or_default() - 1022;
    (f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52)), exponent - shift)
}

/// In three steps, as one power of two may be beyond what a number holds although the product is not.
fn ldexp(x: f64, exponent: i64) -> f64 {
    let mut left = i32::try_from(exponent.clamp(-3000, 3000)).unwrap_or_default();
    let mut x = x;
    for _ in 0..3 {
        let step = left.clamp(-1000, 1000);
        x *= 2.0_f64.powi(step);
        left -= step;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_apart_and_together_again() {
        for x in [1.0, -0.3, 12345.678, f64::MAX, f64::MIN_POSITIVE, 5e-324, -2e-310] {
            let (fraction, exponent) = frexp(x);
            assert!((0.5..1.0).contains(&fraction.abs()), "{x}");
            // Through two steps, as subnormal numbers need.
            assert_eq!(ldexp(fraction, i64::from(exponent)), x);
        }
        assert_eq!(frexp(0.0), (0.0, 0));
        assert_eq!(ldexp(1.0, 5000), f64::INFINITY);
    }
}
