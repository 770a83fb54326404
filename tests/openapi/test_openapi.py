#!/usr/bin/env python3
"""tools/openapi.py: what its parts say in short comes out whole, and a part that is wrong is refused with its place."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import openapi  # noqa: E402
from openapi_parts import embed, typescript  # noqa: E402
from openapi_parts.document import assemble  # noqa: E402
from openapi_parts.limits import Limits  # noqa: E402
from openapi_parts.place import PartError, Place  # noqa: E402

LIMITS = """
// inline constexpr int kGone = 5;
inline constexpr std::size_t kPageItemsMax = 1'000;  // Of one page.
inline constexpr std::size_t kBodyBytesMax = 64 << 10;
inline constexpr std::size_t kTwice = 2 * kPageItemsMax;
inline constexpr std::chrono::minutes kWait{10};
inline constexpr double kHalf = 0.5;
inline constexpr int kThere = core::limits::kPageItemsMax - 1;
"""


def shared():
    return {
        "document": {"openapi": "3.1.0"},
        "tags": ["rooms", "doors"],
        "security": {"nobody": {"use": []}, "session": {"use": [{"session": []}], "x-errors": ["caller"]}},
        "errors": {"every": ["BadRequest"], "caller": ["every", "Forbidden"]},
        "parameters": {"Room": {"name": "room", "in": "path", "schema": "RoomId", "x-errors": ["NotFound"]},
                       "Limit": {"name": "limit", "schema": {"type": "integer", "maximum": "kPageItemsMax"}}},
        "headers": {"Sequence": {"description": "Of the last event.", "schema": {"type": "string"}}},
        "responses": {name: {"x-status": status, "description": name, "x-problem": {"code": "no", "title": "No", "detail": "at most {kBodyBytesMax KiB}"}}
                      for name, status in (("BadRequest", "400"), ("Forbidden", "403"), ("NotFound", "404"), ("Gone", "404"))},
        "schemas": {"Problem": {"type": "object"}, "Cursor": {"type": "string"}, "RoomId": {"x-id": "room", "description": "A room."}},
    }


def rooms():
    return {
        "tag": "rooms",
        "paths": {"/rooms/{room}": {"get": {
            "operationId": "showRoom", "summary": "Show a room", "security": "session",
            "responses": {"200": {"description": "It.", "headers": {"Tally-Sequence": "Sequence"}, "schema": "Room"}}}}},
        "schemas": {"Room": {"x-object": {"id": "RoomId", "name?": {"type": "string"}}, "x-example": {"id": "room_1"}},
                    "RoomPage": {"x-page": "Room"}},
    }


class Assembling(unittest.TestCase):
    def setUp(self):
        self.shared = shared()
        self.rooms = rooms()
        self.operation = self.rooms["paths"]["/rooms/{room}"]["get"]

    def document(self, *others):
        parts = {"shared.json": self.shared, "rooms.json": self.rooms, **{f"other{at}.json": part for at, part in enumerate(others)}}
        return assemble({path: json.dumps(part) for path, part in parts.items()}, [LIMITS])

    def shown(self):
        return self.document()["paths"]["/rooms/{room}"]["get"]

    def refused(self, message, *others):
        with self.assertRaises(PartError) as caught:
            self.document(*others)
        self.assertIn(message, str(caught.exception))

    def test_an_operation_comes_out_whole(self):
        self.assertEqual(self.shown(), {
            "operationId": "showRoom", "tags": ["rooms"], "summary": "Show a room",
            "parameters": [{"$ref": "#/components/parameters/Room"}],
            "responses": {
                "200": {"description": "It.", "headers": {"Tally-Sequence": {"$ref": "#/components/headers/Sequence"}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Room"},
                                                         "examples": {"example": {"value": {"id": "room_1"}}}}}},
                **{status: {"$ref": f"#/components/responses/{name}"} for status, name in
                   (("400", "BadRequest"), ("403", "Forbidden"), ("404", "NotFound"))}},
            "security": [{"session": []}]})

    def test_errors_come_with_the_security_and_the_parameters_and_are_named_beside(self):
        self.operation["security"] = "nobody"
        self.assertEqual(list(self.shown()["responses"]), ["200", "404"])
        self.operation["x-errors"] = ["every"]
        self.assertEqual(list(self.shown()["responses"]), ["200", "400", "404"])

    def test_what_is_written_out_goes_before_what_is_named(self):
        self.operation["responses"]["404"] = {"description": "No such room."}
        self.assertEqual(self.shown()["responses"]["404"], {"description": "No such room."})

    def test_a_problem_has_its_status_and_the_bounds_of_the_limits(self):
        content = self.document()["components"]["responses"]["NotFound"]["content"]["application/problem+json"]
        self.assertEqual(content["schema"], {"$ref": "#/components/schemas/Problem"})
        problem = content["examples"]["problem"]["value"]
        self.assertEqual((problem["status"], problem["type"], problem["detail"]), (404, "urn:tally:problem:no", "at most 64 KiB"))

    def test_schemas_come_out_whole(self):
        schemas = self.document()["components"]["schemas"]
        self.assertEqual(schemas["Room"], {
            "type": "object", "properties": {"id": {"$ref": "#/components/schemas/RoomId"}, "name": {"type": "string"}},
            "required": ["id"], "additionalProperties": False})
        self.assertEqual(schemas["RoomPage"]["properties"]["items"]["maxItems"], 1000)
        self.assertEqual(schemas["RoomId"]["pattern"], "^room_[0-7][0-9a-hjkmnp-tv-z]{25}$")

    def test_examples_are_made_of_each_other(self):
        self.operation["responses"]["200"]["schema"] = "RoomPage"
        self.operation["responses"]["200"]["example"] = {"x-example": "RoomPage", "next_cursor": "abc"}
        media = self.shown()["responses"]["200"]["content"]["application/json"]
        self.assertEqual(media["examples"]["example"]["value"], {"items": [{"id": "room_1"}], "next_cursor": "abc"})
        self.rooms["schemas"]["Room"]["x-example"] = {"x-example": "Room"}
        self.refused("Room and Room are made of each other")

    def test_one_method_is_like_another(self):
        self.rooms["paths"]["/rooms/{room}"]["put"] = {"x-like": "get", "operationId": "putRoom"}
        put = self.document()["paths"]["/rooms/{room}"]["put"]
        self.assertEqual(put, {**self.shown(), "operationId": "putRoom"})
        self.rooms["paths"]["/rooms/{room}"]["put"]["x-like"] = "post"
        self.refused("rooms.json: paths > /rooms/{room} > put: there is no operation 'post' here")

    def test_the_data_of_an_event_belongs_to_its_type(self):
        events = {"events": {"Opened": {"x-object": {}}}, "schemas": {"Event": {"type": "object"}, "EventType": {"enum": ["Opened"]}}}
        schemas = self.document(events)["components"]["schemas"]
        self.assertEqual(schemas["Event"]["allOf"][0]["then"]["properties"]["data"], {"$ref": "#/components/schemas/OpenedData"})
        self.assertEqual(schemas["OpenedData"], {"type": "object", "properties": {}, "additionalProperties": False})
        events["schemas"]["EventType"]["enum"].append("Closed")
        self.refused("Closed must stand in EventType and have its data here", events)

    def test_paths_stand_in_the_order_of_the_tags(self):
        doors = {"tag": "doors", "paths": {"/doors": {"get": {**self.operation, "operationId": "doors"}}}}
        self.assertEqual(list(self.document(doors)["paths"]), ["/rooms/{room}", "/doors"])
        self.shared["tags"].reverse()
        self.assertEqual(list(self.document(doors)["paths"]), ["/doors", "/rooms/{room}"])

    def test_unknown_members_are_refused_where_they_stand(self):
        self.operation["sumary"] = "Show"
        self.refused("rooms.json: paths > /rooms/{room} > get: unknown member \"sumary\"")
        del self.operation["sumary"]
        self.rooms["schemas"]["Room"]["minimun"] = 1
        self.refused("rooms.json: schemas > Room: unknown member \"minimun\"")
        del self.rooms["schemas"]["Room"]["minimun"]
        self.rooms["pathes"] = {}
        self.refused("rooms.json: unknown member \"pathes\"")

    def test_unknown_names_are_refused_where_they_stand(self):
        answer = self.operation["responses"]["200"]
        for change, message in (
                (lambda: answer.update(schema="Rom"), "responses > 200 > schema: nothing in schemas has the name \"Rom\""),
                (lambda: answer["headers"].update(ETag="EntityTag"), "nothing in headers has the name \"EntityTag\""),
                (lambda: self.operation.update(parameters=["Limits"]), "nothing in parameters has the name \"Limits\""),
                (lambda: self.operation.update({"x-errors": ["Teapot"]}), "nothing in responses has the name \"Teapot\""),
                (lambda: self.operation.update(security="sesion"), "'sesion' is none of nobody, session"),
                (lambda: self.rooms.update(tag="room"), "its tag 'room' is none of rooms, doors"),
                (lambda: answer.update(example={"x-example": "RoomId"}), "the schema RoomId has no x-example")):
            with self.subTest(message):
                self.setUp()
                answer = self.operation["responses"]["200"]
                change()
                self.refused(message)

    def test_a_parameter_of_the_path_has_to_be_known(self):
        self.rooms["paths"]["/rooms/{number}"] = {"get": {**self.operation, "operationId": "byNumber"}}
        self.refused("no parameter is called \"number\"")
        self.rooms["paths"]["/rooms/{number}"]["get"]["parameters"] = [{"name": "number", "in": "path", "schema": {"type": "string"}}]
        parameter = self.document()["paths"]["/rooms/{number}"]["get"]["parameters"][0]
        self.assertEqual((parameter["in"], parameter["required"]), ("path", True))

    def test_nothing_stands_twice(self):
        self.refused("this path stands elsewhere, too: rooms.json", {"tag": "doors", "paths": {"/rooms/{room}": {"get": self.operation}}})
        self.refused("its operationId is that of rooms.json", {"tag": "doors", "paths": {"/doors": {"get": self.operation}}})
        self.refused("there is one of this name already: rooms.json", {"schemas": {"Room": {"type": "string"}}})
        self.refused("2 of the parts have \"document\"", shared())
        self.operation["x-errors"] = ["Gone"]
        self.refused("Gone and NotFound are both 404")
        with self.assertRaisesRegex(PartError, "'tag' stands there twice"):
            assemble({"twice.json": '{"tag": "a", "tag": "b"}'}, [])

    def test_no_helper_comes_out(self):
        self.shared["document"]["x-note"] = "for us"
        self.refused("the document: the helper \"x-note\" is not known here")
        del self.shared["document"]["x-note"]
        self.assertNotIn('"x-', json.dumps(self.document()))


class Bounds(unittest.TestCase):
    def setUp(self):
        self.limits = Limits([LIMITS])

    def test_constants_are_read_as_cpp_has_them(self):
        self.assertEqual(self.limits.values, {"kPageItemsMax": 1000, "kBodyBytesMax": 65536, "kTwice": 2000, "kWait": 10, "kThere": 999})
        self.assertEqual(self.limits.number("4 * kPageItemsMax", Place("p")), 4000)
        self.assertEqual(self.limits.number(7, Place("p")), 7)

    def test_texts_have_them_as_people_write_them(self):
        text = self.limits.text("{kPageItemsMax}, {kPageItemsMax plain}, {kBodyBytesMax KiB}, {list}", Place("p"))
        self.assertEqual(text, "1,000, 1000, 64 KiB, {list}")

    def test_what_is_no_bound_is_refused(self):
        for wrong in ("kGone", "kHalf", "1.5", "open('file')", "kPageItemsMax / 3", "", None, True):
            with self.assertRaises(PartError):
                self.limits.number(wrong, Place("p"))
        for wrong in ("{kGone}", "{kPageItemsMax KiB}", "{kPageItemsMax dozens}"):
            with self.assertRaises(PartError):
                self.limits.text(wrong, Place("p"))


class Writing(unittest.TestCase):
    def test_the_bytes_in_the_source_are_the_document_compact_and_compressed(self):
        document = {"paths": {}, "info": {"title": "§"}}
        source = embed.cpp(document)
        arrays = [bytes(int(byte) for byte in source.split(f"{name}[] = {{")[1].split("}")[0].split(",") if byte.strip())
                  for name in ("kIdentity", "kGzip")]
        self.assertEqual(arrays[0].decode(), '{"paths":{},"info":{"title":"§"}}')
        self.assertEqual(zlib.decompress(arrays[1], 31), arrays[0])
        self.assertEqual(source, embed.cpp(document))

    def test_types_say_what_the_schemas_say(self):
        def type_of(schema):
            return typescript.type_of(schema)
        self.assertEqual(type_of({"$ref": "#/components/schemas/Room"}), "Room")
        self.assertEqual(type_of({"type": "string", "enum": ["a", "b"]}), '"a" | "b"')
        self.assertEqual(type_of({"type": "array", "items": {"oneOf": [{"const": True}, {"type": "integer"}]}}), "(true | number)[]")
        self.assertEqual(type_of({"type": "object", "additionalProperties": {"type": "integer"},
                                  "propertyNames": {"$ref": "#/components/schemas/Name"}}), "Partial<Record<Name, number>>")
        self.assertEqual(type_of({"type": "object"}), "Record<string, unknown>")
        self.assertEqual(type_of({"type": "object", "properties": {}, "additionalProperties": False}), "Record<string, never>")
        room = {"type": "object", "description": "A room.", "required": ["id"],
                "properties": {"id": {"type": "string", "description": "Its id."}, "x5t#S256": {"type": "string"}}}
        self.assertEqual(typescript.declaration("Room", room), '/** A room. */\nexport interface Room {\n  /** Its id. */\n'
                         '  id: string\n  "x5t#S256"?: string\n}\n')

    def test_the_command_writes_only_what_changed_and_says_what_is_wrong(self):
        with tempfile.TemporaryDirectory() as folder:
            part, limits, document, types = (Path(folder, name) for name in ("shared.json", "limits.hpp", "made/document.json", "types.ts"))
            limits.write_text(LIMITS, encoding="utf-8")
            part.write_text(json.dumps(shared()), encoding="utf-8")
            arguments = [str(part), "--limits", str(limits), "--document", str(document), "--types", str(types)]
            self.assertEqual(openapi.main(arguments), 0)
            self.assertEqual(json.loads(document.read_text(encoding="utf-8"))["openapi"], "3.1.0")
            self.assertIn("export type RoomId = string", types.read_text(encoding="utf-8"))
            before = types.stat().st_ino
            self.assertEqual(openapi.main(arguments), 0)
            self.assertEqual(types.stat().st_ino, before)
            part.write_text("{", encoding="utf-8")
            said = io.StringIO()
            with contextlib.redirect_stderr(said):
                self.assertEqual(openapi.main(arguments), 1)
            self.assertIn(f"openapi: {part}: ", said.getvalue())


if __name__ == "__main__":
    unittest.main()
