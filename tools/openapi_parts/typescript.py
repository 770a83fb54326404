"""The schemas of a document as types of TypeScript, for the web pages."""

import json

HEAD = "// Made of the parts of the OpenAPI document by tools/openapi.py: what the API takes and answers.\n"
SIMPLE = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}


def types(document):
    """One exported type for each schema of the document."""
    return HEAD + "".join("\n" + declaration(name, schema) for name, schema in document["components"]["schemas"].items())


def declaration(name, schema):
    comment = comment_of(schema)
    if schema.get("type") == "object" and schema.get("properties"):
        lines = [f"{comment_of(one, '  ')}  {member}" for member, one in members(schema)]
        return f"{comment}export interface {name} {{\n" + "\n".join(lines) + "\n}\n"
    return f"{comment}export type {name} = {type_of(schema)}\n"


def members(schema):
    """(text, schema) of each property."""
    required = schema.get("required", ())
    for name, one in schema["properties"].items():
        quoted = name if name.isidentifier() else json.dumps(name)
        yield f"{quoted}{'' if name in required else '?'}: {type_of(one)}", one


def comment_of(schema, indent=""):
    text = schema.get("description")
    return f"{indent}/** {text.replace('*/', '* /')} */\n" if text else ""


def type_of(schema):
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    if "enum" in schema:
        return " | ".join(json.dumps(one, ensure_ascii=False) for one in schema["enum"])
    if "oneOf" in schema:
        return " | ".join(type_of(one) for one in schema["oneOf"])
    kind = schema.get("type")
    if kind == "array":
        item = type_of(schema["items"])
        return f"({item})[]" if " " in item else f"{item}[]"
    return object_type(schema) if kind == "object" else SIMPLE.get(kind, "unknown")


def object_type(schema):
    if schema.get("properties"):
        return "{ " + "; ".join(member for member, _ in members(schema)) + " }"
    values = schema.get("additionalProperties", True)
    if values is False:
        return "Record<string, never>"
    value = type_of(values) if isinstance(values, dict) else "unknown"
    if "propertyNames" in schema:
        return f"Partial<Record<{type_of(schema['propertyNames'])}, {value}>>"
    return f"Record<string, {value}>"
