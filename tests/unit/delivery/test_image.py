import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.image import (
    Image,
    InvalidReference,
    Reference,
    before_commit,
    commit_of,
    digits_of,
    moves,
    normalised,
    parse,
    spelled,
    split,
    version_of,
)

DIGEST = "sha256:" + "ab" * 32
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app"


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        ("nginx", "docker.io/library/nginx", None, None),
        ("nginx:1.27", "docker.io/library/nginx", "1.27", None),
        ("docker.io/nginx:1", "docker.io/library/nginx", "1", None),
        ("index.docker.io/library/nginx", "docker.io/library/nginx", None, None),
        ("team/app:x", "docker.io/team/app", "x", None),
        ("localhost/app", "localhost/app", None, None),
        ("localhost:5000/x:1", "localhost:5000/x", "1", None),
        ("registry:5000/x", "registry:5000/x", None, None),
        ("localhost:5000", "docker.io/library/localhost", "5000", None),
        ("[::1]:5000/x:1", "[::1]:5000/x", "1", None),
        ("ghcr.io/team/app", "ghcr.io/team/app", None, None),
        ("Machine/app", "Machine/app", None, None),
        (f"{ECR}:main-3f2c1ab", ECR, "main-3f2c1ab", None),
        (f"{ECR}@{DIGEST}", ECR, None, DIGEST),
        (f"{ECR}:v1.2.3@{DIGEST}", ECR, "v1.2.3", DIGEST),
    ],
)
def test_a_reference_is_read(text: str, repository: str, tag: str | None, digest: str | None) -> None:
    assert parse(text) == Reference(repository, tag, digest)
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "nginx:",
            "nginx@",
            "nginx:a b",
            "nginx:1\n",
            ":1",
            "Nginx",
            "team/App:1",
            "a//b",
            "-a",
            "a-",
        ),
        *(
            "nginx@sha256:abc",
            "nginx:-x",
            "nginx:" + "x" * 129,
            "${IMAGE}",
            "{{ .Values.image }}",
            "앱:1",
            "nginx:é",
        ),
        "a" * 601,
    ],
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(InvalidReference) as refused:
        parse(text)
    assert "Expected an image" in str(refused.value)


NAMES = st.from_regex(r"[a-z0-9]{1,9}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,9}){0,2}", fullmatch=True)
HOSTS = st.sampled_from(["", "localhost/", "localhost:5000/", "ghcr.io/", "10.0.0.1:80/", "docker.io/"])
TAGS = st.none() | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True)


@given(HOSTS, st.lists(NAMES, min_size=1, max_size=3), TAGS, st.sampled_from([None, DIGEST]))
def test_what_is_put_together_comes_apart(
    host: str, parts: list[str], tag: str | None, digest: str | None
) -> None:
    name = host + "/".join(parts)
    assert split(spelled(name, tag, digest)) == (name, tag, digest)
    assert normalised(normalised(name)) == normalised(name)


def test_an_image_is_named_by_its_reference() -> None:
    assert Image(ECR, "x", DIGEST).reference == Reference(ECR, "x", DIGEST)


@pytest.mark.parametrize(
    ("tag", "commit"),
    [
        ("main-3f2c1ab", "3f2c1ab"),
        ("sha-3f2c1ab", "3f2c1ab"),
        ("3f2c1ab", "3f2c1ab"),
        ("feature_login_3f2c1ab9", "3f2c1ab9"),
        ("v1.2.3-5-g3f2c1ab", "3f2c1ab"),
        ("main-" + "0" * 40, "0" * 40),
        ("main-" + "a" * 40, "a" * 40),
        ("main-" + "a" * 41, None),
        ("main-3f2c1a", None),
        ("main-20260131", None),
        ("1234567", None),
        ("main-3F2C1AB", None),
        ("main3f2c1ab", None),
        ("v1.2.3", None),
        ("", None),
        (None, None),
    ],
)
def test_a_tag_may_end_in_a_commit(tag: str | None, commit: str | None) -> None:
    assert commit_of(tag) == commit


@pytest.mark.parametrize(
    ("tag", "before"),
    [
        ("feat-login-3f2c1ab", "feat-login"),
        ("v1.2.3-5-g3f2c1ab", "v1.2.3-5"),
        ("3f2c1ab", None),
        ("main", None),
        (None, None),
    ],
)
def test_a_tag_may_say_something_before_its_commit(tag: str | None, before: str | None) -> None:
    assert before_commit(tag) == before


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("1.2.3", "1.2.3"),
        ("v1.2.3-rc.1", "1.2.3-rc.1"),
        ("1.2.3-20260131", "1.2.3-20260131"),
        ("vv1.2.3", None),
        ("1.2", None),
        ("01.2.3", None),
        ("latest", None),
        ("1.2.3-3f2c1ab", None),
        ("v1.2.3-5-g3f2c1ab", None),
        (None, None),
    ],
)
def test_a_tag_may_be_a_version(tag: str | None, version: str | None) -> None:
    found = version_of(tag)
    assert (str(found) if found else None) == version


@pytest.mark.parametrize(
    "tag", [None, "latest", "main", "1", "v1.2", "stable", "feature-login", "prod", "main-123"]
)
def test_mutable_tags_are_told_from_others_d5(tag: str | None) -> None:
    assert moves(tag)


@pytest.mark.parametrize(
    "tag", ["v1.2.3", "1.2.3-rc.1", "main-3f2c1ab", "20260131", "main-20260131.104500", "build-123456"]
)
def test_tags_that_stay_are_told_from_mutable_ones_d5(tag: str) -> None:
    assert not moves(tag)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("develop-1234567", "1234567"), ("main-3f2c1ab", "3f2c1ab"), ("v1.2.0", None), (None, None)],
)
def test_digits_alone_may_be_a_commit_if_somebody_knows_it(tag: str | None, expected: str | None) -> None:
    assert digits_of(tag) == expected
