"""What may include what: the arrows of docs/architecture.md, checked on every #include line.

System headers of every library lie in one folder, so the build can not refuse an include. This does.
"""

import re

from .source import Rule

MAY_INCLUDE = {
    "core": ("core",),
    "events": ("core", "events"),
    "projections": ("core", "events", "projections"),
    "http": ("core", "events", "projections", "http"),
    "tools": ("core", "events", "projections", "http", "tools"),
    "tests": ("core", "events", "projections", "http", "tools", "tests"),
}

# The rooms of each floor, the lowest first: a room includes itself and those before it. Each is a folder, a CMake target
# (tally_FLOOR_ROOM) and a README.
ROOMS = {
    "core": ("base", "crypto", "state", "event", "workspace", "identity", "token", "ledger"),
    "events": ("store", "log", "memory", "rocks", "ledger"),
    "projections": ("rows", "fold", "queries", "commands", "rebuild", "verify"),
    "http": ("server", "commands", "watch", "tokens", "auth", "formats", "frame", "oauth", "ledger", "pages", "api"),
    "tools": ("base", "folder", "keyring", "client", "tallyd", "bench", "cli"),
}

# How rows and stored bytes look is nobody's business above the log and its read models.
HIDDEN_FROM_HTTP = re.compile(r"^events/(store/family|rocks/|memory/|log/codec|schema/)|^projections/rows/")

# Third-party headers, and the paths that may include them. The first prefix that fits decides.
THIRD_PARTY = (
    ("boost/system/", r""),
    ("boost/", r"(http|tools|tests)/"),
    ("botan/", r"(tests/)?core/crypto/"),
    ("openssl/", r"http/server/tls_|tools/bench/|tools/client/|tests/"),
    ("rocksdb/", r"events/rocks/|tests/events/"),
    ("flatbuffers/", r"events/log/codec|tests/(events|fuzz)/"),
    ("fmt/", r"tools/"),
    ("toml++/", r"tools/"),
    ("CLI/", r"tools/(cli/command_parser|tallyd/settings_flags)\.cpp"),
    ("catch2/", r"tests/"),
    ("mimalloc.h", r"tools/tallyd/main\.cpp"),
    ("zlib.h", r"http/oauth/zlib_compress|tests/"),
    ("p11-kit/", r"tools/keyring/pkcs11_session\.cpp"),
    ("utf8proc.h", r"core/base/unicode\.cpp"),
)
# The libraries that a room of ours links, in its CMakeLists.txt.
LIBRARY = re.compile(r"tally_library\((?P<name>\w+)(?P<rest>[^)]*)\)")
LINKED = re.compile(r"\btally_(?P<name>[a-z]+(?:_[a-z]+)?)\b")
COMPUTED_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]+[A-Za-z_]", re.MULTILINE)
GENERATED = re.compile(r"(^|/)\w+_generated\.h$")
GENERATED_HOMES = r"events/log/codec|tests/(events|fuzz)/"

POSIX = re.compile(r"^(sys|netinet|arpa|linux)/\w+\.h$"
                   r"|^(unistd|fcntl|poll|signal|dirent|spawn|pthread|sched|dlfcn|netdb|termios|errno|malloc|stdlib)\.h$")
STANDARD = re.compile(r"^[a-z_0-9]+$")
# core/ decides; whoever calls it brings the clock, the randomness, the files and the threads.
IMPURE = re.compile(r"^(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|atomic|fstream"
                    r"|filesystem|iostream|random|coroutine)$")


def check_layers(tree):
    for file in tree.cpp:
        allowed = MAY_INCLUDE.get(file.top)
        if allowed is None:
            yield file.path, 1, "C++ lives in core/, events/, projections/, http/, tools/ or tests/"
            continue
        for include in file.includes:
            top = include.target.split("/", 1)[0]
            if top in MAY_INCLUDE and top not in allowed:
                yield file.path, include.line, f"{file.top}/ may not include {include.target}; the arrow points down only"
            if file.top == "http" and HIDDEN_FROM_HTTP.match(include.target):
                yield file.path, include.line, f"http/ knows no stored form: {include.target}"


def room_of(path):
    """(floor, room) of a path on a floor that has rooms; the room is "" for what lies in none."""
    parts = path.split("/")
    if parts[0] not in ROOMS:
        return None
    return parts[0], parts[1] if len(parts) > 2 else ""


def check_families_are_hidden(tree):
    """Column families, also by way of what others include."""
    reached = {}

    def way_to_families(path):
        if path not in reached:
            reached[path] = None  # A circle is another rule's finding.
            for include in tree.by_path[path].includes:
                if include.target == "events/store/family.hpp":
                    reached[path] = (include.line, include.target)
                elif include.target in tree.by_path and way_to_families(include.target):
                    reached[path] = (include.line, include.target)
        return reached[path]

    for file in tree.cpp:
        if file.top == "http" and (way := way_to_families(file.path)):
            yield file.path, way[0], f"sees column families by way of {way[1]}: name the store by a forward declaration"


def check_rooms(tree):
    for file in tree.cpp:
        place = room_of(file.path)
        if place is None:
            continue
        floor, room = place
        if room not in ROOMS[floor]:
            yield file.path, 1, f"is in no room of {floor}/ ({', '.join(ROOMS[floor])})"
            continue
        below = ROOMS[floor][:ROOMS[floor].index(room) + 1]
        for include in file.includes:
            target = room_of(include.target)
            if target and target[0] == floor and target[1] not in below:
                yield file.path, include.line, f"{floor}/{room}/ may not include {include.target}; the arrow points down only"


def check_links(tree):
    order = [f"{floor}_{room}" for floor, rooms in ROOMS.items() for room in rooms]
    places = {name: number for number, name in enumerate(order)}
    # All of a floor is as high as its highest room.
    places.update({floor: places[f"{floor}_{rooms[-1]}"] for floor, rooms in ROOMS.items()})
    for file in tree.files:
        if not file.path.endswith("CMakeLists.txt"):
            continue
        for library in LIBRARY.finditer(file.text):
            own = places.get(library["name"])
            if own is None or library["name"] in ROOMS:
                continue
            for linked in LINKED.finditer(library["rest"]):
                if places.get(linked["name"], -1) >= own:
                    yield (file.path, file.line_of(library.start("rest") + linked.start()),
                           f"{library['name']} may not link {linked['name']}, which is not below it")


def check_spelled_out(tree):
    for file in tree.cpp:
        for found in COMPUTED_INCLUDE.finditer(file.code):
            yield file.path, file.line_of(found.end()), "an #include names its file, and no macro: nothing else can be held against the rooms"


def check_third_party(tree):
    for file in tree.cpp:
        for include in file.includes:
            if include.target.split("/", 1)[0] in MAY_INCLUDE:
                continue
            homes = homes_of(include.target, file.top)
            if homes is None:
                yield file.path, include.line, f"<{include.target}> is no dependency of docs/dependencies.md"
            elif not re.match(homes, file.path):
                yield file.path, include.line, f"<{include.target}> may not stand here (only in: {homes})"


def homes_of(target, top):
    """A pattern of the paths that may include `target`; None if nothing is known about it."""
    if GENERATED.search(target):
        return GENERATED_HOMES
    for prefix, homes in THIRD_PARTY:
        if target.startswith(prefix):
            return homes
    if POSIX.match(target) or (STANDARD.match(target) and IMPURE.match(target)):
        return r"(?!core/)"
    return r"" if STANDARD.match(target) else None


def check_root_relative(tree):
    for file in tree.cpp:
        for include in file.includes:
            ours = include.target.split("/", 1)[0] in MAY_INCLUDE
            if include.quoted and not GENERATED.search(include.target) and include.target not in tree.by_path:
                yield file.path, include.line, f'"{include.target}" is not a path from the root of the tree'
            if ours and not include.quoted:
                yield file.path, include.line, f'<{include.target}> is ours: write "{include.target}"'
            if include.target.endswith(".cpp"):
                yield file.path, include.line, "a .cpp is compiled, never included"


def check_cycles(tree):
    state = {}

    def visit(path, chain):
        state[path] = "open"
        for include in tree.by_path[path].includes:
            if include.target not in tree.by_path:
                continue
            if state.get(include.target) == "open":
                loop = chain[chain.index(include.target):] + [include.target]
                yield path, include.line, "files include each other: " + " -> ".join(loop)
            elif include.target not in state:
                yield from visit(include.target, chain + [include.target])
        state[path] = "done"

    for file in tree.cpp:
        if file.path not in state:
            yield from visit(file.path, [file.path])


def check_own_header_first(tree):
    for file in tree.cpp:
        header = file.path[:-len(".cpp")] + ".hpp"
        if file.suffix == ".cpp" and header in tree.by_path:
            first = file.includes[0] if file.includes else None
            if first is None or first.target != header:
                yield file.path, first.line if first else 1, f'the first include must be "{header}"'


def check_pragma_once(tree):
    for file in tree.cpp:
        if file.suffix == ".hpp":
            first = next((line for line in file.code.splitlines() if line.strip()), "")
            if first.strip() != "#pragma once":
                yield file.path, 1, "a header begins with #pragma once"


RULES = (
    Rule("layer", "a lower folder that knows an upper one can not be understood, tested or replaced alone", check_layers),
    Rule("room", "rooms that know each other are one room in disguise", check_rooms),
    Rule("families-hidden", "what http/ sees of the store's rows is compiled with it, and some day used", check_families_are_hidden),
    Rule("room-link", "what a room links it can call, whatever it includes", check_links),
    Rule("include-spelled-out", "an include that only the preprocessor can read hides an arrow", check_spelled_out),
    Rule("third-party", "a library behind one adapter can be upgraded, mistrusted or replaced in one place", check_third_party),
    Rule("root-relative", "one spelling per header: a file can be moved and found by searching for its path", check_root_relative),
    Rule("include-cycle", "files that need each other are one file in disguise", check_cycles),
    Rule("own-header-first", "a header that compiles first in its own .cpp includes all that it needs", check_own_header_first),
    Rule("pragma-once", "a header that is read twice defines everything twice", check_pragma_once),
)
