import pytest
from support.registry import digest, version

from bot.delivery.built import Branch, built_from, tag_name

OWN, SQUASHED = "3f2c1ab" + "0" * 33, "77aa0bb" + "0" * 33
DIGITS = "7654321" + "a" * 33
BRANCH = Branch("feat/login", {OWN, DIGITS}, {"main", "develop", "feat/login-page", "Feat/Basket"})


@pytest.mark.parametrize(
    ("tag", "own"),
    [
        ("sha-3f2c1ab", True),
        (OWN, True),
        ("v1.2.3-5-g3f2c1ab", True),
        ("feat-login", True),
        ("Feat-Login", True),
        ("feat-login-3f2c1ab0000", True),
        # Commits that a force push took away are nobody else's.
        ("feat-login-77aa0bb", True),
        ("feat-login.g77aa0bb", True),
        ("sha-77aa0bb", False),
        # Another branch may be called so.
        ("feat-login-page", False),
        ("feat-login-2", False),
        ("feat-login-20260101", False),
        # What stands on the same commit has its own images.
        ("main-3f2c1ab", False),
        ("develop", False),
        ("feat-login-page-3f2c1ab", False),
        ("feat-basket-3f2c1ab", False),
        ("v1.2.3", False),
        ("latest", False),
        # Digits alone are a commit where the branch has one that begins so.
        ("sha-7654321", True),
        ("7654321", True),
        ("main-7654321", False),
        ("1234567", False),
    ],
)
def test_a_tag_is_the_branchs_by_its_commit_or_by_its_name(tag: str, own: bool) -> None:
    found = built_from([version(1, tag, "other")], BRANCH)
    assert found == ({digest(1): (tag,)} if own else {})


def test_a_branch_that_went_on_keeps_its_name() -> None:
    stands = Branch("feat/login", {OWN}, {"feat/login"})
    assert built_from([version(1, "feat-login"), version(2, "sha-3f2c1ab")], stands) == {
        digest(2): ("sha-3f2c1ab",)
    }


def test_what_has_no_tag_goes_by_the_commit_that_it_names() -> None:
    versions = [
        version(1, revision=OWN),
        version(2, revision=SQUASHED),
        version(3, "main", revision=OWN),
        version(4, "v1.0.0", children={5}),
        version(5, revision=OWN),
        version(6, revision=OWN, subject=digest(4)),
    ]
    assert built_from(versions, BRANCH) == {digest(1): ()}


def test_names_are_spelt_as_tags_are() -> None:
    assert tag_name("feat/로그인 #7") == "feat------7"
