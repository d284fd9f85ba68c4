"""The register of resolvers, and the values of git that GraphQL walks through."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import GraphQLResolveInfo

from bot.localhub.git import Commit, Pointer
from bot.localhub.graphql.context import Context
from bot.localhub.model import Account, Repository

Resolver: TypeAlias = Callable[..., Any]
Info: TypeAlias = GraphQLResolveInfo[Context]

# By GraphQL type, then by the field's name in GraphQL.
FIELDS: dict[str, dict[str, Resolver]] = {}


def answers(field: str, *types: str) -> Callable[[Resolver], Resolver]:
    """Register a function as the resolver of `field` on these types."""

    def register(resolver: Resolver) -> Resolver:
        for name in types:
            FIELDS.setdefault(name, {})[field] = resolver
        return resolver

    return register


def context_of(info: Info) -> Context:
    """What the resolvers of this request share."""
    return info.context


@dataclass(frozen=True, slots=True)
class Ref:
    """A ref of a repository, and what it points at."""

    repository: Repository
    qualified_name: str
    pointer: Pointer

    @property
    def oid(self) -> str:
        """The commit that it stands for."""
        return self.pointer.commit


@dataclass(frozen=True, slots=True)
class CommitAt:
    """A commit of a repository; `commit` is read when more than its name is asked for."""

    repository: Repository
    oid: str
    commit: Commit | None = None


@dataclass(frozen=True, slots=True)
class TagAt:
    """An annotated tag of a repository."""

    repository: Repository
    oid: str


@dataclass(frozen=True, slots=True)
class TreeAt:
    """A folder of a commit, by its path ("" for the root) there."""

    repository: Repository
    commit: str
    path: str
    oid: str


@dataclass(frozen=True, slots=True)
class OtherObject:
    """An object of which only the name is told."""

    type: str
    oid: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `head` has that `base` has not, and the other way round."""

    repository: Repository
    base: str
    head: str


def type_of(value: Any, _info: Info, _type: object) -> str:
    """The GraphQL type of a value that is found behind an interface or in a union."""
    match value:
        case Account() | OtherObject():
            return str(value.type)
        case CommitAt():
            return "Commit"
        case TagAt():
            return "Tag"
        case TreeAt():
            return "Tree"
        case _:
            return type(value).__name__
