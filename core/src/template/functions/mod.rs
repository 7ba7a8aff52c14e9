//! What templates can call.

mod encoding;
mod list;
mod number;
mod request;
mod text;

use std::borrow::Cow;

use serde_json::Value;

use super::{Budget, Data, RenderError};
pub use list::picked;
pub use number::{finite, truncated};

/// A value, borrowed where it can be.
pub type Item<'a> = Cow<'a, Value>;

/// What a function works with.
pub struct Call<'a, 'c> {
    pub data: &'a dyn Data,
    pub budget: &'c Budget,
    /// As it is written, for messages.
    pub name: &'static str,
}

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal $most:literal),+ $(,)?) => {
        /// A function, by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Function {
            $($variant),+
        }

        /// Name, and how many arguments it takes.
        const ALL: &[(Function, &str, usize, usize)] = &[$((Function::$variant, $name, $least, $most)),+];

        impl Function {
            /// As it is written.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }
    };
}

functions! {
    At "at" 2 2,
    Base64Decode "base64_decode" 1 1,
    Base64Encode "base64_encode" 1 1,
    Base64UrlDecode "base64url_decode" 1 1,
    Base64UrlEncode "base64url_encode" 1 1,
    Body "body" 0 0,
    Context "context" 0 0,
    Default "default" 2 2,
    DivisibleBy "divisibleBy" 2 2,
    Even "even" 1 1,
    Exists "exists" 1 1,
    ExistsIn "existsIn" 2 2,
    Extraction "extraction" 1 1,
    First "first" 1 1,
    Float "float" 1 1,
    Header "header" 1 1,
    Int "int" 1 1,
    IsArray "isArray" 1 1,
    IsBoolean "isBoolean" 1 1,
    IsFloat "isFloat" 1 1,
    IsInteger "isInteger" 1 1,
    IsNumber "isNumber" 1 1,
    IsObject "isObject" 1 1,
    IsString "isString" 1 1,
    Join "join" 2 2,
    Last "last" 1 1,
    Length "length" 1 1,
    Lower "lower" 1 1,
    Max "max" 1 1,
    Min "min" 1 1,
    Odd "odd" 1 1,
    Range "range" 1 1,
    RawString "raw_string" 1 1,
    ReplaceWithRandom "replace_with_random" 2 2,
    RequestHeader "request_header" 1 1,
    Round "round" 2 2,
    Sort "sort" 1 1,
    Substring "substring" 2 3,
    Trim "trim" 1 1,
    Upper "upper" 1 1,
    WordCount "word_count" 1 1,
}

/// What Gloo has besides: parts of its proxy that there are none of here.
const ABSENT: [&str; 6] = ["clusterMetadata", "cluster_metadata", "data_source", "dynamic_metadata", "env", "host_metadata"];

impl Function {
    /// By its name, for so many arguments.
    ///
    /// # Errors
    /// A message for whoever wrote the template.
    pub fn find(name: &str, arguments: usize) -> Result<Self, String> {
        let Some((function, _, least, most)) = ALL.iter().find(|(_, known, ..)| *known == name) else {
            let absent = ABSENT.contains(&name);
            let help = if absent { ": the gateway has nothing that it could read; take a header, or an extractor" } else { "" };
            return Err(format!("there is no function `{name}`{help}"));
        };
        if (*least..=*most).contains(&arguments) {
            return Ok(*function);
        }
        let takes = if least == most { least.to_string() } else { format!("{least} or {most}") };
        Err(format!("`{name}` takes {takes} arguments, and there are {arguments}"))
    }

    /// Calls it. `default` and `exists`, whose arguments may be missing, are no business of this.
    pub fn call<'a>(self, arguments: Vec<Item<'a>>, data: &'a dyn Data, budget: &Budget) -> Result<Item<'a>, RenderError> {
        let call = Call { data, budget, name: self.as_str() };
        let mut arguments = arguments.into_iter();
        let mut next = || arguments.next().unwrap_or(Cow::Owned(Value::Null));
        let (a, b, c) = (next(), next(), arguments.next());
        let owned = match self {
            Self::At => return call.at(a, &b),
            Self::First => return call.first(a),
            Self::Last => return call.last(a),
            Self::Max => return call.best(a, std::cmp::Ordering::Greater),
            Self::Min => return call.best(a, std::cmp::Ordering::Less),
            Self::Base64Decode => call.base64_decode(&a)?,
            Self::Base64Encode => call.base64_encode(&a)?,
            Self::Base64UrlDecode => call.base64url_decode(&a)?,
            Self::Base64UrlEncode => call.base64url_encode(&a)?,
            Self::Body => call.body()?,
            Self::Context => call.context()?,
            Self::Default | Self::Exists => return Err(call.needs("its arguments")),
            Self::DivisibleBy => call.divisible_by(&a, &b)?,
            Self::Even => Value::Bool(call.integer(&a)? % 2 == 0),
            Self::Odd => Value::Bool(call.integer(&a)? % 2 != 0),
            Self::ExistsIn => Value::Bool(a.as_object().is_some_and(|object| b.as_str().is_some_and(|key| object.contains_key(key)))),
            Self::Extraction => call.extraction(&a)?,
            Self::Float => call.float(&a)?,
            Self::Header => call.header(&a)?,
            Self::Int => call.int(&a)?,
            Self::IsArray => Value::Bool(a.is_array()),
            Self::IsBoolean => Value::Bool(a.is_boolean()),
            Self::IsFloat => Value::Bool(a.is_f64()),
            Self::IsInteger => Value::Bool(a.is_i64() || a.is_u64()),
            Self::IsNumber => Value::Bool(a.is_number()),
            Self::IsObject => Value::Bool(a.is_object()),
            Self::IsString => Value::Bool(a.is_string()),
            Self::Join => call.join(&a, &b)?,
            Self::Length => call.length(&a),
            Self::Lower => call.changed(&a, str::to_ascii_lowercase)?,
            Self::Upper => call.changed(&a, str::to_ascii_uppercase)?,
            Self::Range => call.range(&a)?,
            Self::RawString => call.raw_string(&a)?,
            Self::ReplaceWithRandom => call.replace_with_random(&a, &b)?,
            Self::RequestHeader => call.request_header(&a)?,
            Self::Round => call.round(&a, &b)?,
            Self::Sort => call.sort(a)?,
            Self::Substring => call.substring(&a, &b, c.as_deref())?,
            Self::Trim => call.changed(&a, |text| text.trim_ascii().to_owned())?,
            Self::WordCount => call.word_count(&a)?,
        };
        Ok(Cow::Owned(owned))
    }
}

impl Call<'_, '_> {
    fn text<'v>(&self, value: &'v Value) -> Result<&'v str, RenderError> {
        value.as_str().ok_or_else(|| self.needs("a string"))
    }

    fn integer(&self, value: &Value) -> Result<i64, RenderError> {
        let whole = value.as_i64().or_else(|| number::truncated(value.as_f64()?));
        whole.ok_or_else(|| self.needs("a number"))
    }

    fn number(&self, value: &Value) -> Result<f64, RenderError> {
        value.as_f64().ok_or_else(|| self.needs("a number"))
    }

    fn needs(&self, what: &str) -> RenderError {
        RenderError::new(format!("`{}` needs {what}", self.name))
    }

    /// A text that was made, paid for.
    fn made(&self, text: String) -> Result<Value, RenderError> {
        self.budget.pay(text.len())?;
        Ok(Value::String(text))
    }
}
