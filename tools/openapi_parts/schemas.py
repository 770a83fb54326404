"""Schemas: how they are written in a part, and what comes out."""

import re

BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
AS_THEY_ARE = ("type", "enum", "const", "pattern", "format", "required", "examples")
ONE_SCHEMA = ("items", "additionalProperties", "propertyNames", "if", "then", "else", "not")
SEVERAL_SCHEMAS = ("oneOf", "anyOf", "allOf")
HELPERS = ("x-object", "x-page", "x-id", "x-example")
KNOWN = {*BOUNDS, *AS_THEY_ARE, *ONE_SCHEMA, *SEVERAL_SCHEMAS, *HELPERS, "$ref", "description", "default", "properties"}
ID_EXAMPLE = "01kaswr2x0e5fvbnz8m3q7tcyd"
ID_PATTERN = "[0-7][0-9a-hjkmnp-tv-z]{25}"
PREFIX = re.compile(r"[a-z]+")


class Schemas:
    """Expands schemas. A text stands for the schema of that name."""

    def __init__(self, names, limits):
        self._names = names
        self._limits = limits

    def expand(self, schema, place):
        if isinstance(schema, str):
            return self._names.reference("schemas", schema, place)
        place.members(schema, KNOWN)
        expanded = {}
        for helper, expand in (("x-object", self._object), ("x-page", self._page), ("x-id", self._id)):
            if helper in schema:
                expanded.update(expand(schema[helper], place / helper))
        for member, value in schema.items():
            if member not in HELPERS:
                expanded[member] = self._member(member, value, place / member)
        return expanded

    def _member(self, member, value, place):
        if member in BOUNDS or (member == "default" and isinstance(value, str) and re.match(r"k[A-Z]", value)):
            return self._limits.number(value, place)
        if member == "description":
            return self._limits.text(value, place)
        if member == "$ref":
            return self._names.reference("schemas", value, place)["$ref"]
        if member == "properties":
            return {name: self.expand(one, place / name) for name, one in value.items()}
        if member in ONE_SCHEMA:
            return value if isinstance(value, bool) else self.expand(value, place)
        if member in SEVERAL_SCHEMAS:
            return [self.expand(one, place / number) for number, one in enumerate(value)]
        return value

    def _object(self, properties, place):
        """Every property is required but those whose name ends in a question mark; there are no others."""
        if not isinstance(properties, dict):
            raise place.error("must be an object: the schema of each property")
        expanded = {"type": "object",
                    "properties": {name.removesuffix("?"): self.expand(one, place / name) for name, one in properties.items()}}
        required = [name for name in properties if not name.endswith("?")]
        if required:
            expanded["required"] = required
        return {**expanded, "additionalProperties": False}

    def _page(self, item, place):
        items = {"type": "array", "maxItems": "kPageItemsMax", "items": item}
        return self._object({"items": items, "next_cursor?": "Cursor"}, place)

    def _id(self, prefix, place):
        if not isinstance(prefix, str) or not PREFIX.fullmatch(prefix):
            raise place.error("must be the letters that the id begins with")
        return {"type": "string", "pattern": f"^{prefix}_{ID_PATTERN}$", "examples": [f"{prefix}_{ID_EXAMPLE}"]}
