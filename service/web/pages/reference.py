"""`/api`: what the API answers, read from its own description."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from service.web.api.description import describe
from service.web.rendering import Rendering, words_of

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a part of an answer: its type in a word or two, and what it is."""

    name: str
    type: str
    about: str


class ReferencePage:
    """The page of the API."""

    def __init__(self, rendering: Rendering) -> None:
        self._rendering = rendering

    async def get(self, request: web.Request) -> web.Response:
        """`GET /api`."""
        document = describe(words_of(request))
        return self._rendering.page(
            request, "reference.html", document=document, fields=fields, parameters=parameters, model=model
        )


def parameters(operation: Json) -> Iterator[Field]:
    """The parameters of an operation."""
    for each in operation["parameters"]:
        yield Field(each["name"], kind(each["schema"]), each.get("description", ""))


def fields(schema: Json) -> Iterator[Field]:
    """The parts of an object."""
    for name, each in schema["properties"].items():
        yield Field(name, kind(each), each.get("description", ""))


def model(operation: Json) -> str:
    """The name of what an operation answers."""
    return _name(operation["responses"]["200"]["content"]["application/json"]["schema"])


def kind(schema: Json) -> str:
    """The type of a value ("integer", "string, date-time", "Release[]", "string or null")."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " | ".join(kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"{kind(schema.get('items', {}))}[]"
    return str(schema.get("format") or schema.get("type", "object"))


def _name(schema: Json) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
