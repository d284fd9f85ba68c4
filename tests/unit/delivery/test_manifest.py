import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.image import InvalidReference
from bot.delivery.manifest import ImageAbsent, images, repositories, set_image
from bot.delivery.yaml_text import Unreadable, Unwritable
from bot.errors import TellUser
from bot.rules.models import Language
from bot.text.render import render

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app"
DIGEST = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32

POD = """\
{pad}initContainers:
{pad}- name: migrate
{pad}  image: @@  # the same image, by another name
{pad}containers:
{pad}- {name: sidecar, image: "envoy:v1.30"}
{pad}- &app
{pad}  name: app
{pad}  image: '@@'
{pad}  env: [{name: IMAGE, value: "@OLD@"}]
{pad}- image: &it "@@"
{pad}  name: café-😀
{pad}- {<<: *app, name: merged}
{pad}- {name: aliased, image: *it}
{pad}ephemeralContainers: [{name: debug, image: @@}]
"""


def pod(indent: int) -> str:
    return POD.replace("{pad}", " " * indent)


DEEP = "spec:\n  template:\n    metadata: {annotations: {was: '@OLD@'}}\n    spec:\n" + pod(6)
# Where @@ stands, the image does; where @OLD@ does, something that only looks like it.
WORKLOADS = {
    "Pod": "spec:\n" + pod(2),
    "CronJob": "spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n" + pod(10),
    "Deployment": DEEP,
    "StatefulSet": DEEP,
    "DaemonSet": DEEP,
    "ReplicaSet": DEEP,
    "Job": DEEP,
    "Rollout": DEEP,
}


def manifest(kind: str) -> str:
    version = {"Rollout": "argoproj.io/v1alpha1"}.get(kind, "apps/v1")
    return f"# @OLD@\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: 앱}}\n{WORKLOADS[kind]}"


BESIDE = (
    "apiVersion: v1\nkind: Service\nspec:\n  containers:\n  - image: @OLD@\n",
    "kind: ConfigMap\ndata:\n  pod.yaml: |\n    kind: Pod\n    spec: {containers: [{image: @OLD@}]}\n",
    "# nothing but @OLD@\n",
    "",
)


def item(text: str) -> str:
    return "kind: List\nitems:\n" + "".join(
        f"{'- ' if n == 0 else '  '}{line}" for n, line in enumerate(text.splitlines(keepends=True))
    )


def filled(template: str, image: str, old: str) -> str:
    return template.replace("@@", image).replace("@OLD@", old)


TAGS = st.sampled_from(["main-3f2c1ab", "v1.2.3", "1.10", "latest", "20260131", "a" * 128])
WAYS = st.one_of(
    TAGS.map(lambda tag: (tag, None)),
    st.just((None, DIGEST)),
    TAGS.map(lambda tag: (tag, OTHER)),
)
NAMES = st.sampled_from([ECR, "nginx", "docker.io/nginx", "localhost:5000/x", "ghcr.io/mina/shop"])
DOCUMENTS = st.lists(
    st.one_of(
        st.sampled_from([manifest(kind) for kind in WORKLOADS]),
        st.sampled_from([item(manifest("Deployment")), *BESIDE]),
    ),
    min_size=1,
    max_size=3,
)


def spelt(name: str, way: tuple[str | None, str | None]) -> str:
    tag, digest = way
    return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


@settings(max_examples=50)
@given(DOCUMENTS, NAMES, WAYS, WAYS, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]))
def test_d3_d4_only_the_image_changes_and_twice_is_once(
    parts: list[str],
    name: str,
    before: tuple[str | None, str | None],
    after: tuple[str | None, str | None],
    line_end: str,
    bom: str,
) -> None:
    template = bom + "---\n".join([manifest("Pod"), *parts]).replace("\n", line_end)
    old = spelt(name, before)
    text = filled(template, old, old)
    changed = set_image(text, name, *after)
    assert changed == filled(template, spelt(name, after), old)
    assert set_image(changed, name, *after) is changed
    assert set_image(changed, name, *before) == text
    named = [use.reference for use in images(changed)]
    assert images(text)[0].line == 8
    assert {(each.tag, each.digest) for each in named} == {after, ("v1.30", None)}
    assert len(named) == template.count("@@") + template.count("envoy")


@pytest.mark.parametrize("kind", WORKLOADS)
def test_d4_every_container_of_a_workload_is_written_to(kind: str) -> None:
    old, new = f"{ECR}:v1", f"{ECR}:v2"
    text = filled(manifest(kind), old, old)
    assert set_image(text, ECR, "v2", None) == filled(manifest(kind), new, old)


def test_d4_every_document_of_a_file_is_written_to() -> None:
    old, new = f"{ECR}:v1", f"{ECR}:v2"
    several = "---\n".join([manifest("Deployment"), BESIDE[1], item(manifest("CronJob")), *BESIDE])
    assert set_image(filled(several, old, old), ECR, "v2", None) == filled(several, new, old)


DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
# Every way in which the emitter can write a scalar on one line.
DUMPS = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([None, True, False]),
        "default_style": st.sampled_from([None, "'", '"']),
        "allow_unicode": st.booleans(),
        "line_break": st.sampled_from(["\n", "\r\n"]),
        "explicit_start": st.booleans(),
        "sort_keys": st.booleans(),
        "indent": st.integers(2, 6),
    }
)
IMAGES = st.lists(st.sampled_from(["x:1", "docker.io/x", f"x@{DIGEST}", "y:1", "", "$X:1"]), max_size=4)


@settings(max_examples=50)
@given(st.lists(st.tuples(IMAGES, DATA), min_size=1, max_size=2), st.booleans(), WAYS, DUMPS)
def test_d3_parsed_again_only_the_image_differs(
    pods: list[tuple[list[str], object]],
    is_shared: bool,
    way: tuple[str | None, str | None],
    dump: dict[str, Any],
) -> None:
    documents: list[dict[str, Any]] = []
    for named, data in pods:
        containers: list[dict[str, Any]] = [{"args": data, "image": image} for image in named]
        # What stands twice in the data is written as an anchor and its alias.
        spec = {"containers": containers, **({"initContainers": containers} if is_shared else {})}
        documents.append({"metadata": data, "kind": "Deployment", "spec": {"template": {"spec": spec}}})
    text = yaml.safe_dump_all(documents, **dump)
    # What the emitter writes is not always what it was given: what counts is what is parsed.
    expected = list(yaml.safe_load_all(text))
    containers = [each for one in expected for each in one["spec"]["template"]["spec"]["containers"]]
    ours = [each for each in containers if re.match("(docker.io/)?x", each["image"])]
    if not ours:
        with pytest.raises(ImageAbsent):
            set_image(text, "x", *way)
        return
    for container in ours:
        container["image"] = spelt(re.split("[:@]", container["image"])[0], way)
    changed = set_image(text, "x", *way)
    assert list(yaml.safe_load_all(changed)) == expected
    assert set_image(changed, "x", *way) is changed


ENTRIES = st.fixed_dictionaries(
    {"name": st.sampled_from(["x", "y", "docker.io/library/x"])},
    optional={"newTag": TAGS, "digest": st.sampled_from([DIGEST, OTHER]), "note": st.text(max_size=8)},
)


@settings(max_examples=50)
@given(st.lists(ENTRIES, min_size=1, max_size=3), DATA, WAYS, DUMPS)
def test_d4_a_kustomization_parsed_again_differs_in_its_image_alone(
    entries: list[dict[str, str]], data: object, way: tuple[str | None, str | None], dump: dict[str, Any]
) -> None:
    text = yaml.safe_dump({"kind": "Kustomization", "images": entries, "labels": data}, **dump)
    keys = {key: value for key, value in zip(("newTag", "digest"), way, strict=True) if value}
    ours = [entry for entry in entries if entry["name"] != "y"]
    stale = any(key in entry and key not in keys for entry in ours for key in ("newTag", "digest"))
    if stale or not ours:
        with pytest.raises(Unwritable if stale else ImageAbsent):
            set_image(text, "x", *way)
        return
    changed = set_image(text, "x", *way)
    expected = yaml.safe_load(text)
    for entry in expected["images"]:
        if entry["name"] != "y":
            entry.update(keys)
    assert yaml.safe_load(changed) == expected
    assert set_image(changed, "x", *way) is changed


def words(refused: pytest.ExceptionInfo[TellUser]) -> str:
    return render(refused.value.messages[0], Language.EN)


SHORT = "kind: Pod\nspec:\n  containers:\n  - "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Anchors, tags, comments and breaks before the scalar; the alias follows its anchor.
        ("image: &it x:1\n  - image: *it\n", "image: &it x:2\n  - image: *it\n"),
        ("image: !!str x:1\n", "image: !!str x:2\n"),
        ("image: &a !!str # why\n      'x:1' # b\n", "image: &a !!str # why\n      'x:2' # b\n"),
        ("image:\n      x:1\n", "image:\n      x:2\n"),
        ("? image\n    : x:1\n", "? image\n    : x:2\n"),
        ('"image" : "x:1"\n', '"image" : "x:2"\n'),
        # Escapes are no longer needed; the end of the file is where it was.
        ('image: "\\x78:\\u0031"\n', 'image: "x:2"\n'),
        ('image: "x\\\n      :1"\n', 'image: "x:2"\n'),
        ("image: x:1", "image: x:2"),
        ("image: x\n", "image: x:2\n"),
        ("<<: {image: x:1}\n    name: merged\n", "<<: {image: x:2}\n    name: merged\n"),
        # The same repository in other words keeps its spelling.
        ("image: docker.io/library/x:1\n", "image: docker.io/library/x:2\n"),
        # Neighbours that only look like it, and placeholders.
        (
            "image: x:1\n  - image: y/x:1\n  - image: x-y:1\n",
            "image: x:2\n  - image: y/x:1\n  - image: x-y:1\n",
        ),
        (
            "image: x:1\n  - image: $(X):1\n  - image:\n  - image: [x]\n",
            "image: x:2\n  - image: $(X):1\n  - image:\n  - image: [x]\n",
        ),
    ],
)
def test_d3_a_scalar_is_written_to_in_its_own_way(before: str, after: str) -> None:
    changed = set_image(SHORT + before, "x", "2", None)
    assert changed == SHORT + after
    assert set_image(changed, "x", "2", None) is changed


def test_lists_may_hold_lists_and_themselves() -> None:
    pod = "{kind: Pod, spec: {containers: [{image: x:1}]}}"
    text = f"kind: List\nitems: &all\n- kind: List\n  items: *all\n- {pod}\n"
    assert set_image(text, "x", "2", None) == text.replace("x:1", "x:2")


@pytest.mark.parametrize("block", ["|\n      x:1\n", ">\n      x:1\n"])
def test_a_block_is_refused(block: str) -> None:
    with pytest.raises(Unwritable) as refused:
        set_image(f"{SHORT}image: {block}", "x", "2", None)
    assert refused.value.line == 4
    assert words(refused) == f"line 4: expected x:2 on one line; found a block ({block[0]})"


def test_d3_an_image_that_is_absent_is_an_error_that_names_those_that_are_there() -> None:
    text = f"{SHORT}image: y:1\n  - image: {ECR}:2\n  - image: y:3\n"
    with pytest.raises(ImageAbsent) as refused:
        set_image(text, "x", "1", None)
    assert words(refused) == (
        f"Expected the image docker.io/library/x in the file; found {ECR}, docker.io/library/y. "
        "Write it there once, or name another file."
    )
    for nothing in ("", "a: 1\n", "kind: Pod\n", "kind: Kustomization\nimages: x\n", "- x\n"):
        with pytest.raises(ImageAbsent, match="found no image"):
            set_image(nothing, "x", "1", None)


def test_what_is_no_yaml_is_refused_with_its_place() -> None:
    for call in (lambda: images("a: [\n"), lambda: set_image("a: [\n", "x", "1", None)):
        with pytest.raises(Unreadable) as refused:
            call()
        assert (refused.value.line, refused.value.column) == (2, 1)


@pytest.mark.parametrize(
    ("image", "tag", "digest"),
    [
        ("x", None, None),
        ("x:1", "2", None),
        ("x:1", None, DIGEST),
        ("x", "a b", None),
        ("x", "1\n", None),
        ("X", "1", None),
    ],
)
def test_what_is_to_be_set_must_be_an_image(image: str, tag: str | None, digest: str | None) -> None:
    with pytest.raises(InvalidReference):
        set_image(f"{SHORT}image: x:1\n", image, tag, digest)


def test_images_say_where_they_stand() -> None:
    text = f"kind: Pod\nspec:\n  containers:\n  - image: b:1\n  initContainers:\n  - image: a@{DIGEST}\n"
    found = [(str(use.reference), use.line) for use in images(text)]
    assert found == [("docker.io/library/b:1", 4), (f"docker.io/library/a@{DIGEST}", 6)]


HEAD = "kind: Kustomization\nimages:\n"


@pytest.mark.parametrize(
    ("before", "tag", "digest", "after"),
    [
        ("- name: x\n  newTag: v1 # why\n", "v2", None, "- name: x\n  newTag: v2 # why\n"),
        ("- name: x\n  newTag: v1\n", "1.10", None, '- name: x\n  newTag: "1.10"\n'),
        ("- name: x\n  newTag: '1.9'\n", "1.10", None, "- name: x\n  newTag: '1.10'\n"),
        (
            "- newTag: v1\n  newName: x\n  name: base\n",
            "v2",
            None,
            "- newTag: v2\n  newName: x\n  name: base\n",
        ),
        (
            "- name: x\n  newName: mirror/x\n  newTag: v1\n",
            "v2",
            None,
            "- name: x\n  newName: mirror/x\n  newTag: v2\n",
        ),
        (f"- name: x\n  digest: {OTHER}\n", None, DIGEST, f"- name: x\n  digest: {DIGEST}\n"),
        (
            f"- name: x\n  newTag: v1\n  digest: {OTHER}\n",
            "v2",
            DIGEST,
            f"- name: x\n  newTag: v2\n  digest: {DIGEST}\n",
        ),
        # A key that is not there yet is added after the last.
        (
            "- name: x\n  newTag: v1 # why\n# end\n",
            "v1",
            DIGEST,
            f"- name: x\n  newTag: v1 # why\n  digest: {DIGEST}\n# end\n",
        ),
        ("- name: x", "v1", DIGEST, f"- name: x\n  newTag: v1\n  digest: {DIGEST}"),
        ("- name: x\n  note: # none\n", "v1", None, "- name: x\n  note: # none\n  newTag: v1\n"),
        ("- {name: x, note: }\n", "v1", None, "- {name: x, note: , newTag: v1}\n"),
        ("- name: x\x85- name: y\n", "v1", None, "- name: x\x85  newTag: v1\x85- name: y\n"),
        ("-   name: x\n\n- name: y\n", "v1", None, "-   name: x\n    newTag: v1\n\n- name: y\n"),
        ("- {name: x}\n", "v1", DIGEST, f"- {{name: x, newTag: v1, digest: {DIGEST}}}\n"),
        (
            "- newTag: &t v1\n  name: x\n- {name: x, newTag: *t}\n",
            "v2",
            None,
            "- newTag: &t v2\n  name: x\n- {name: x, newTag: *t}\n",
        ),
        # A key that waits for its value gets it, and an empty one is nothing that could be wrong.
        ("- name: x\n  newTag:\n", "v1", None, "- name: x\n  newTag: v1\n"),
        (
            "- name: x\n  newTag: &t # why\n  digest: ''\n",
            "v1",
            None,
            "- name: x\n  newTag: &t v1 # why\n  digest: ''\n",
        ),
        ("- {name: x, newTag: ~, digest: }\n", "v1", None, "- {name: x, newTag: v1, digest: }\n"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_d4_a_kustomization_is_written_to(
    before: str, tag: str | None, digest: str | None, after: str, line_end: str
) -> None:
    text, expected = ((HEAD + each).replace("\n", line_end) for each in (before, after))
    changed = set_image(text, "x", tag, digest)
    assert changed == expected
    assert set_image(changed, "x", tag, digest) is changed
    assert any((use.reference.tag, use.reference.digest) == (tag, digest) for use in images(changed))


@pytest.mark.parametrize(
    ("entry", "tag", "digest", "said"),
    [
        # kustomize lets a digest win over a tag, so a new tag alone would change nothing.
        (
            f"- name: x\n  digest: {OTHER}\n",
            "v2",
            None,
            "line 4: digest stands here and would no longer be right",
        ),
        (
            "- name: x\n  newTag: v1\n",
            None,
            DIGEST,
            "line 4: newTag stands here and would no longer be right",
        ),
        ("- name: x\n  newTag: [v1]\n", None, DIGEST, "newTag stands here"),
        ("- name: x\n  newTag: [v1]\n", "v2", None, "line 4: expected a text at newTag"),
        ("- name: x\n  newTag: |\n    v1\n", "v2", None, "found a block"),
        ("- {name: x, newTag}\n", "v2", None, "line 3: expected a value to replace; found a key without one"),
        (
            "- name:\n    x\n",
            "v2",
            None,
            "line 3: expected a key with its value on one line, to write newTag after it",
        ),
        ("- <<: {name: x}\n", "v2", None, "expected a key with its value on one line"),
    ],
)
def test_what_would_need_more_than_a_few_characters_is_refused(
    entry: str, tag: str | None, digest: str | None, said: str
) -> None:
    with pytest.raises(Unwritable) as refused:
        set_image(HEAD + entry, "x", tag, digest)
    assert said in words(refused)


def test_an_alias_is_not_where_a_key_is_added() -> None:
    text = "kind: Component\nn: &n x\nimages:\n- name: *n\n"
    with pytest.raises(Unwritable) as refused:
        set_image(text, "x", "v1", None)
    assert words(refused).startswith("line 4: expected a key with its value on one line")


def test_d4_a_kustomization_may_leave_out_its_kind() -> None:
    text = "resources: [deployment.yaml]\nimages:\n- name: x\n  newTag: v1\n- name: y\n- x\n"
    assert set_image(text, "x", "v2", None) == text.replace("v1", "v2")
    assert [str(use.reference) for use in images(text)] == ["docker.io/library/x:v1"]


VALUES = f"""\
# image: x
web:
  image: &web
    repository: x
    tag: "1.9"  # the newest
    digest: ""
jobs:
- {{name: nightly, image: {{registry: ghcr.io, repository: mina/x, tag: v1, pullPolicy: Always}}}}
- image: *web
worker: {{repository: y, digest: {OTHER}}}
chart: {{repository: 'https://charts.example.com'}}
git: {{repository: x}}
"""


def test_d4_values_of_a_helm_chart_are_written_to() -> None:
    assert set_image(VALUES, "x", "1.10", None) == VALUES.replace('"1.9"', '"1.10"')
    assert set_image(VALUES, "x", "1.10", DIGEST) == VALUES.replace('"1.9"', '"1.10"').replace(
        '""', f'"{DIGEST}"'
    )
    assert set_image(VALUES, "ghcr.io/mina/x", "2", None) == VALUES.replace("tag: v1", 'tag: "2"')
    assert set_image(VALUES, "y", None, DIGEST) == VALUES.replace(OTHER, DIGEST)
    assert [(str(use.reference), use.line) for use in images(VALUES)] == [
        ("docker.io/library/x:1.9", 3),
        ("ghcr.io/mina/x:v1", 8),
        (f"docker.io/library/y@{OTHER}", 10),
    ]


def test_no_key_is_added_that_a_chart_would_not_read() -> None:
    with pytest.raises(Unwritable) as refused:
        set_image(VALUES, "ghcr.io/mina/x", "v2", DIGEST)
    assert (
        words(refused)
        == "line 8: expected a text at digest, beside the rest of the image; found none: write one there once"
    )


def test_a_file_is_searched_for_every_name_that_an_image_answers_to() -> None:
    text = "kind: Kustomization\nimages: [{name: base, newName: ghcr.io/acme/shop, newTag: v1}]\n"
    assert repositories(text) == {"docker.io/library/base", "ghcr.io/acme/shop"}
    with pytest.raises(Unreadable):
        repositories("{")
