"""The cut schema with its resolvers: what a field is called in GraphQL is found by its name in Python."""

import re
from datetime import datetime
from importlib import resources
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
)

from bot.localhub.graphql import (
    checks,
    commits,
    discussion,
    gitwrites,
    mutations,
    people,
    protection,
    pulls,
    refs,
    releases,
    repositories,
)
from bot.localhub.graphql.fields import FIELDS, Info, type_of
from bot.localhub.payloads.common import moment

# Importing these registers their resolvers.
_REGISTERED = (
    *(checks, commits, discussion, gitwrites, mutations, people),
    *(protection, pulls, refs, releases, repositories),
)

# Arguments that are called otherwise in Python, where the name is taken.
_ARGUMENTS = {"input": "request"}

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def build() -> GraphQLSchema:
    """The schema, ready to execute."""
    text = resources.files("bot.localhub.graphql").joinpath("schema.graphql").read_text(encoding="utf-8")
    schema = build_schema(text)
    for named in schema.type_map.values():
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            named.resolve_type = type_of
        elif isinstance(named, GraphQLInputObjectType):
            for name, field in named.fields.items():
                field.out_name = _snake(name)
        elif isinstance(named, GraphQLObjectType) and not named.name.startswith("__"):
            _attach(named)
    return schema


def _attach(named: GraphQLObjectType) -> None:
    """Give every field its resolver: the function of that name, else the attribute of the source."""
    registered = FIELDS.get(named.name, {})
    for name, field in named.fields.items():
        for argument, described in field.args.items():
            described.out_name = _ARGUMENTS.get(argument, _snake(argument))
        field.resolve = registered.get(name, _attribute)


def _attribute(source: Any, info: Info) -> Any:
    name = _snake(info.field_name)
    value = source.get(name) if isinstance(source, dict) else getattr(source, name)
    return moment(value) if isinstance(value, datetime) else value


def _snake(name: str) -> str:
    return _HUMP.sub("_", name).lower()
