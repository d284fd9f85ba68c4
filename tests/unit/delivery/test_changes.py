"""What shipments change in the files of a GitOps repository."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.delivery.changes import Changes, Item, changes, message
from bot.delivery.image import Image
from bot.delivery.shipment import Shipment, Target
from bot.rules.models import Language
from bot.text.render import render

REPOSITORY = "123.dkr.ecr.eu-west-1.amazonaws.com/team/shop"
BEGUN = datetime(2026, 1, 2, tzinfo=UTC)
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
        - name: web
          image: {image}  # by Signalbox
"""
JOB = """\
apiVersion: batch/v1
kind: CronJob
spec: {{jobTemplate: {{spec: {{template: {{spec: {{containers: [{{name: tidy, image: "{image}"}}]}}}}}}}}}}
"""


def files(tag: str = "v1.0.0", environment: str = "dev") -> dict[str, str | None]:
    folder, image = f"apps/shop-{environment}", f"{REPOSITORY}:{tag}"
    return {
        f"{folder}/web/web.yaml": MANIFEST.format(image=image),
        f"{folder}/tidy/tidy.yml": JOB.format(image=image),
        f"{folder}/README.md": f"image: {image}\n",
        f"{folder}/service.yaml": "kind: Service\n",
    }


def item(number: int, tag: str, environment: str = "dev", *, by: str = "", **target: object) -> Item:
    folder = f"apps/shop-{environment}"
    shipment = Shipment(
        image=f"{REPOSITORY}:{tag}@sha256:{number:064x}",
        commit="c" * 40,
        version=tag.removeprefix("v"),
        pushed_at=BEGUN + timedelta(minutes=number),
        target=Target.model_validate(
            {"repository": "acme/gitops", "branch": None, "manifests": folder, "application": "x", **target}
        ),
        by=by,
    )
    return Item(number, "acme/shop", environment, shipment)


def numbers(found: Changes) -> dict[str, list[int]]:
    return {
        "written": [each.deployment for each in found.written],
        "standing": [each.deployment for each in found.standing],
        "overtaken": [each.deployment for each in found.overtaken],
        "refused": [each.deployment for each, _ in found.refused],
    }


def test_every_file_that_holds_the_image_is_written_and_no_other() -> None:
    found = changes(files(), [item(1, "v1.1.0")])
    assert found.files == {
        path: text for path, text in files("v1.1.0").items() if path.endswith(("web.yaml", "tidy.yml"))
    }
    assert numbers(found) == {"written": [1], "standing": [], "overtaken": [], "refused": []}


def test_what_stands_is_not_written_again() -> None:
    found = changes(files("v1.1.0"), [item(1, "v1.1.0")])
    assert (found.files, numbers(found)["standing"]) == ({}, [1])


def test_of_several_at_once_the_last_one_counts() -> None:
    found = changes(files(), [item(1, "v1.1.0"), item(2, "v1.2.0"), item(3, "v1.1.1", "stage")])
    assert (numbers(found)["written"], numbers(found)["overtaken"]) == ([2], [1])
    assert numbers(found)["refused"] == [3]
    assert "v1.2.0" in found.files["apps/shop-dev/web/web.yaml"]


def test_d1_an_older_image_that_came_late_is_not_written() -> None:
    newer = Image(REPOSITORY, "v1.2.0", None, None, BEGUN + timedelta(hours=1))
    late = Item(1, "acme/shop", "dev", item(1, "v1.1.0").shipment, newer)
    assert numbers(changes(files("v1.2.0"), [late]))["overtaken"] == [1]


def test_what_a_person_ordered_is_written_though_it_is_older() -> None:
    newer = Image(REPOSITORY, "v1.2.0", None, None, BEGUN + timedelta(hours=1))
    ordered = Item(1, "acme/shop", "dev", item(1, "v1.1.0", by="mina").shipment, newer)
    assert numbers(changes(files("v1.2.0"), [ordered]))["written"] == [1]


def test_two_environments_are_written_at_once() -> None:
    both = files() | files(environment="test")
    found = changes(both, [item(1, "v1.1.0"), item(2, "v1.1.0", "test")])
    assert len(found.files) == 4
    assert numbers(found)["written"] == [1, 2]


def test_a_digest_is_written_where_the_rulebook_asks_for_it() -> None:
    found = changes(files(), [item(1, "v1.1.0", digest=True)])
    assert f"{REPOSITORY}:v1.1.0@sha256:{1:064x}" in found.files["apps/shop-dev/web/web.yaml"]


def values(text: str, more: dict[str, Any], *, tag: str = "v1.1.0") -> Changes:
    """What becomes of an image that the rulebook names by a path in the values of a chart."""
    return changes({"apps/shop-dev/values.yaml": text}, [item(1, tag, **more)])


NAMED = {"values": [f"{REPOSITORY}=values.yaml:web.image"]}
PLAIN = {"values": ["values.yaml:web.tag"]}


@pytest.mark.parametrize(
    ("before", "more", "after"),
    [
        # The example of the rulebook's reference: what stands there is a whole image, and stays one.
        (f"web:\n  image: {REPOSITORY}:v1.0.0\n", NAMED, f"web:\n  image: {REPOSITORY}:v1.1.0\n"),
        ("web: {image: v1.0.0}\n", NAMED, "web: {image: v1.1.0}\n"),
        (
            f"web: {{image: '{REPOSITORY}:v1.0.0'}}\n",
            {**NAMED, "digest": True},
            f"web: {{image: '{REPOSITORY}:v1.1.0@sha256:{1:064x}'}}\n",
        ),
        # Of which image a tag is, is said by the repository beside it.
        (
            f"web: {{repository: {REPOSITORY}, tag: v1.0.0}}\n",
            PLAIN,
            f"web: {{repository: {REPOSITORY}, tag: v1.1.0}}\n",
        ),
        (
            f"web: {{repository: {REPOSITORY}, tag: v1.0.0, digest: ''}}\n",
            {**PLAIN, "digest": True},
            f"web: {{repository: {REPOSITORY}, tag: v1.1.0, digest: 'sha256:{1:064x}'}}\n",
        ),
        # A file that is named alone, and the values in it seen from its folder.
        (
            f"web: {{repository: {REPOSITORY}, tag: v1.0.0}}\n",
            {**PLAIN, "manifests": "apps/shop-dev/values.yaml"},
            f"web: {{repository: {REPOSITORY}, tag: v1.1.0}}\n",
        ),
    ],
)
def test_values_are_written_by_their_path(before: str, more: dict[str, Any], after: str) -> None:
    found = values(before, more)
    assert found.files == {"apps/shop-dev/values.yaml": after}
    assert numbers(values(after, more))["standing"] == [1]


OTHERS = "ghcr.io/acme/worker"


@pytest.mark.parametrize(
    ("before", "more", "said"),
    [
        ("web: {tag: v1.0.0}\n", PLAIN, "nothing says of which image web.tag is"),
        (f"web: {{image: {OTHERS}:v1.0.0}}\n", NAMED, f"found {OTHERS}"),
        (f"web: {{repository: {OTHERS}, tag: v1.0.0}}\n", PLAIN, f"found {OTHERS}."),
        ("web: {tag: v1.0.0}\n", {"values": [f"{OTHERS}=values.yaml:web.tag"]}, "found no image"),
        ("web: {image: v1.0.0}\n", {**NAMED, "digest": True}, "expected a text at digest"),
        ("web: {tag: v1.0.0}\n", NAMED, "Expected a value at web.image; found none"),
    ],
)
def test_values_of_another_image_are_not_written(before: str, more: dict[str, Any], said: str) -> None:
    found = values(before, more)
    ((_, (reason,)),) = found.refused
    assert said in render(reason, Language.EN)
    assert found.files == {}


CHART = {
    "apps/shop-dev/Chart.yaml": "apiVersion: v2\nname: shop\n",
    "apps/shop-dev/values.yaml": f"image:\n  repository: {REPOSITORY}\n  tag: v1.0.0\n",
    "apps/shop-dev/templates/web.yaml": "kind: Deployment\n{{- if .Values.on }}\n",
    "apps/shop-dev/templates/picture.yaml": None,
}


def test_d4_a_helm_chart_is_written_to_and_its_templates_are_left_out() -> None:
    databases = {"dummy": {"reset": True}, "real": {"reset": False, "hosts": ["*.prod"]}}
    found = changes(CHART, [item(1, "v1.1.0", databases=databases)])
    assert found.files == {
        "apps/shop-dev/values.yaml": f"image:\n  repository: {REPOSITORY}\n  tag: v1.1.0\n"
    }


def test_what_is_no_yaml_is_passed_over_where_something_else_holds_the_image() -> None:
    template = {"apps/shop-dev/web/no.yaml": "kind: Deployment\n{{- if .Values.on }}\n"}
    assert numbers(changes(files() | template, [item(1, "v1.1.0")]))["written"] == [1]
    ((_, (reason,)),) = changes(template, [item(1, "v1.1.0")]).refused
    assert reason.values["path"] == "apps/shop-dev/web/no.yaml"
    named = item(1, "v1.1.0", values=["web/no.yaml:web.tag"])
    ((_, (reason,)),) = changes(files() | template, [named]).refused
    assert reason.values["path"] == "apps/shop-dev/web/no.yaml"


def test_a_manifest_that_says_an_image_twice_is_never_passed_over() -> None:
    twice = MANIFEST.format(image=f"{REPOSITORY}:v1.0.0") + "          image: x\n"
    ((_, (reason,)),) = changes(files() | {"apps/shop-dev/a.yaml": twice}, [item(1, "v1.1.0")]).refused
    assert "image is here twice" in render(reason, Language.EN)


@pytest.mark.parametrize(
    ("texts", "more", "expected"),
    [
        ({}, {}, "Expected manifests at acme/gitops:apps/shop-dev; found none."),
        (
            {"apps/shop-dev/a.yaml": MANIFEST.format(image="nginx:1.29.0")},
            {},
            f"Expected the image {REPOSITORY} at acme/gitops:apps/shop-dev; "
            "found ('docker.io/library/nginx',).",
        ),
        (
            {"apps/shop-dev/a.yaml": None},
            {},
            "apps/shop-dev/a.yaml is no text in UTF-8, so it cannot be written.",
        ),
        (
            files(),
            PLAIN,
            "Expected the file apps/shop-dev/values.yaml; it is not there.",
        ),
    ],
)
def test_d3_a_file_that_cannot_be_written_is_an_error(
    texts: dict[str, str | None], more: dict[str, Any], expected: str
) -> None:
    ((_, reasons),) = changes(texts, [item(1, "v1.1.0", **more)]).refused
    assert [reason.id.format(**reason.values) for reason in reasons] == [expected]


def test_without_a_gitops_repository_nothing_is_written() -> None:
    bare = Item(1, "acme/shop", "dev", Shipment(image=f"{REPOSITORY}:v1.1.0"))
    assert numbers(changes(files(), [bare]))["refused"] == [1]


def test_a_commit_says_what_from_where_and_why() -> None:
    headline, body = message([item(1, "v1.1.0"), item(2, "v1.0.0", "stage", by="mina")])
    assert headline == "Deploy shop 1.1.0 to dev, and 1 more"
    assert body == (
        f"- dev: {REPOSITORY}:v1.1.0@sha256:{1:064x} from acme/shop@cccccccccccc, a new image\n"
        f"- stage: {REPOSITORY}:v1.0.0@sha256:{2:064x} from acme/shop@cccccccccccc, ordered by mina\n"
        "\n"
        "Deployment: acme/shop#1\n"
        "Deployment: acme/shop#2"
    )


def test_d5_a_tag_that_moves_is_pointed_out() -> None:
    shipment = Shipment(image="ghcr.io/acme/shop:latest")
    assert "this tag moves" in message([Item(1, "acme/shop", "dev", shipment)])[1]
    assert "this tag moves" not in message([item(1, "v1.1.0")])[1]


@pytest.mark.parametrize(
    ("database", "host", "refused"),
    [
        ("dummy", "db.prod.internal", True),
        ("dummy", "db.dev.internal", False),
        ("real", "db.dev.internal", True),
        ("real", "db.prod.internal", False),
    ],
)
def test_nothing_is_written_where_a_database_of_the_other_class_is_named(
    database: str, host: str, refused: bool
) -> None:
    databases = {
        "dummy": {"reset": True, "hosts": ["*.dev.internal"]},
        "real": {"reset": False, "hosts": ["*.prod.internal"]},
    }
    texts = files() | {
        "apps/shop-dev/config.yaml": f"kind: ConfigMap\ndata:\n  url: mysql://shop@{host}/shop\n",
        "apps/shop-prod/config.yaml": "kind: ConfigMap\ndata: {a: x.dev.internal, b: x.prod.internal}\n",
    }
    found = changes(texts, [item(1, "v1.1.0", database=database, databases=databases)])
    assert numbers(found)["refused"] == ([1] if refused else [])
    if refused:
        ((_, (reason,)),) = found.refused
        assert (reason.values["path"], reason.values["line"]) == ("apps/shop-dev/config.yaml", 3)
        assert (reason.values["expected"], reason.values["name"]) == (database, host)
        assert found.files == {}


def test_a_manifest_that_cannot_be_read_is_told_with_its_path() -> None:
    databases = {"dummy": {"reset": True}, "real": {"reset": False, "hosts": ["*.prod"]}}
    texts = files() | {"apps/shop-dev/bad.yaml": "{"}
    ((_, (reason,)),) = changes(texts, [item(1, "v1.1.0", databases=databases)]).refused
    assert reason.values["path"] == "apps/shop-dev/bad.yaml"
