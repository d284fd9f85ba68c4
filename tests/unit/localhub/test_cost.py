"""What GitHub charges for GraphQL, held to the examples that it publishes."""

from typing import Any

import pytest
from graphql import parse

from bot.localhub.graphql.cost import price, weigh
from bot.localhub.limits import Price

SIMPLE = """
query { viewer { repositories(first: 50) { nodes { issues(first: 10) { nodes { title } } } } } }
"""
COMPLEX = """
query {
  viewer {
    repositories(first: 50) { nodes {
      pullRequests(first: 20) { nodes { comments(first: 10) { nodes { bodyHTML } } } }
      issues(first: 20) { nodes { comments(first: 10) { nodes { bodyHTML } } } }
    } }
    followers(first: 10) { nodes { login } }
  }
}
"""
LABELS = """
query { viewer { repositories(first: 100) { nodes {
  issues(first: 50) { nodes { labels(first: 60) { nodes { name } } } }
} } } }
"""
CHOSEN = """
query Q($page: Int = 50, $with: Boolean = false) {
  viewer { ...Repositories @include(if: $with) followers(last: 10) @skip(if: $with) { totalCount } }
}
fragment Repositories on User { repositories(first: $page) { nodes { ... on Node { issues(first: 1) { nodes {
  id
} } } } } }
"""


@pytest.mark.parametrize(
    ("document", "variables", "requests", "nodes", "points"),
    [
        ("query { id }", {}, 0, 0, 1),
        (SIMPLE, {}, 51, 550, 1),
        (COMPLEX, {}, 2102, 22_060, 21),
        (LABELS, {}, 5101, 305_100, 51),
        (CHOSEN, {}, 1, 10, 1),
        (CHOSEN, {"with": True}, 51, 100, 1),
        (CHOSEN, {"with": True, "page": 100}, 101, 200, 1),
        ("query Q($page: Int) { a(first: $page) { b(first: 1) { c } } }", {}, 1, 1, 1),
    ],
    ids=["no list", "simple", "complex", "labels", "skipped", "default", "given", "no size"],
)
def test_a_point_is_a_hundred_requests(
    document: str, variables: dict[str, Any], requests: int, nodes: int, points: int
) -> None:
    weight = weigh(parse(document), variables)
    assert (weight.requests, weight.nodes, weight.points) == (requests, nodes, points)


def test_a_write_costs_five_of_the_minute_and_one_of_the_hour() -> None:
    assert price(parse("mutation { updatePullRequest { clientMutationId } }"), {}) == Price(1, 5)
    assert price(parse("mutation { a: createCheckRun { id } }"), {}) == Price(1, 5, creates=True)


def test_the_named_operation_is_charged() -> None:
    document = parse(COMPLEX.replace("query", "query Dear") + "query Cheap { id }")
    assert price(document, {}, "Dear") == Price(21)
    assert price(document, {}, "Cheap") == price(document, {}) == Price()
