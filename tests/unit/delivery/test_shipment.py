"""What travels in the payload of a deployment."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.delivery.image import Image
from bot.delivery.shipment import Shipment, Target, target_of
from bot.rules.models import Rulebook
from bot.rules.rulebook import read

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
