"""What has a name in the document, from whichever part it comes, and examples, which are made of each other."""

from .place import Place

KINDS = ("schemas", "parameters", "headers", "responses", "securitySchemes")


class Names:
    """The named pieces of all parts, as they stand there."""

    def __init__(self):
        self._pieces = {kind: {} for kind in KINDS}  # kind -> name -> (place, piece)

    def add(self, kind, name, place, piece):
        if name in self._pieces[kind]:
            raise place.error(f"there is one of this name already: {self._pieces[kind][name][0]}")
        self._pieces[kind][name] = (place, piece)

    def all(self, kind):
        """(name, place, piece) of each."""
        return [(name, place, piece) for name, (place, piece) in self._pieces[kind].items()]

    def find(self, kind, name, place):
        """The place and the piece of this name; `place` is who asks."""
        found = self._pieces[kind].get(name)
        if found is None:
            raise place.error(f"nothing in {kind} has the name \"{name}\"")
        return found

    def reference(self, kind, name, place):
        self.find(kind, name, place)
        return {"$ref": f"#/components/{kind}/{name}"}

    def example_of(self, name, place, asking=()):
        """What a named schema gives as its example: x-example, or for a page, one item."""
        if name in asking:
            raise place.error(f"the examples of {' and '.join((*asking, name))} are made of each other")
        where, schema = self.find("schemas", name, place)
        if not isinstance(schema, dict) or not ("x-example" in schema or "x-page" in schema):
            raise place.error(f"the schema {name} has no x-example")
        if "x-example" in schema:
            return self.example(schema["x-example"], where / "x-example", (*asking, name))
        return {"items": [self.example_of(schema["x-page"], where / "x-page", (*asking, name))]}

    def has_example(self, name):
        schema = self._pieces["schemas"].get(name, (None, None))[1]
        return isinstance(schema, dict) and ("x-example" in schema or "x-page" in schema)

    def example(self, value, place, asking=()):
        """An example in which {"x-example": NAME, …} stands for that schema's, with what else is said put over it."""
        if isinstance(value, list):
            return [self.example(item, place / number, asking) for number, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        own = {name: self.example(item, place / name, asking) for name, item in value.items() if name != "x-example"}
        if "x-example" not in value:
            return own
        return {**self.example_of(value["x-example"], place / "x-example", asking), **own}
