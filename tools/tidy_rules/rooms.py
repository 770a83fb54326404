"""What holds for a room as a whole: what its README says that it may include, and the names that its sources share.

Sources of a room are compiled some at a time (docs/adr/0057-sources-compiled-together.md): names without linkage meet there.
"""

import posixpath
import re
from collections import defaultdict

from .includes import MAY_INCLUDE, ROOMS, room_of
from .source import Rule, closing

SAID = re.compile(r"\bmay include:?(?P<what>.*?)(?=\bNever here\b|\bMust never\b|\n\s*\n|\n- |\Z)", re.DOTALL | re.IGNORECASE)
NAMED = re.compile(r"`(?P<floor>" + "|".join(ROOMS) + r")/(?:\{(?P<some>[\w, ]+)\}|(?P<one>\w+))?`(?P<below> and below)?")

NAMESPACE = re.compile(r"\b(?:inline\s+)?namespace\s*(?P<name>[\w:]*)\s*\{")
OPENING = re.compile(r"[;{(\[]")
ATTRIBUTE = re.compile(r"\[\[[^\]]*\]\]")
TEMPLATE = re.compile(r"\s*template\s*<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>")
ALIAS = re.compile(r"\s*(?:using\s+(\w+)|(?:template\b.*\b)?concept\s+(\w+))\s*=", re.DOTALL)
TYPE = re.compile(r"\s*(?:class|struct|union|enum(?:\s+class|\s+struct)?)\s+(\w+)[^(]*\{$")
NO_DECLARATION = re.compile(r"\s*(?:using\b|namespace\b|friend\b|static_assert\b|(?:class|struct|enum|union)\s[^={(]*;|;)")
FUNCTION = re.compile(r"(?<![\w:~])([A-Za-z_]\w*)\s*\(")
VALUE = re.compile(r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*$")


def below(floor, room):
    """Every room that `room` may know, itself not counted."""
    lower = {(name, other) for name in MAY_INCLUDE[floor] if name != floor for other in ROOMS[name]}
    return lower | {(floor, other) for other in ROOMS[floor][:ROOMS[floor].index(room)]}


def said_to_include(what, floor, room):
    """The rooms that the sentence of a README names, those above it too."""
    all_below = below(floor, room)
    if "everything" in what:
        return all_below
    said = {place for place in all_below if place[0] != floor} if "floors below" in what else set()
    if "ooms of" in what:
        said |= {place for place in all_below if place[0] == floor}
    for found in NAMED.finditer(what):
        rooms = ROOMS[found["floor"]]
        if found["some"] or found["one"]:
            names = [name.strip() for name in (found["some"] or found["one"]).split(",")]
            if found["below"]:
                names = rooms[:rooms.index(names[0]) + 1] if names[0] in rooms else names
            said |= {(found["floor"], name) for name in names}
        elif found["floor"] != floor:
            said |= {(found["floor"], name) for name in rooms}
        elif not re.search(r"ooms of\s*$", what[:found.start()]):
            said |= {place for place in all_below if place[0] == floor}
    return said


def listed(places):
    return ", ".join("/".join(place) for place in sorted(places))


def check_room_readmes(tree):
    known = defaultdict(set)
    for file in tree.cpp:
        known[room_of(file.path)].update(map(lambda include: room_of(include.target), file.includes))
    for place in sorted((floor, room) for floor, rooms in ROOMS.items() for room in rooms if (floor, room) in known):
        readme = tree.by_path.get("/".join((*place, "README.md")))
        if readme is None:
            continue  # Another rule's finding.
        found = SAID.search(readme.text)
        if found is None:
            yield readme.path, 1, "it does not say what the room may include"
            continue
        said, line = said_to_include(found["what"], *place), readme.line_of(found.start())
        if above := listed(said - below(*place)):
            yield readme.path, line, f"says that it may include {above}, which the room may not know"
        if unsaid := listed(known[place] - said - {place, None}):
            yield readme.path, line, f"does not say that it may include {unsaid}, which its sources do"


def unnamed_parts(file):
    """(where, from, to) of every unnamed namespace: the name of what it lies in, and the text between its braces."""
    text, around, position = file.body, [], 0
    while found := NAMESPACE.search(text, position):
        around = [(name, end) for name, end in around if end > found.start()]
        end, position = closing(text, found.end() - 1), found.end()
        if found["name"]:
            around.append((found["name"], end))
        else:
            yield "::".join(name for name, _ in around), found.end(), end
            position = end


def declarations(text, start, end):
    """(head, where it begins) of every declaration between the two: all that stands before its body, or is one."""
    begin = position = start
    while found := OPENING.search(text, position, end):
        if found.group(0) in "([":
            position = closing(text, found.start()) + 1
            continue
        head = text[begin:found.end()]
        yield head, begin + len(head) - len(head.lstrip())
        position = begin = found.end() if found.group(0) == ";" else closing(text, found.start()) + 1


def types_of(parameters):
    """The types of a parameter list, without names, defaults and qualifications: what tells overloads from each other."""
    plain = re.sub(r"=[^,]*", "", re.sub(r"\b\w+::", "", parameters))
    types = (re.sub(r"(?<=[\w>&*\s])\b\w+\s*$", "", part.strip()) or part.strip() for part in plain.split(","))
    return ",".join("".join(type_.split()) for type_ in types)


def named_by(head):
    """(name, what else of that name may stand beside it) of a declaration. None: it makes no name, or not here."""
    head = ATTRIBUTE.sub("", head)
    if alias := ALIAS.match(head):
        return alias[1] or alias[2], None
    if NO_DECLARATION.match(head):
        return None
    head = TEMPLATE.sub("", head, count=1)
    if type_ := TYPE.match(head):
        return type_[1], None
    before_value = re.split(r"(?<![=!<>])=(?!=)|\{|;", head)[0]
    if found := FUNCTION.search(before_value):
        closed = closing(before_value, found.end() - 1)
        is_macro = found[1].isupper() or "operator" in before_value
        return None if is_macro else (found[1], types_of(before_value[found.end():closed]))
    found = VALUE.search(before_value.strip())
    return (found[1], None) if found else None


def check_room_names(tree):
    built = {file.folder for file in tree.files if file.path.endswith("CMakeLists.txt")}

    def target_of(file):
        """The nearest folder above that is built as one."""
        folder = file.folder
        while folder and folder not in built:
            folder = posixpath.dirname(folder)
        return folder or file.folder

    seen = {}
    for file in tree.cpp:
        for where, start, end in unnamed_parts(file) if file.suffix == ".cpp" else ():
            for head, begin in declarations(file.body, start, end):
                if (named := named_by(head)) is None:
                    continue
                other, said = seen.setdefault((target_of(file), where, *named), (file.path, head))
                # The same alias twice is one to the compiler.
                if other != file.path and not (ALIAS.match(head) and head.split() == said.split()):
                    yield (file.path, file.line_of(begin),
                           f"{named[0]} stands in an unnamed namespace of {other} too: two names, or one definition in a header of the room")


RULES = (
    Rule("room-readme", "what a README says of the rooms below is believed by whoever adds an include", check_room_readmes),
    Rule("room-names", "which sources are compiled together changes with each that comes", check_room_names),
)
