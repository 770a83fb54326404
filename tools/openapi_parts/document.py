"""The whole document, of its parts."""

import json

from .limits import Limits
from .names import KINDS, Names
from .operations import Operations
from .place import Place
from .schemas import Schemas

PART = {"tag", "paths", "events", *KINDS}
SHARED = {"document", "tags", "errors", "security", *PART}
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def read(texts):
    """(place, part) of each. `texts`: path -> JSON."""
    def no_member_twice(pairs):
        members = dict(pairs)
        if len(members) != len(pairs):
            names = [name for name, _ in pairs]
            raise ValueError(f"the member {next(name for name in names if names.count(name) > 1)!r} stands there twice")
        return members
    for path, text in texts.items():
        place = Place(path)
        try:
            part = json.loads(text, object_pairs_hook=no_member_twice)
        except ValueError as error:
            raise place.error(str(error)) from None
        yield place, place.members(part, SHARED if isinstance(part, dict) and "document" in part else PART)


def assemble(texts, headers):
    """The document. `texts`: path -> JSON of each part, one of which is shared (has "document"); `headers`: texts of C++
    headers with limits. Errors: PartError."""
    parts = list(read(texts))
    shared = [(place, part) for place, part in parts if "document" in part]
    if len(shared) != 1:
        raise Place(", ".join(texts)).error(f"{len(shared)} of the parts have \"document\"; one has what all share")
    place, common = shared[0]
    place.members(common, SHARED, needed=("tags", "errors", "security"))
    limits, names = Limits(headers), Names()
    for where, part in parts:
        for kind in KINDS:
            for name, piece in part.get(kind, {}).items():
                names.add(kind, name, where / kind / name, piece)
    events = add_events(parts, names)
    schemas = Schemas(names, limits)
    operations = Operations(names, schemas, limits, common["errors"], common["security"])
    document = {**common["document"], "tags": [{"name": tag} for tag in common["tags"]],
                "paths": expand_paths(parts, common["tags"], operations)}
    document["components"] = expand_components(names, schemas, operations)
    if events:
        document["components"]["schemas"]["Event"]["allOf"] = events
    refuse_helpers(document, Place("the document"))
    return document


def expand_paths(parts, tags, operations):
    """All paths, in the order of the tags."""
    paths, homes, ids = {}, {}, {}
    for place, part in parts:
        if "paths" in part and part.get("tag") not in tags:
            raise place.error(f"its tag {part.get('tag')!r} is none of {', '.join(tags)}")
    in_order = sorted((one for one in parts if "paths" in one[1]), key=lambda one: tags.index(one[1]["tag"]))
    for place, part in in_order:
        for path, methods in part["paths"].items():
            where = place / "paths" / path
            if path in paths:
                raise where.error(f"this path stands elsewhere, too: {homes[path]}")
            homes[path] = where
            where.members(methods, METHODS)
            paths[path] = {method: operations.expand(path, like(methods, method, where), part["tag"], where / method)
                           for method in methods}
            for method, operation in paths[path].items():
                other = ids.setdefault(operation["operationId"], where / method)
                if other != where / method:
                    raise (where / method).error(f"its operationId is that of {other}")
    return paths


def like(methods, method, place):
    """The operation, where it says x-like with what it does not say taken from that method of the same path."""
    operation = methods[method]
    if not isinstance(operation, dict) or "x-like" not in operation:
        return operation
    model = methods.get(operation["x-like"])
    if not isinstance(model, dict) or "x-like" in model:
        raise (place / method).error(f"there is no operation {operation['x-like']!r} here that is written out")
    return {**model, **{member: value for member, value in operation.items() if member != "x-like"}}


def add_events(parts, names):
    """Names the data of each event type, NAMEData. The branches of the schema Event that say so."""
    branches, place = [], None
    for where, part in parts:
        for name, schema in part.get("events", {}).items():
            place = where / "events"
            names.add("schemas", f"{name}Data", place / name, schema)
            branches.append({"if": {"properties": {"type": {"const": name}}},
                             "then": {"properties": {"data": {"$ref": f"#/components/schemas/{name}Data"}}}})
    if branches:
        listed = names.find("schemas", "EventType", place)[1]["enum"]
        named = [branch["if"]["properties"]["type"]["const"] for branch in branches]
        for name in sorted(set(listed) ^ set(named)):
            raise place.error(f"{name} must stand in EventType and have its data here")
        names.find("schemas", "Event", place)
    return branches


def expand_components(names, schemas, operations):
    return {
        "securitySchemes": {name: piece for name, _, piece in names.all("securitySchemes")},
        "parameters": {name: operations.parameter(piece, place) for name, place, piece in names.all("parameters")},
        "headers": {name: operations.header(piece, place) for name, place, piece in names.all("headers")},
        "responses": {name: operations.response(piece, place) for name, place, piece in names.all("responses")},
        "schemas": {name: schemas.expand(piece, place) for name, place, piece in names.all("schemas")},
    }


def refuse_helpers(value, place):
    """No member that only the parts have comes out."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            refuse_helpers(item, place / number)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name.startswith("x-"):
                raise place.error(f"the helper \"{name}\" is not known here")
            refuse_helpers(item, place / name)
