"""Values that an alias or a merge puts in several places."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.manifest import ImageAbsent, set_image
from bot.delivery.yaml_text import Unwritable
from bot.errors import TellUser
from bot.rules.models import Language
from bot.rules.shipping import ValuePlace
from bot.text.render import render

X = "docker.io/library/x"
BASE = ValuePlace(X, "values.yaml", "base.tag")


def words(refused: pytest.ExceptionInfo[TellUser]) -> str:
    return render(refused.value.messages[0], Language.EN)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # All that is shared is the same image.
        ("a: &a {repository: x, tag: v1}\nb: *a\nc: {<<: *a}\n", ()),
        ("a: {repository: x, tag: &t v1}\nb: {repository: x, tag: *t}\n", ()),
        ("base: {tag: &t v1}\nb: {repository: x, tag: *t}\n", [BASE]),
        ("kind: List\nitems:\n- &p {kind: Pod, spec: {containers: [{image: 'x:v1'}]}}\n- *p\n", ()),
        ("kind: Pod\nspec:\n  initContainers: [&c {image: 'x:v1'}]\n  containers: [{<<: *c, name: a}]\n", ()),
        # What is merged is overridden wherever it would matter.
        ("a: &a {repository: x, tag: v1}\nb: {<<: *a, repository: y, tag: v9}\n", ()),
        ("a: {<<: [{repository: x}, {tag: v1}]}\n", ()),
        # What is shared is not what is written.
        ("a: &a {repository: x, tag: v1, pull: &p Always}\nb: {<<: *a, c: *p}\n", ()),
    ],
)
def test_d3_what_is_shared_by_one_image_alone_is_written(text: str, values: tuple[ValuePlace, ...]) -> None:
    assert set_image(text, "x", "v2", None, values) == text.replace("v1", "v2")


@pytest.mark.parametrize(
    ("text", "place", "other"),
    [
        ("schema: &v v1\nimage: {repository: x, tag: *v}\n", "image.tag", "schema"),
        ("image: {repository: x, tag: &v v1}\nmigrator: {image: y, tag: *v}\n", "image.tag", "migrator.tag"),
        ("a: {repository: x, tag: &v v1}\nb: [0, *v]\n", "a.tag", "b.1"),
        ("a: {repository: x, tag: &v v1}\n*v : b\n", "a.tag", "v1"),
        ("a: &a {repository: x, tag: v1}\nb: {<<: *a, repository: y}\n", "a.tag", "b.tag"),
        ("a: &a {tag: v1}\nb: {<<: [{c: 1}, *a], repository: x}\n", "b.tag", "a.tag"),
        (
            "kind: Deployment\nmetadata: {labels: {v: &v 'x:v1'}}\n"
            "spec: {template: {spec: {containers: [{image: *v}]}}}\n",
            "spec.template.spec.containers.0.image",
            "metadata.labels.v",
        ),
        (
            "x: &c {image: 'x:v1'}\nkind: Pod\nspec: {containers: [*c]}\n",
            "spec.containers.0.image",
            "x.image",
        ),
        (
            "kind: Kustomization\nimages:\n- {name: x, newTag: &t v1}\n- {name: y, newTag: *t}\n",
            "images.0.newTag",
            "images.1.newTag",
        ),
        # A key that is added would be added wherever its mapping stands.
        ("kind: Kustomization\nimages:\n- &e {name: x}\nlabels: [*e]\n", "images.0", "labels.0"),
        ("kind: Kustomization\nimages:\n- &e {name: x}\n- {<<: *e, newTag: v1}\n", "images.0", "images.1"),
    ],
)
def test_d3_what_is_shared_with_anything_else_is_refused(text: str, place: str, other: str) -> None:
    with pytest.raises(Unwritable) as refused:
        set_image(text, "x", "v2", None)
    shared = f"one value stands at {place} and, by an alias or a merge, at {other}, which must not change"
    assert shared in words(refused)


def test_d3_a_value_that_is_named_by_its_path_is_no_exception() -> None:
    text = "base: &b {image: {tag: v1}}\nweb: {<<: *b}\napi: {<<: *b}\n"
    web, api, base = (ValuePlace("x", "v.yaml", f"{each}.image.tag") for each in ("web", "api", "base"))
    with pytest.raises(Unwritable) as refused:
        set_image(text, "x", "v2", None, [web])
    assert "at web.image.tag" in words(refused)
    assert set_image(text, "x", "v2", None, [web, api, base]) == text.replace("v1", "v2")


def test_aliases_of_aliases_are_not_followed_without_end() -> None:
    lines = ["a0: &a0 {repository: x, tag: v1}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(Unwritable) as refused:
        set_image("\n".join(lines), "x", "v2", None)
    assert words(refused).startswith("line 1: more aliases lead here than can be followed")


# Parts of a file of values; each tag is spelt in its own way, so that it can be found in the text again.
PARTS = st.lists(
    st.sampled_from([
        "part@: &m@ {repository: x, tag: &t@ v@}",
        "part@: &m@ {repository: y, tag: &t@ v@}",
        "part@: &m@ {tag: &t@ v@}",
        "part@: {repository: x, tag: *t#}",
        "part@: {tag: *t#}",
        "part@: [*t#, *m#]",
        "part@: {<<: *m#}",
        "part@: {<<: *m#, repository: x}",
        "part@: {<<: *m#, repository: y}",
        "part@: {repository: x, <<: [{repository: y}, *m#], tag: v@}",
        "part@: {in: {<<: *m#}}",
    ]),
    min_size=1,
    max_size=5,
)  # fmt: skip


def composed(parts: list[str], data: st.DataObject) -> str:
    """A file of these parts; each refers to one before it that has an anchor."""
    lines, anchors = ["part0: &m0 {repository: x, tag: &t0 v0}"], ["0"]
    for number, part in enumerate(parts, start=1):
        line = part.replace("@", str(number))
        if "#" in line:
            line = line.replace("#", data.draw(st.sampled_from(anchors)))
        elif "&" in line:
            anchors.append(str(number))
        lines.append(line)
    return "\n".join(lines) + "\n"


def expected(value: Any, paths: set[str], path: str = "") -> Any:
    """The same data, of which only the image has another tag."""
    if isinstance(value, list):
        return [expected(each, paths, f"{path}{index}.") for index, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    after = {key: expected(each, paths, f"{path}{key}.") for key, each in value.items()}
    is_ours = "tag" in value and (value.get("repository") == "x" or f"{path}tag" in paths)
    return {**after, "tag": "new"} if is_ours else after


def tags(before: Any, after: Any) -> set[str]:
    """The tags that differ."""
    if isinstance(before, dict):
        pairs = [(before[key], after[key]) for key in before]
    elif isinstance(before, list):
        pairs = list(zip(before, after, strict=True))
    else:
        return {before} if before != after else set()
    return set().union(*(tags(*pair) for pair in pairs))


@settings(max_examples=150)
@given(PARTS, st.data())
def test_d3_parsed_again_only_the_image_differs_or_it_is_refused(
    parts: list[str], data: st.DataObject
) -> None:
    text = composed(parts, data)
    before = yaml.safe_load(text)
    bare = [key for key, each in before.items() if isinstance(each, dict) and {*each} == {"tag"}]
    named = data.draw(st.sets(st.sampled_from(bare))) if bare else set()
    values = [ValuePlace("x", "values.yaml", f"{key}.tag") for key in sorted(named)]
    wanted = expected(before, {value.path for value in values})
    # Written without a thought for aliases, the text says the same only where nothing else shares a tag.
    naive = text
    for tag in tags(before, wanted):
        naive = naive.replace(f" {tag}}}", " new}")
    if yaml.safe_load(naive) != wanted:
        with pytest.raises(Unwritable, match="by an alias or a merge"):
            set_image(text, "x", "new", None, values)
        return
    changed = set_image(text, "x", "new", None, values)
    assert changed == naive
    assert set_image(changed, "x", "new", None, values) is changed


def test_d3_without_the_image_there_is_nothing_to_share() -> None:
    with pytest.raises(ImageAbsent):
        set_image("a: &a v1\nb: *a\n", "x", "v2", None)
