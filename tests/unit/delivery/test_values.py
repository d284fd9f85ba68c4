"""Values of a Helm chart that the rulebook names by their paths."""

import pytest

from bot.delivery.image import normalised
from bot.delivery.manifest import ImageAbsent, set_image
from bot.delivery.values import ValueAbsent
from bot.delivery.yaml_text import Unwritable
from bot.errors import TellUser
from bot.rules.models import Language
from bot.rules.shipping import ValuePlace
from bot.text.render import render

SHOP, WORKER = "ghcr.io/acme/shop", "ghcr.io/acme/worker"
DIGEST = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32
VALUES = f"""\
kind: none of those that are looked through
web:
  image: {SHOP}:v1  # in whole
  bare: v1
  build: 1.9
  empty: {{tag: "", digest: , image: ~}}
parts: {{repository: {SHOP}, version: v1}}
both: {{registry: ghcr.io, repository: acme/shop, version: v1, digest: {OTHER}}}
short: {{repository: shop, version: v1}}
called: {{image: {SHOP}, tag: v1}}
pinned: {{version: v1, digest: {OTHER}}}
only: {{sum: {OTHER}}}
chart: {{repository: 'https://charts.example.com', version: v1}}
tags: [v1, {SHOP}:v1]
others: {{image: {WORKER}:v1, set: {{repository: {WORKER}, version: v1}}}}
"""


def place(path: str, image: str | None = None) -> ValuePlace:
    return ValuePlace(image, "values.yaml", path)


def words(refused: pytest.ExceptionInfo[TellUser]) -> str:
    return render(refused.value.messages[0], Language.EN)


# Paths that say themselves of which image they are, and such as need the rulebook's word.
TOLD = [
    ("web.image", "v2", None, f"image: {SHOP}:v1 ", f"image: {SHOP}:v2 "),
    ("web.image", "v2", DIGEST, f"image: {SHOP}:v1 ", f"image: {SHOP}:v2@{DIGEST} "),
    ("web.image", None, DIGEST, f"image: {SHOP}:v1 ", f"image: {SHOP}@{DIGEST} "),
    ("parts.version", "v2", None, f"{SHOP}, version: v1", f"{SHOP}, version: v2"),
    ("both.version", "v2", DIGEST, f"acme/shop, version: v1, digest: {OTHER}",
     f"acme/shop, version: v2, digest: {DIGEST}"),
    ("called.tag", "v2", None, "tag: v1", "tag: v2"),
    ("tags.1", "v2", None, f"{SHOP}:v1]", f"{SHOP}:v2]"),
]  # fmt: skip
NAMED = [
    ("short.version", "v2", None, "repository: shop, version: v1", "repository: shop, version: v2"),
    ("web.bare", "v2", None, "bare: v1", "bare: v2"),
    ("web.build", "1.10", None, "build: 1.9", 'build: "1.10"'),
    ("web.empty.tag", "v2", None, 'tag: ""', 'tag: "v2"'),
    ("web.empty.tag", "v2", DIGEST, 'tag: "", digest: ', f'tag: "v2", digest: {DIGEST}'),
    ("web.empty.digest", "v2", DIGEST, 'tag: "", digest: ', f'tag: "v2", digest: {DIGEST}'),
    ("pinned.version", "v2", DIGEST, f"{{version: v1, digest: {OTHER}", f"{{version: v2, digest: {DIGEST}"),
    ("only.sum", "v2", DIGEST, f"sum: {OTHER}", f"sum: {DIGEST}"),
    ("chart.version", "v2", None, "com', version: v1", "com', version: v2"),
    ("tags.0", "v2", None, "[v1", "[v2"),
]


@pytest.mark.parametrize(
    ("path", "tag", "digest", "before", "after", "image"),
    [(*each, image) for each in TOLD for image in (None, SHOP)] + [(*each, SHOP) for each in NAMED],
)
def test_d4_a_value_is_set_by_its_path(
    path: str, tag: str | None, digest: str | None, before: str, after: str, image: str | None
) -> None:
    assert VALUES.count(before) == 1
    changed = set_image(VALUES, SHOP, tag, digest, [place(path, image)])
    assert changed == VALUES.replace(before, after)
    assert set_image(changed, SHOP, tag, digest, [place(path, image)]) is changed


@pytest.mark.parametrize(
    ("path", "image", "tag", "digest", "said"),
    [
        ("web", None, "v2", None, "line 3: expected a text; found a list or a mapping"),
        ("web.bare", None, "v2", None, "line 4: nothing says of which image web.bare is; write it as "
         "IMAGE=values.yaml:web.bare in the rulebook"),
        ("short.version", None, "v2", None, "nothing says of which image short.version is"),
        ("others.image", SHOP, "v2", None, f"expected the image {SHOP} at others.image; found {WORKER}"),
        ("others.set.version", SHOP, "v2", None, f"found {WORKER}"),
        ("parts.repository", SHOP, "v2", None, "this is the repository; name the path of the tag beside it"),
        ("called.image", SHOP, "v2", None, "this is the repository; name the path of the tag beside it"),
        ("web.empty.image", SHOP, "v2", None, "expected an image, a tag or a digest; found nothing"),
        ("chart.repository", SHOP, "v2", None, "expected an image, a tag or a digest; found https://"),
        # What is asked for has no place there, or something there would go on saying the opposite.
        ("web.bare", SHOP, "v2", DIGEST, "expected a text at digest, beside the rest of the image"),
        ("web.bare", SHOP, None, DIGEST, "bare stands here and would no longer be right"),
        ("pinned.version", SHOP, "v2", None, "digest stands here and would no longer be right"),
        ("only.sum", SHOP, "v2", None, "sum stands here and would no longer be right"),
        ("tags.0", SHOP, "v2", DIGEST, "expected a text at digest"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_or_written_is_refused(
    path: str, image: str | None, tag: str | None, digest: str | None, said: str
) -> None:
    with pytest.raises(Unwritable) as refused:
        set_image(VALUES, SHOP, tag, digest, [place(path, image)])
    assert said in words(refused)


@pytest.mark.parametrize("path", ["others.image", "others.set.version"])
def test_a_path_that_says_it_is_of_another_image_is_left_to_that(path: str) -> None:
    with pytest.raises(ImageAbsent):
        set_image(VALUES, SHOP, "v2", None, [place(path)])
    assert "v2" in set_image(VALUES, WORKER, "v2", None, [place(path)])


@pytest.mark.parametrize("path", ["web.tag", "tags.2", "tags.x", "web.bare.x", "web..bare"])
def test_a_path_that_leads_nowhere_is_an_error(path: str) -> None:
    with pytest.raises(ValueAbsent, match=r"Expected a value at .*; found none"):
        set_image(VALUES, SHOP, "v2", None, [place(path, SHOP)])


def test_what_the_rulebook_names_counts_more_than_what_looks_like_an_image() -> None:
    text = f"web: {{repository: {SHOP}, version: v1, digest: {OTHER}}}\n"
    with pytest.raises(Unwritable):
        set_image(text, SHOP, "v2", DIGEST)
    changed = set_image(text, SHOP, "v2", DIGEST, [place("web.version")])
    assert changed == text.replace("v1", "v2").replace(OTHER, DIGEST)


def test_a_path_is_followed_in_every_document_that_has_it() -> None:
    text = "a: {tag: v1}\n---\nb: 1\n---\na: {tag: v1}\n"
    assert set_image(text, normalised("x"), "v2", None, [place("a.tag", "x")]) == text.replace("v1", "v2")
