/// A word of the language.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'s> {
    Name(&'s str),
    Number(f64),
    Text(Vec<u8>),
    Keyword(Keyword),
    /// A single character that stands for itself.
    Symbol(char),
    Equal,
    NotEqual,
    LessOrEqual,
    GreaterOrEqual,
    Concatenate,
    Dots,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    And,
    Break,
    Do,
    Else,
    ElseIf,
    End,
    False,
    For,
    Function,
    If,
    In,
    Local,
    Nil,
    Not,
    Or,
    Repeat,
    Return,
    Then,
    True,
    Until,
    While,
}

impl Keyword {
    const ALL: [Self; 21] = [
        Self::And,
        Self::Break,
        Self::Do,
        Self::Else,
        Self::ElseIf,
        Self::End,
        Self::False,
        Self::For,
        Self::Function,
        Self::If,
        Self::In,
        Self::Local,
        Self::Nil,
        Self::Not,
        Self::Or,
        Self::Repeat,
        Self::Return,
        Self::Then,
        Self::True,
        Self::Until,
        Self::While,
    ];

    pub(super) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|keyword| keyword.text() == name)
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Break => "break",
            Self::Do => "do",
            Self::Else => "else",
            Self::ElseIf => "elseif",
            Self::End => "end",
            Self::False => "false",
            Self::For => "for",
            Self::Function => "function",
            Self::If => "if",
            Self::In => "in",
            Self::Local => "local",
            Self::Nil => "nil",
            Self::Not => "not",
            Self::Or => "or",
            Self::Repeat => "repeat",
            Self::Return => "return",
            Self::Then => "then",
            Self::True => "true",
            Self::Until => "until",
            Self::While => "while",
        }
    }
}

impl Token<'_> {
    /// What stands for a kind of token in "X expected".
    pub(super) fn name(&self) -> String {
        match self {
            Self::Name(_) => "<name>".to_owned(),
            Self::Number(_) => "<number>".to_owned(),
            Self::Text(_) => "<string>".to_owned(),
            Self::Keyword(keyword) => keyword.text().to_owned(),
            Self::Symbol(c) if c.is_control() => format!("char({})", u32::from(*c)),
            Self::Symbol(c) => c.to_string(),
            Self::Equal => "==".to_owned(),
            Self::NotEqual => "~=".to_owned(),
            Self::LessOrEqual => "<=".to_owned(),
            Self::GreaterOrEqual => ">=".to_owned(),
            Self::Concatenate => "..".to_owned(),
            Self::Dots => "...".to_owned(),
            Self::End => "<eof>".to_owned(),
        }
    }
}
