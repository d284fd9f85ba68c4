"""Audits of real histories, as git has them."""

from datetime import UTC, datetime, timedelta

import pytest
from unit.rules.git_repository import START, Repository

from bot.cli.past import local
from bot.releases.audit import Fault, Found, audit
from bot.releases.past import Past

FLOW = "preset: git-flow\n"


def past(repository: Repository, book: str = FLOW) -> Past:
    path = repository.root / ".git" / "rulebook.yml"
    path.write_text(book)
    return local(repository.root, path).past


def found(repository: Repository, fault: Fault, book: str = FLOW) -> list[Found]:
    return [each for each in audit(past(repository, book)).found if each.fault is fault]


def subjects(repository: Repository, fault: Fault, book: str = FLOW) -> list[str]:
    return [each.subject for each in found(repository, fault, book)]


def tag(repository: Repository, name: str, at: str = "HEAD") -> None:
    repository.git("tag", "--annotate", "-m", name, name, at)


def release(repository: Repository, version: str, *commits: str, back: bool = True) -> str:
    """Gather commits on develop, release them by a merge with a tag, and merge the tag back."""
    for headline in commits:
        repository.commit(headline, "develop")
    branch = f"release-v{version}"
    repository.branch(branch, "develop")
    repository.commit(f"prepare {version}")
    merge = repository.merge(branch, "main")
    tag(repository, f"v{version}")
    if back:
        repository.merge(f"v{version}", "develop")
    repository.git("branch", "--delete", "--force", branch)
    return merge


def test_a_history_by_the_book_has_no_fault(repository: Repository) -> None:
    release(repository, "1.0.0", "feat: a")
    release(repository, "1.1.0", "feat: b")
    repository.branch("hotfix/price", "main")
    repository.commit("fix: c")
    repository.merge("hotfix/price", "main")
    tag(repository, "v1.1.1")
    repository.merge("v1.1.1", "develop")
    done = audit(past(repository))
    assert done.found == ()
    assert (done.merges, done.branches, done.versions) == (6, 3, 3)
    assert done.commits == 6 + 1 + 2 + 2 + 1


# Branches.


@pytest.mark.parametrize(
    "headline",
    [
        "Merge pull request #12 from acme/feature/cart",
        "Merge branch 'feature/cart'",
        "Merge branch 'feature/cart' into develop",
        "Merge branch 'feature/cart' into 'develop'",
        "Merge branch 'feature/cart' of github.com:acme/shop into develop",
        "Merge remote-tracking branch 'origin/feature/cart'",
        "Merged in feature/cart (pull request #12)",
        "Merge feature/cart into develop",
        "Pull request #12: A cart\n\nMerge in SHOP/web from feature/cart to develop\n\n* commit 'x'",
    ],
)
def test_merges_tell_the_names_of_branches_in_many_ways(repository: Repository, headline: str) -> None:
    repository.branch("topic", "develop")
    repository.commit("a cart")
    repository.switch("develop")
    repository.git("merge", "--quiet", "--no-ff", "-m", headline, "topic")
    repository.git("branch", "--delete", "topic")
    assert subjects(repository, Fault.MISNAMED) == ["feature/cart"]


@pytest.mark.parametrize(
    "headline",
    [
        "Merge tag 'v1.0.0' into develop",
        "Merge branch 'main' into develop",
        "Merge branch 'feat/cart' into develop",
        "Merge pull request #12 from acme/dependabot/pip/x-1.0",
        "Merged PR 12: A cart",
        "A cart",
    ],
)
def test_merges_that_name_no_branch_or_a_right_one_are_no_fault(
    repository: Repository, headline: str
) -> None:
    repository.branch("topic", "develop")
    repository.commit("a cart")
    repository.switch("develop")
    repository.git("merge", "--quiet", "--no-ff", "-m", headline, "topic")
    repository.git("branch", "--delete", "topic")
    assert subjects(repository, Fault.MISNAMED) == []


def test_a_forks_names_matter_as_much_as_the_rulebook_says(repository: Repository) -> None:
    for number, source in enumerate(["acme/feat/a", "acme/feat/b", "mina/patch-1"]):
        repository.branch("topic", "develop")
        repository.commit(f"change {number}")
        repository.switch("develop")
        headline = f"Merge pull request #{number} from {source}"
        repository.git("merge", "--quiet", "--no-ff", "-m", headline, "topic")
        repository.git("branch", "--delete", "topic")
    assert subjects(repository, Fault.MISNAMED) == []
    assert subjects(repository, Fault.MISNAMED, FLOW + "forks: {naming: advised}") == ["patch-1"]


def test_branches_that_are_there_are_told_once(repository: Repository) -> None:
    repository.branch("feature/cart", "develop")
    tip = repository.commit("a cart")
    repository.merge("feature/cart", "develop")
    (one,) = found(repository, Fault.MISNAMED)
    assert (one.subject, one.commit) == ("feature/cart", tip)
    assert subjects(repository, Fault.MISNAMED, FLOW + "rules: {naming: off}") == []


# Tags.


def test_v2_lightweight_tags_of_versions_are_told(repository: Repository) -> None:
    tag(repository, "v1.0.0")
    repository.commit("more", "main")
    repository.git("tag", "v1.0.1")
    repository.git("tag", "nightly")
    assert subjects(repository, Fault.LIGHTWEIGHT) == ["v1.0.1"]


def test_a_tag_of_a_tag_is_peeled_and_one_of_a_file_is_on_no_commit(repository: Repository) -> None:
    tag(repository, "v1.0.0")
    repository.git("tag", "--annotate", "-m", "again", "release-1.0.0", "v1.0.0")
    repository.git("tag", "v2.0.0", "HEAD:first")
    done = past(repository)
    assert [(each.name, each.target) for each in done.tags] == [
        ("release-1.0.0", repository.git("rev-parse", "main")),
        ("v1.0.0", repository.git("rev-parse", "main")),
        ("v2.0.0", ""),
    ]


def test_v1_a_tag_that_main_does_not_have_is_told_with_who_has_it(repository: Repository) -> None:
    repository.commit("ahead", "develop")
    tag(repository, "v1.0.0")
    repository.git("switch", "--quiet", "--detach", "main")
    repository.commit("lost")
    tag(repository, "v1.0.1")
    first, second = found(repository, Fault.OFF_MAIN)
    assert first.message.values["where"] == ("develop",)
    assert (second.subject, "where" in second.message.values) == ("v1.0.1", True)


def test_pre_releases_are_tagged_where_they_are_tried_out(repository: Repository) -> None:
    repository.branch("release-v1.0.0", "develop")
    repository.commit("try")
    tag(repository, "v1.0.0-rc.1")
    assert found(repository, Fault.OFF_MAIN) == []


def test_on_a_trunk_a_release_may_have_the_tag(repository: Repository) -> None:
    repository.branch("release/1.0.0", "main")
    repository.commit("fix")
    tag(repository, "v1.0.0")
    repository.branch("fix/x", "main")
    repository.commit("other")
    tag(repository, "v1.0.1")
    assert subjects(repository, Fault.OFF_MAIN, "preset: trunk") == ["v1.0.1"]
    assert subjects(repository, Fault.NOT_BACK, "preset: trunk") == []


def test_tags_that_are_no_versions_are_said_to_be_unread(repository: Repository) -> None:
    for name in ("1.2", "release-1.2.3", "package@1.2.3", "v1.2.3-rc.1", "1.2.3"):
        tag(repository, name)
    repository.git("tag", "v1.3.0", "HEAD^{tree}")
    tag(repository, "v1.4.0", "HEAD^{tree}")
    done = audit(past(repository))
    assert done.unread == ("1.2", "package@1.2.3", "release-1.2.3", "v1.3.0", "v1.4.0")
    assert done.versions == 2


# Versions.


def versions(repository: Repository, *names: str) -> None:
    for name in names:
        repository.commit(f"towards {name}", "main")
        tag(repository, name)


@pytest.mark.parametrize(
    ("names", "order", "missing"),
    [
        (("v0.1.0", "v0.1.1", "v0.2.0", "v1.0.0-rc.1", "v1.0.0-rc.2", "v1.0.0", "v1.0.1"), [], []),
        (("v1.0.0", "v1.2.0"), [], ["v1.2.0"]),
        (("v1.0.0", "v1.0.2", "v1.0.3"), [], ["v1.0.2"]),
        (("v1.0.0", "v1.2.0", "v1.1.0"), ["v1.1.0"], []),
        (("v1.0.0", "v1.1.0-rc.2", "v1.1.0-rc.1"), ["v1.1.0-rc.1"], []),
        (("v1.0.0", "1.0.0"), ["1.0.0"], []),
    ],
)
def test_versions_follow_one_another(
    repository: Repository, names: tuple[str, ...], order: list[str], missing: list[str]
) -> None:
    versions(repository, *names)
    assert subjects(repository, Fault.ORDER) == order
    assert subjects(repository, Fault.MISSING) == missing


def test_two_tags_of_one_commit_are_no_fault(repository: Repository) -> None:
    for name in ("v1.0.0-rc.1", "v1.0.0", "1.0.0"):
        tag(repository, name)
    assert subjects(repository, Fault.ORDER) == subjects(repository, Fault.MISSING) == []


def test_v7_an_old_line_goes_on_beside_a_newer_one(repository: Repository) -> None:
    versions(repository, "v1.0.0", "v1.1.0", "v2.0.0")
    repository.git("switch", "--quiet", "--detach", "v1.1.0")
    for name in ("v1.1.1", "v1.2.0"):
        repository.commit(name)
        tag(repository, name)
    assert subjects(repository, Fault.ORDER) == subjects(repository, Fault.MISSING) == []


@pytest.mark.parametrize(
    ("version", "headline", "told"),
    [("1.0.1", "fix: b", 0), ("1.0.1", "feat: b", 1), ("1.1.0", "feat!: b", 1), ("2.0.0", "feat!: b", 0)],
)
def test_v14_a_version_that_brings_more_than_it_says(
    repository: Repository, version: str, headline: str, told: int
) -> None:
    release(repository, "1.0.0", "feat!: a")
    release(repository, version, headline)
    faults = found(repository, Fault.CONTENT)
    assert [len(each.items) for each in faults] == [1] * told
    assert found(repository, Fault.CONTENT, FLOW + "versions: {content: off}") == []


def test_commits_count_for_the_first_version_that_has_them(repository: Repository) -> None:
    release(repository, "1.0.0")
    release(repository, "1.1.0-rc.1", "feat: a")
    release(repository, "1.1.0", "fix: b")
    release(repository, "1.1.1", "fix: c")
    assert found(repository, Fault.CONTENT) == []


# Merges.


def test_a_release_that_never_came_back_is_told(repository: Repository) -> None:
    merge = release(repository, "1.0.0", "feat: a", back=False)
    (one,) = found(repository, Fault.NOT_BACK)
    assert (one.subject, one.commit) == ("v1.0.0", merge)
    repository.merge("main", "develop")
    assert found(repository, Fault.NOT_BACK) == []


def test_a_release_branch_may_be_merged_into_both(repository: Repository) -> None:
    repository.branch("release-v1.0.0", "develop")
    repository.commit("prepare")
    repository.merge("release-v1.0.0", "main")
    tag(repository, "v1.0.0")
    repository.merge("release-v1.0.0", "develop")
    assert found(repository, Fault.NOT_BACK) == []


def test_a_hotfix_without_a_tag_is_known_by_its_merge(repository: Repository) -> None:
    repository.branch("hotfix/price", "main")
    repository.commit("fix")
    repository.merge("hotfix/price", "main")
    assert subjects(repository, Fault.NOT_BACK) == ["hotfix/price"]


@pytest.mark.parametrize(
    ("headline", "tagged", "told"),
    [
        ("release-v1.0.0 (#17)", None, ["release-v1.0.0 (#17)"]),
        ("Release v1.0.0 (#17)", "v1.0.0", ["v1.0.0"]),
        ("Hotfix: the price (#18)", "v1.0.0", ["v1.0.0"]),
        ("1.0.0 (#17)", "v1.0.0", ["v1.0.0"]),
        ("feat: a cart (#17)", "v1.0.0", []),
        ("Release v1.0.0", "v1.0.0", []),
        ("Release v1.0.0 (#17)", None, []),
    ],
)
def test_v4_a_squashed_release_is_told_by_its_headline(
    repository: Repository, headline: str, tagged: str | None, told: list[str]
) -> None:
    repository.commit(headline, "main")
    if tagged:
        tag(repository, tagged)
    assert subjects(repository, Fault.SQUASHED) == told


def test_v4_a_squashed_release_is_told_by_the_branch_that_it_left(repository: Repository) -> None:
    repository.branch("release-v1.0.0", "develop")
    repository.commit("prepare")
    repository.squash("release-v1.0.0", "main")
    tag(repository, "v1.0.0")
    assert subjects(repository, Fault.SQUASHED) == ["v1.0.0"]


# The whole.


def test_only_what_is_young_enough_is_told(repository: Repository) -> None:
    versions(repository, "v1.0.0", "v1.2.0", "v1.4.0")
    start = datetime.fromtimestamp(START, UTC)
    times = [timedelta(minutes=minutes) for minutes in (0, 4, 5)]
    counts = [
        len([each for each in audit(past(repository), start + time).found if each.fault is Fault.MISSING])
        for time in times
    ]
    assert counts == [2, 1, 0]


def test_a_history_without_main_or_develop_has_what_it_has(repository: Repository) -> None:
    versions(repository, "v1.0.0")
    given = past(repository)
    bare = Past(given.rulebook, given.commits, {}, given.tags)
    assert [each.fault for each in audit(bare).found] == [Fault.OFF_MAIN]


def test_a_commit_that_is_not_there_ends_history(repository: Repository) -> None:
    versions(repository, "v1.0.0", "v1.0.1")
    given = past(repository)
    gone = repository.git("rev-parse", "v1.0.0^{commit}")
    cut = {oid: commit for oid, commit in given.commits.items() if oid != gone}
    left = Past(given.rulebook, cut, given.branches, given.tags)
    assert [each.name for each in left.versions] == ["v1.0.1"]
    assert audit(left).commits == len(given.commits) - 1
