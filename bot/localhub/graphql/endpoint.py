"""Answer a GraphQL request as GitHub does: always 200, errors beside partial data, each with a `type`."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    execute,
    parse,
    validate,
)

from bot.localhub.checks import Checks
from bot.localhub.gate import Call, Gate, Reply
from bot.localhub.graphql.context import Context
from bot.localhub.graphql.schema import build
from bot.localhub.pulls import Pulls
from bot.localhub.refusals import Refused
from bot.localhub.world import Json, World


class Endpoint:
    """`POST /graphql` of one world."""

    def __init__(self, world: World, pulls: Pulls, checks: Checks, gate: Gate) -> None:
        self._world = world
        self._pulls = pulls
        self._checks = checks
        self._gate = gate

    async def answer(self, call: Call) -> Reply:
        """Run the request's document and answer its data and errors."""
        if call.refusal:
            return Reply({"errors": [{"type": "RATE_LIMITED", "message": call.refusal.message}]})
        try:
            request = await call.request.json()
        except ValueError as error:
            raise Refused("Problems parsing JSON") from error
        if not isinstance(request, dict):
            raise Refused("A query attribute must be specified and must be a string.")
        errors = list(call.fault.errors) if call.fault else []
        if any("path" not in error for error in errors):
            return Reply({"errors": errors})
        body = _body(await self._execute(call, request))
        return Reply(_without(body, errors) if errors else body)

    async def _execute(self, call: Call, request: Mapping[str, Any]) -> ExecutionResult:
        document, problems = _read(request.get("query", ""))
        if document is None:
            return ExecutionResult(None, problems)
        context = Context(self._world, self._pulls, self._checks, self._gate.meter, call)
        running = execute(
            _schema(),
            document,
            context_value=context,
            variable_values=request.get("variables"),
            operation_name=request.get("operationName"),
        )
        return running if isinstance(running, ExecutionResult) else await running


@lru_cache
def _schema() -> GraphQLSchema:
    return build()


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
    """The document, when it fits the schema; the bot asks the same few over and over."""
    try:
        document = parse(text)
    except GraphQLError as error:
        return None, [error]
    problems = validate(_schema(), document)
    return (None, problems) if problems else (document, [])


def _body(result: ExecutionResult) -> Json:
    body: Json = {"data": result.data}
    if result.errors:
        body["errors"] = [_described(error) for error in result.errors]
        if result.data is None and not any(error.path for error in result.errors):
            del body["data"]  # the document was never run
    return body


def _described(error: GraphQLError) -> Json:
    """An error in GitHub's spelling: `type` beside the message."""
    described: Json = {"message": error.message}
    if isinstance(error.original_error, Refused):
        described["type"] = error.original_error.type
    if error.path:
        described["path"] = error.path
    if error.locations:
        described["locations"] = [place.formatted for place in error.locations]
    return described


def _without(body: Json, errors: list[Mapping[str, Any]]) -> Json:
    """The answer less what the errors name."""
    for error in errors:
        *way, last = error["path"]
        place = body["data"]
        for step in way:
            place = place[step]
        place[last] = None
    return {**body, "errors": [*body.get("errors", []), *errors]}
