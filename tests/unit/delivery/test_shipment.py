"""What travels in the payload of a deployment."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.delivery.image import Image
from bot.delivery.shipment import Shipment, Target, target_of
from bot.rules.models import Rulebook
from bot.rules.rulebook import read

A = "docker.io/acme/a"
SHIPMENT = Shipment(
    image="ghcr.io/acme/shop:v1.2.0@sha256:" + "a" * 64,
    commit="b" * 40,
    version="1.2.0",
    pushed_at=datetime(2026, 1, 2, tzinfo=UTC),
    target=Target(repository="acme/gitops", branch=None, manifests="apps/shop-dev", application="shop-dev"),
    by="mina",
)


def test_a_shipment_travels_whole() -> None:
    assert Shipment.of(SHIPMENT.payload()) == SHIPMENT
    assert SHIPMENT.shipped == Image(
        "ghcr.io/acme/shop", "v1.2.0", "sha256:" + "a" * 64, "b" * 40, SHIPMENT.pushed_at
    )


@pytest.mark.parametrize(
    "payload",
    [None, "", "signalbox", {}, {"signalbox": None}, {"signalbox": {}}, {"signalbox": {"image": 5}}],
)
def test_any_other_payload_carries_none(payload: Any) -> None:
    assert Shipment.of(payload) is None


def test_where_it_goes_is_in_the_rulebook() -> None:
    book = read(
        "delivery: {repository: acme/gitops, project: store}\n"
        "environments: {prod: {write: pull_request, digest: true, values: ['values.yaml:web.image']}}"
    )
    assert isinstance(book, Rulebook)
    prod, dev = (target_of(book, name, "acme/shop") for name in ("prod", "dev"))
    assert prod == Target(
        repository="acme/gitops",
        branch=None,
        manifests="apps/store-prod",
        application="store-prod",
        values=("values.yaml:web.image",),
        digest=True,
        write="pull_request",
        database="real",
    )
    assert dev is not None
    assert (dev.manifests, dev.application, dev.write) == ("apps/store-dev", "store-dev", "commit")


@pytest.mark.parametrize(
    ("images", "values", "expected"),
    [
        ("[ghcr.io/acme/shop]", "['v.yaml:web.tag']", ("ghcr.io/acme/shop=v.yaml:web.tag",)),
        ("[acme/a, acme/b]", "['v.yaml:web.tag', 'acme/b=v.yaml:b']", ("v.yaml:web.tag", "acme/b=v.yaml:b")),
        ("[]", "['v.yaml:web.tag', 'acme/b=v.yaml:b']", ("v.yaml:web.tag", "acme/b=v.yaml:b")),
    ],
)
def test_of_which_image_a_value_is_goes_without_saying_where_there_is_one(
    images: str, values: str, expected: tuple[str, ...]
) -> None:
    delivery = f"delivery: {{repository: acme/gitops, images: {images}}}\n"
    book = read(f"{delivery}environments: {{dev: {{values: {values}}}}}")
    assert isinstance(book, Rulebook)
    target = target_of(book, "dev", "acme/shop")
    assert target is not None
    assert target.values == expected


def placed(manifests: str, *values: str) -> Target:
    return Target(repository="a/b", branch=None, manifests=manifests, application="x", values=values)


def test_an_image_has_the_values_that_are_its_own_and_those_that_may_be() -> None:
    target = placed("apps/dev", "acme/a=v.yaml:a", "acme/b=v.yaml:b", "v.yaml:c", "more/w.yaml:d")
    assert {path: [each.path for each in places] for path, places in target.values_of(A).items()} == {
        "apps/dev/v.yaml": ["a", "c"],
        "apps/dev/more/w.yaml": ["d"],
    }


@pytest.mark.parametrize(("manifests", "path"), [("apps/dev/v.yaml", "apps/dev/v.yaml"), ("v.yml", "v.yml")])
def test_values_are_seen_from_the_folder_of_a_file(manifests: str, path: str) -> None:
    name = path.rpartition("/")[2]
    assert [*placed(manifests, f"{name}:a").values_of(A)] == [path]


def test_manifests_are_what_is_yaml_below_their_place_but_for_templates_of_a_chart() -> None:
    ours = [
        "dev/a.yaml",
        "dev/b/c.yml",
        "dev/chart/Chart.yaml",
        "dev/chart/values.yaml",
        "dev/templates/d.yaml",
    ]
    others = ["dev/chart/templates/e.yaml", "dev/README.md", "devil/a.yaml", "dev/chart/templates/f/g.yaml"]
    assert placed("dev").among([*ours, *others]) == ours
    assert placed("dev/a.yaml").among([*ours, *others]) == ["dev/a.yaml"]
    assert placed("dev").among(["Chart.yaml", "templates/a.yaml", "dev/b.yaml"]) == ["dev/b.yaml"]


def test_what_tells_databases_apart_travels_too() -> None:
    book = read("delivery: {repository: acme/gitops}\ndatabases: {real: {hosts: ['*.prod']}}\n")
    assert isinstance(book, Rulebook)
    target = target_of(book, "dev", "acme/shop")
    assert target is not None
    assert (target.database, target.databases) == ("dummy", book.databases)
    shipment = SHIPMENT.model_copy(update={"target": target})
    assert Shipment.of(shipment.payload()) == shipment


def test_where_others_write_the_manifests_it_goes_nowhere() -> None:
    book = read("preset: trunk")
    assert isinstance(book, Rulebook)
    assert target_of(book, "dev", "acme/shop") is None
