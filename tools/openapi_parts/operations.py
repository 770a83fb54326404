"""Operations, parameters, headers and answers: how they are written in a part, and what comes out."""

import re

OPERATION = {"operationId", "summary", "description", "parameters", "requestBody", "responses", "security", "x-errors", "x-like"}
PARAMETER = {"name", "in", "required", "description", "schema", "style", "explode", "x-errors"}
HEADER = {"description", "required", "schema"}
MEDIA = {"schema", "example", "examples"}
BODY = {"required", "type", "content", *MEDIA}
RESPONSE = {"description", "headers", "type", "content", "x-problem", "x-status", *MEDIA}
PROBLEM = {"code", "title", "detail", "errors"}
JSON = "application/json"
INSTANCE = "01kaswr2x0e5fvbnz8m3q7tcyd"
IN_PATH = re.compile(r"\{(\w+)\}")


class Operations:
    """Expands operations. A text stands for the shared piece of that name."""

    def __init__(self, names, schemas, limits, errors, security):
        """`errors`: groups, name -> names of responses and groups. `security`: name -> {"use": …, "x-errors": …}."""
        self._names = names
        self._schemas = schemas
        self._limits = limits
        self._errors = errors
        self._security = security
        self._path_parameters = {piece["name"]: name for name, _, piece in names.all("parameters") if piece.get("in") == "path"}

    def expand(self, path, operation, tag, place):
        place.members(operation, OPERATION, needed=("operationId", "summary", "responses", "security"))
        parameters = self._parameters_of(path, operation, place)
        expanded = {"operationId": operation["operationId"], "tags": [tag], "summary": operation["summary"]}
        if "description" in operation:
            expanded["description"] = self._limits.text(operation["description"], place / "description")
        if parameters:
            expanded["parameters"] = [self.parameter(one, place / "parameters" / at) for at, one in enumerate(parameters)]
        if "requestBody" in operation:
            expanded["requestBody"] = self._body(operation["requestBody"], place / "requestBody")
        answers = {status: self.response(one, place / "responses" / status, status) for status, one in operation["responses"].items()}
        for status, name in self._errors_of(operation, parameters, place).items():
            answers.setdefault(status, self._names.reference("responses", name, place))
        expanded["responses"] = dict(sorted(answers.items()))
        expanded["security"] = self._use_of(operation["security"], place / "security")["use"]
        return expanded

    def parameter(self, parameter, place):
        if isinstance(parameter, str):
            return self._names.reference("parameters", parameter, place)
        place.members(parameter, PARAMETER, needed=("name", "schema"))
        where = parameter.get("in", "query")
        expanded = {"name": parameter["name"], "in": where, "required": parameter.get("required", where == "path")}
        if "description" in parameter:
            expanded["description"] = self._limits.text(parameter["description"], place / "description")
        expanded["schema"] = self._schemas.expand(parameter["schema"], place / "schema")
        return {**expanded, **{member: parameter[member] for member in ("style", "explode") if member in parameter}}

    def header(self, header, place):
        if isinstance(header, str):
            return self._names.reference("headers", header, place)
        place.members(header, HEADER, needed=("description", "schema"))
        return {**header, "description": self._limits.text(header["description"], place / "description"),
                "schema": self._schemas.expand(header["schema"], place / "schema")}

    def response(self, response, place, status=None):
        """`status`: of an operation's own. A shared one says it itself, x-status."""
        place.members(response, RESPONSE, needed=("description",))
        expanded = {"description": self._limits.text(response["description"], place / "description")}
        if "headers" in response:
            expanded["headers"] = {name: self.header(one, place / "headers" / name) for name, one in response["headers"].items()}
        content = self._content(response, place)
        if "x-problem" in response:
            problem = self._problem(response["x-problem"], int(response.get("x-status", status)), place / "x-problem")
            schema = self._schemas.expand("Problem", place)
            content["application/problem+json"] = {"schema": schema, "examples": {"problem": {"value": problem}}}
        if content:
            expanded["content"] = content
        return expanded

    def _parameters_of(self, path, operation, place):
        """The parameters of the path by its template, then those that the operation names."""
        own = operation.get("parameters", [])
        given = {one["name"] for one in own if isinstance(one, dict) and "name" in one}
        in_path = []
        for name in IN_PATH.findall(path):
            if name in given:
                continue
            if name not in self._path_parameters:
                raise place.error(f"no parameter is called \"{name}\": name it in parameters, or in the part that is shared")
            in_path.append(self._path_parameters[name])
        return in_path + own

    def _body(self, body, place):
        place.members(body, BODY)
        return {"required": body.get("required", True), "content": self._content(body, place)}

    def _content(self, holder, place):
        """By media type; a schema alone is JSON, or of the type that stands beside it."""
        content = {type_: self._media(media, place / "content" / type_) for type_, media in holder.get("content", {}).items()}
        if "schema" in holder:
            media = {member: holder[member] for member in MEDIA if member in holder}
            content[holder.get("type", JSON)] = self._media(media, place)
        return content

    def _media(self, media, place):
        place.members(media, MEDIA, needed=("schema",))
        expanded = {"schema": self._schemas.expand(media["schema"], place / "schema")}
        examples = dict(media.get("examples", {}))
        if "example" in media:
            examples["example"] = media["example"]
        elif not examples and isinstance(media["schema"], str) and self._names.has_example(media["schema"]):
            examples["example"] = {"x-example": media["schema"]}
        if examples:
            expanded["examples"] = {name: {"value": self._names.example(one, place / name)} for name, one in examples.items()}
        return expanded

    def _problem(self, problem, status, place):
        place.members(problem, PROBLEM, needed=("code", "title", "detail"))
        return {"type": f"urn:tally:problem:{problem['code']}", "title": problem["title"], "status": status,
                "detail": self._limits.text(problem["detail"], place / "detail"), "instance": INSTANCE, "code": problem["code"],
                **({"errors": problem["errors"]} if "errors" in problem else {})}

    def _use_of(self, security, place):
        if not isinstance(security, str) or security not in self._security:
            raise place.error(f"{security!r} is none of {', '.join(sorted(self._security))}")
        return self._security[security]

    def _errors_of(self, operation, parameters, place):
        """status -> response: what the operation names, and what comes with its security and its parameters."""
        wanted = [*operation.get("x-errors", []), *self._use_of(operation["security"], place / "security").get("x-errors", [])]
        for parameter in parameters:
            piece = self._names.find("parameters", parameter, place)[1] if isinstance(parameter, str) else parameter
            wanted += piece.get("x-errors", [])
        found = {}
        for name in self._responses_of(wanted, place / "x-errors"):
            status = self._names.find("responses", name, place / "x-errors")[1].get("x-status")
            if status is None:
                raise place.error(f"the response {name} has no x-status: it is no error that can be named")
            if found.setdefault(status, name) != name:
                raise place.error(f"{found[status]} and {name} are both {status}")
        return found

    def _responses_of(self, wanted, place):
        for name in wanted:
            if name in self._errors:
                yield from self._responses_of(self._errors[name], place)
            else:
                yield name
