"""Answer a GraphQL request as GitHub does: always 200, errors beside partial data, each with a `type`."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from aiohttp import web
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    execute,
    parse,
    validate,
)

from bot.localhub.faults import graphql_refusal
from bot.localhub.gate import Call, Gate, Reply
from bot.localhub.graphql.context import Acts, Context
from bot.localhub.graphql.cost import MOST_NODES, price, weigh
from bot.localhub.graphql.schema import build
from bot.localhub.limits import Price
from bot.localhub.refusals import Refused
from bot.localhub.world import Json, World


class Endpoint:
    """`POST /graphql` of one world."""

    def __init__(self, world: World, acts: Acts, gate: Gate) -> None:
        self._world = world
        self._acts = acts
        self._gate = gate

    async def answer(self, call: Call) -> Reply:
        """Run the request's document and answer its data and errors."""
        if call.refusal:
            return Reply({"errors": [graphql_refusal("RATE_LIMIT", call.caller)]})
        request = await _request(call.request)
        errors = list(call.fault.errors) if call.fault else []
        if call.fault and any("path" not in error for error in errors):
            return Reply({"errors": errors}, headers=dict(call.fault.headers))
        body = _body(await self._execute(call, request))
        return Reply(_without(body, errors) if errors else body)

    async def price(self, request: web.Request) -> Price:
        """What a request costs. One that cannot be run costs a point too."""
        try:
            asked = await _request(request)
        except Refused:
            return Price()
        document, _ = _read(asked["query"])
        return price(document, *_operation(asked)) if document else Price()

    async def _execute(self, call: Call, request: Json) -> ExecutionResult:
        document, problems = _read(request["query"])
        if document is None:
            return ExecutionResult(None, problems)
        variables, operation_name = _operation(request)
        if (nodes := weigh(document, variables, operation_name).nodes) > MOST_NODES:
            return ExecutionResult(None, [_too_many(nodes)])
        context = Context(self._world, self._acts, self._gate.meter, call)
        running = execute(
            _schema(),
            document,
            context_value=context,
            variable_values=dict(variables),
            operation_name=operation_name,
        )
        return running if isinstance(running, ExecutionResult) else await running


class MaxNodeLimitExceeded(Refused):
    """Lists within lists that may hold more than GitHub would ever answer."""

    type = "MAX_NODE_LIMIT_EXCEEDED"


async def _request(request: web.Request) -> Json:
    """The body of a request: an object with a `query`."""
    try:
        asked = await request.json()
    except ValueError as error:
        raise Refused("Problems parsing JSON") from error
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        raise Refused("A query attribute must be specified and must be a string.")
    return asked


def _operation(request: Json) -> tuple[Json, str | None]:
    """The variables of a request, and which operation of its document it means."""
    return request.get("variables") or {}, request.get("operationName")


def _too_many(nodes: int) -> GraphQLError:
    message = (
        f"This query requests up to {nodes:,} possible nodes"
        f" which exceeds the maximum limit of {MOST_NODES:,}."
    )
    return GraphQLError(message, original_error=MaxNodeLimitExceeded(message))


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
