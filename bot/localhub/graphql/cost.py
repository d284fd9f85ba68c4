"""What GitHub charges for a GraphQL document, before it is run.

Source: "Rate limits and query limits for the GraphQL API", docs.github.com. Every list needs one request for
each of its parents, and a hundred requests are a point.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    get_operation_ast,
)
from graphql.utilities import value_from_ast_untyped

from bot.localhub.limits import Price

MOST_NODES = 500_000

_REQUESTS_A_POINT = 100
_BURST = {OperationType.QUERY: 1, OperationType.MUTATION: 5}
_DIRECTIVES = {"include": True, "skip": False}


class Weight(NamedTuple):
    """How many requests the lists of a document need, and how many nodes they may hold."""

    requests: int
    nodes: int

    def __add__(self, other: object) -> "Weight":
        """Both together."""
        if not isinstance(other, Weight):
            return NotImplemented
        return Weight(self.requests + other.requests, self.nodes + other.nodes)

    @property
    def points(self) -> int:
        """What an hour's allowance is charged, at least 1."""
        return max(1, (self.requests + _REQUESTS_A_POINT // 2) // _REQUESTS_A_POINT)


def weigh(document: DocumentNode, variables: Mapping[str, Any], operation_name: str | None = None) -> Weight:
    """The weight of one operation of a valid document."""
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return Weight(0, 0)
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    return _Scale(fragments, _values(operation, variables)).of(operation.selection_set, 1)


def price(document: DocumentNode, variables: Mapping[str, Any], operation_name: str | None = None) -> Price:
    """What it costs to run one operation of a valid document."""
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return Price()
    called = [one.name.value for one in operation.selection_set.selections if isinstance(one, FieldNode)]
    return Price(
        weigh(document, variables, operation_name).points,
        _BURST.get(operation.operation, 1),
        creates=any(name.startswith(("add", "create")) for name in called),
    )


class _Scale(NamedTuple):
    """The document's fragments, and the values of its variables."""

    fragments: Mapping[str, FragmentDefinitionNode]
    values: Mapping[str, Any]

    def of(self, selected: SelectionSetNode | None, parents: int) -> Weight:
        """The weight of what is selected below so many parents."""
        weight = Weight(0, 0)
        for one in selected.selections if selected else ():
            if self._asked(one):
                weight += self._one(one, parents)
        return weight

    def _one(self, selection: SelectionNode, parents: int) -> Weight:
        match selection:
            case FragmentSpreadNode():
                return self.of(self.fragments[selection.name.value].selection_set, parents)
            case FieldNode() if size := self._page(selection):
                nodes = parents * size
                return Weight(parents, nodes) + self.of(selection.selection_set, nodes)
            case FieldNode() | InlineFragmentNode():
                return self.of(selection.selection_set, parents)
        return Weight(0, 0)

    def _page(self, field: FieldNode) -> int:
        """How many items of a list are asked for; 0 where it is no list."""
        given = self._arguments(field)
        size = given.get("first", given.get("last"))
        return size if isinstance(size, int) else 0

    def _asked(self, selection: SelectionNode) -> bool:
        """Whether `@include` and `@skip` leave it in."""
        return all(
            self._arguments(one).get("if") is _DIRECTIVES[one.name.value]
            for one in selection.directives or ()
            if one.name.value in _DIRECTIVES
        )

    def _arguments(self, node: FieldNode | DirectiveNode) -> dict[str, Any]:
        values = dict(self.values)
        return {one.name.value: value_from_ast_untyped(one.value, values) for one in node.arguments or ()}


def _values(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables as they were sent, the rest by their defaults."""
    defaults = {
        one.variable.name.value: value_from_ast_untyped(one.default_value)
        for one in operation.variable_definitions or ()
        if one.default_value
    }
    return {**defaults, **variables}
