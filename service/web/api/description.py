"""The description of the API: OpenAPI 3.1, made from its table of operations and the models.

Source: https://spec.openapis.org/oas/v3.1.1.html.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from service.web.api.models import Model, Problem
from service.web.api.operations import OPERATIONS, Operation
from service.web.api.problems import MEDIA_TYPE
from service.web.door import ADDRESSES
from service.web.language import Words
from service.web.language import later as _

Json = dict[str, Any]

PREFIX: Final = "/api/v1"
_REFERENCE: Final = "#/components/schemas/{model}"
# A part of a path, and the pattern that it must be like.
_PART: Final = re.compile(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})*))?\}")
_PARTS: Final[Mapping[str, Json]] = {
    "owner": {"description": _("The owner of the repository."), "schema": {"type": "string"}},
    "repo": {"description": _("The name of the repository."), "schema": {"type": "string"}},
    "number": {
        "description": _("The number of the pull request."),
        "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    },
}
_REFUSALS: Final = {
    "400": _("A parameter cannot be answered; “wrong” says which, and what is expected."),
    "401": _("Nobody is signed in. Sign in with a browser, and send its cookie."),
    "403": _("Nobody can sign in here, and the request does not come from this machine."),
    "404": _("There is nothing, or nothing that you may see."),
    "503": _("The ledger or GitHub does not answer at the moment; Retry-After says when to ask again."),
}
_ABOUT: Final = _("What the control room shows, as JSON. It only reads; moments are UTC, in ISO 8601.")
_COOKIE: Final = _(
    "The cookie of the control room: sign in with a browser. With HTTPS its name begins with “__Host-”. "
    "Where nobody can sign in, the machine itself is answered without one."
)


def describe(words: Words) -> Json:
    """The description with its sentences in a language."""
    said: Json = _said(_document(), words)
    return said


@cache
def _document() -> Json:
    kinds: list[type[Model]] = [*dict.fromkeys(each.answer for each in OPERATIONS), Problem]
    _map, schemas = models_json_schema([(kind, "serialization") for kind in kinds], ref_template=_REFERENCE)
    return {
        "openapi": "3.1.1",
        "info": {"title": "Signalbox", "version": "1", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"session": []}],
        "paths": {path_of(each.page): {"get": _operation(each)} for each in OPERATIONS},
        "components": {
            "schemas": {name: _plain(schema) for name, schema in schemas["$defs"].items()},
            "responses": dict(_refusals()),
            "securitySchemes": {
                "session": {
                    "type": "apiKey", "in": "cookie", "name": "signalbox-session", "description": _COOKIE,
                }
            },
        },
    }  # fmt: skip


def path_of(page: str) -> str:
    """The path of a page of the API, its parts in braces without their patterns."""
    (path,) = (path for _method, path, name in ADDRESSES if name == page)
    return _PART.sub(r"{\1}", path)


def _operation(operation: Operation) -> Json:
    parts = _PART.findall(path_of(operation.page))
    return {
        "operationId": operation.page.removeprefix("api ").title().replace(" ", ""),
        "summary": operation.summary,
        "parameters": [
            *({"name": name, "in": "path", "required": True, **_PARTS[name]} for name, _ in parts),
            *_parameters(operation),
        ],
        "responses": {
            "200": {
                "description": operation.summary,
                "content": {
                    "application/json": {
                        "schema": {"$ref": _REFERENCE.format(model=operation.answer.__name__)}
                    }
                },
            },
            **{status: {"$ref": f"#/components/responses/{status}"} for status in _REFUSALS},
        },
    }


def _reference(kind: type[Model]) -> Json:
    return {"$ref": _REFERENCE.format(model=kind.__name__)}


def _parameters(operation: Operation) -> Iterator[Json]:
    schema = operation.question.model_json_schema(by_alias=True)
    for name, each in schema.get("properties", {}).items():
        told = {key: value for key, value in each.items() if key not in {"title", "description"}}
        if told.get("default", ...) is None:
            del told["default"]
        yield {"name": name, "in": "query", "description": each["description"], "schema": told}


def _refusals() -> Iterator[tuple[str, Json]]:
    for status, why in _REFUSALS.items():
        response: Json = {
            "description": why,
            "content": {MEDIA_TYPE: {"schema": _reference(Problem)}},
        }
        if status == "503":
            response["headers"] = {"Retry-After": {"required": True, "schema": {"type": "string"}}}
        yield status, response


def _plain(schema: Any) -> Any:
    """The schema without what pydantic adds from the code: titles, and the docstrings of classes."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: each for key, each in schema.items() if key != "title" or not isinstance(each, str)}
    if "properties" in kept:
        kept.pop("description", None)
        kept["properties"] = {name: _plain(each) for name, each in kept["properties"].items()}
        return kept
    return {key: _plain(each) for key, each in kept.items()}


def _said(part: Any, words: Words) -> Any:
    """The same with every sentence in a language."""
    if isinstance(part, list):
        return [_said(each, words) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        key: words.gettext(each)
        if key in {"description", "summary"} and isinstance(each, str)
        else _said(each, words)
        for key, each in part.items()
    }
