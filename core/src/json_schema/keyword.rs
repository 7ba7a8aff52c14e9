//! The keywords of draft 2020-12, and what stands under them.

/// What a keyword's value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Schema,
    Schemas,
    /// An object whose values are schemas.
    NamedSchemas,
    /// No schemas.
    Plain,
}

/// `None` for what is no keyword.
pub fn shape(keyword: &str) -> Option<Shape> {
    Some(match keyword {
        "additionalProperties"
        | "contains"
        | "contentSchema"
        | "else"
        | "if"
        | "items"
        | "not"
        | "propertyNames"
        | "then"
        | "unevaluatedItems"
        | "unevaluatedProperties" => Shape::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Shape::Schemas,
        // The name of earlier drafts for `$defs`; it does no harm, and tools still write it.
        "definitions" | "$defs" | "dependentSchemas" | "patternProperties" | "properties" => Shape::NamedSchemas,
        "$anchor" | "$comment" | "$dynamicAnchor" | "$dynamicRef" | "$id" | "$ref" | "$schema" | "$vocabulary" | "const"
        | "contentEncoding" | "contentMediaType" | "default" | "dependentRequired" | "deprecated" | "description" | "enum" | "examples"
        | "exclusiveMaximum" | "exclusiveMinimum" | "format" | "maxContains" | "maxItems" | "maxLength" | "maxProperties" | "maximum"
        | "minContains" | "minItems" | "minLength" | "minProperties" | "minimum" | "multipleOf" | "pattern" | "readOnly" | "required"
        | "title" | "type" | "uniqueItems" | "writeOnly" => Shape::Plain,
        _ => return None,
    })
}

/// What to write instead of a keyword that earlier drafts had and this one ignores.
pub fn successor(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "additionalItems" => "write the first items under `prefixItems` and the others under `items`",
        "dependencies" => "write `dependentRequired` or `dependentSchemas`",
        "id" => "write `$id`",
        "$recursiveAnchor" => "write `$dynamicAnchor`",
        "$recursiveRef" => "write `$dynamicRef`",
        "nullable" => "write `type: [\"null\", …]`",
        _ => return None,
    })
}
