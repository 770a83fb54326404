"""Where in which part something stands, and what is said when it is wrong there."""

from dataclasses import dataclass


class PartError(Exception):
    """A part that can not be put together: file, place in it, and what is wrong."""


@dataclass(frozen=True)
class Place:
    """A value in a part: `http/api/keys.openapi.json: paths > /v1/keys > get`."""
    file: str
    steps: tuple = ()

    def __truediv__(self, step):
        return Place(self.file, (*self.steps, str(step)))

    def __str__(self):
        return f"{self.file}: {' > '.join(self.steps)}" if self.steps else self.file

    def error(self, message):
        return PartError(f"{self}: {message}")

    def members(self, value, known, needed=()):
        """`value`, which is an object of no member but the known ones, with all that are needed."""
        if not isinstance(value, dict):
            raise self.error("must be an object")
        for name in value:
            if name not in known:
                raise self.error(f"unknown member \"{name}\"; there are {', '.join(sorted(known))}")
        for name in needed:
            if name not in value:
                raise self.error(f"\"{name}\" is missing")
        return value
