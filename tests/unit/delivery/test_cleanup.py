"""D11: what is deployed, in the window of rollbacks, shared by another tag, or held by an index, stays."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.registry import digest, version

from bot.delivery.cleanup import Deployed, Fate, Verdict, Version, condemned
from bot.rules.models import Language
from bot.text.render import render

COMMIT = "3f2c1ab" + "0" * 33
TAG = "sha-3f2c1ab"
NEW = version(100, "main")


def judge(
    *versions: Version,
    of: Mapping[int, tuple[str, ...]],
    deployed: Collection[Deployed] = (),
    keep: int = 1,
    untags: bool = False,
) -> tuple[Verdict, ...]:
    images = {digest(number): tags for number, tags in of.items()}
    return condemned([NEW, *versions], images, deployed, keep, untags=untags)


def fates(verdicts: tuple[Verdict, ...]) -> dict[str, str]:
    return {each.version.id: each.fate.value for each in verdicts}


def reason(verdict: Verdict) -> str:
    return render(verdict.reason, Language.EN)


def test_what_nothing_speaks_for_goes() -> None:
    (verdict,) = judge(version(1, "feat-login", TAG, age=1), of={1: ("feat-login", TAG)})
    assert (verdict.fate, verdict.tags) == (Fate.DELETED, ("feat-login", TAG))
    assert "1 newer images stay" in reason(verdict)


@pytest.mark.parametrize(
    "deployed",
    [
        Deployed("acme/shop local", "", digest=digest(1)),
        Deployed("acme/shop local", "", tag="feat-login"),
        Deployed("acme/shop local", COMMIT),
    ],
    ids=["digest", "tag", "commit"],
)
@pytest.mark.parametrize("untags", [True, False])
def test_d11_what_is_deployed_anywhere_stays(deployed: Deployed, untags: bool) -> None:
    image = version(1, "feat-login", TAG, "v1.0.0", age=1)
    (verdict,) = judge(image, of={1: ("feat-login", TAG)}, deployed=[deployed], untags=untags)
    assert (verdict.fate, reason(verdict)) == (Fate.KEPT, "It is deployed: acme/shop local.")


def test_d11_a_deployed_commit_keeps_a_tag_of_digits_that_begins_it() -> None:
    image = version(1, "sha-7654321", age=1)
    deployed = [Deployed("acme/shop local", "7654321" + "a" * 33)]
    (verdict,) = judge(image, of={1: ("sha-7654321",)}, deployed=deployed)
    assert verdict.fate is Fate.KEPT


def test_d11_what_is_in_the_window_of_rollbacks_stays() -> None:
    images = [version(number, f"feat-{number}", age=number) for number in (1, 2, 3)]
    of = {number: (f"feat-{number}",) for number in (1, 2, 3)}
    verdicts = judge(*images, of=of, keep=3)
    assert fates(verdicts) == {"3": "deleted", "1": "kept", "2": "kept"}
    assert "among the newest 3" in reason(verdicts[1])
    # What was pushed at the same moment is not older.
    same = [replace(image, pushed_at=NEW.pushed_at) for image in images]
    assert set(fates(judge(*same, of=of)).values()) == {"kept"}
    assert set(fates(judge(*same, of=of, keep=0)).values()) == {"deleted"}


def test_parts_and_signatures_take_no_place_in_the_window() -> None:
    signature = version(3, f"sha256-{digest(100)[7:]}.sig")
    (verdict,) = judge(
        version(1, "feat-login", age=1), version(2), signature, version(4, "v1", age=2),
        of={1: ("feat-login",)}, keep=2,
    )  # fmt: skip
    assert verdict.fate is Fate.KEPT


@pytest.mark.parametrize(("untags", "fate"), [(True, Fate.UNTAGGED), (False, Fate.KEPT)])
def test_d11_of_what_another_tag_shares_only_the_tag_goes(untags: bool, fate: Fate) -> None:
    image = version(1, "feat-login", TAG, "v1.0.0", age=1)
    (verdict,) = judge(image, of={1: ("feat-login", TAG)}, untags=untags)
    assert (verdict.fate, verdict.tags) == (fate, ("feat-login", TAG))
    assert reason(verdict) == "It has other tags too: v1.0.0."


def test_d11_a_child_of_an_index_stays_with_it() -> None:
    index = version(9, "v1.0.0", children={1, 2}, age=1)
    (verdict,) = judge(index, version(1, "feat-login-3f2c1ab", age=1), of={1: ("feat-login-3f2c1ab",)})
    assert (verdict.fate, reason(verdict)) == (Fate.KEPT, "It is a part of v1.0.0, which stays.")


def test_an_index_takes_its_own_children_along_and_leaves_those_of_others() -> None:
    verdicts = judge(
        version(1, "feat-login", children={2, 3, 4}, age=1),
        version(2, age=1),
        version(3, age=1),
        version(4, f"linux-{TAG}x", age=1),
        version(5, "v1.0.0", children={3}, age=1),
        version(6, subject=digest(2), age=1),
        version(7, f"sha256-{digest(1)[7:]}", children={8}, age=1),
        version(8, subject=digest(1), age=1),
        version(9, age=1),
        of={1: ("feat-login",)},
    )
    (verdict,) = verdicts
    assert verdict.fate is Fate.DELETED
    parts = [part.id for part in verdict.parts]
    assert sorted(parts) == ["2", "6", "7", "8"]
    assert parts.index("2") < parts.index("6")
    assert parts.index("7") < parts.index("8")


def test_what_two_images_hold_goes_after_both() -> None:
    first, second = judge(
        version(1, "feat-login", children={3}, age=1),
        version(2, TAG, children={3, 4}, age=1),
        version(3, age=1),
        version(4, "linux-3f2c1ab", age=1),
        of={1: ("feat-login",), 2: (TAG,), 4: ("linux-3f2c1ab",)},
    )[:2]
    assert {first.version.id, second.version.id} == {"1", "2"}
    assert ([part.id for part in first.parts], [part.id for part in second.parts]) == ([], ["3"])


def test_a_deployed_child_stays_when_its_index_goes() -> None:
    runs = Deployed("acme/shop local", "", digest=digest(2))
    (verdict,) = judge(
        version(1, "feat-login", children={2, 3}, age=1), version(2, age=1), version(3, age=1),
        of={1: ("feat-login",)}, deployed=[runs],
    )  # fmt: skip
    assert (verdict.fate, [part.id for part in verdict.parts]) == (Fate.DELETED, ["3"])


def test_d11_untagged_is_not_orphan_where_an_index_cannot_be_read() -> None:
    image, unread = version(1, "feat-login", age=1), version(9, "v1.0.0", children=None, age=1)
    (verdict,) = judge(image, unread, of={1: ("feat-login",)})
    assert (verdict.fate, reason(verdict)) == (
        Fate.KEPT, "What v1.0.0 holds cannot be read; it might be this.",
    )  # fmt: skip
    # What goes itself holds nothing back.
    (verdict,) = judge(replace(image, children=None), version(2, age=1), of={1: ("feat-login",)})
    assert (verdict.fate, verdict.parts) == (Fate.DELETED, ())


TAGS = ("feat-login", TAG, "main", "v1.0.0", f"sha256-{digest(1)[7:]}.sig")
NUMBERS = st.integers(0, 7)


@st.composite
def listings(draw: st.DrawFn) -> tuple[list[Version], dict[str, frozenset[str]]]:
    """What a registry lists, and what each index truly holds, which it may not be able to say."""
    free, versions, truth = list(TAGS), [], {}
    for number in range(draw(st.integers(1, 8))):
        tags = draw(st.lists(st.sampled_from(free), unique=True, max_size=2)) if free else []
        free = [tag for tag in free if tag not in tags]
        holds = frozenset(digest(each) for each in draw(st.sets(NUMBERS, max_size=3)) if each < number)
        truth[digest(number)] = holds
        subject = draw(st.none() | NUMBERS.map(digest))
        hidden = draw(st.integers(0, 9)) == 0
        made = version(number, *tags, subject=subject, age=draw(st.integers(0, 3)))
        versions.append(replace(made, children=None if hidden else holds))
    return versions, truth


def leads(versions: Iterable[Version], start: str) -> set[str]:
    """All that something holds and all that refers to it, and so on."""
    beside = {TAGS[-1]: digest(1)}
    found, front = set[str](), {start}
    while front:
        held = {child for each in versions if each.digest in front for child in each.children or ()}
        referring = {each.digest for each in versions if {each.subject, *map(beside.get, each.tags)} & front}
        found, front = found | held | referring, (held | referring) - found
    return found


DEPLOYED = st.one_of(
    st.builds(lambda number: Deployed("prod", "", digest=digest(number)), NUMBERS),
    st.sampled_from([Deployed("prod", "", tag=tag) for tag in TAGS]),
    st.just(Deployed("prod", COMMIT)),
)


@given(listings(), st.lists(DEPLOYED, max_size=2), st.integers(0, 3), st.booleans())
def test_d11_nothing_goes_that_is_deployed_or_that_what_stays_can_reach(
    listing: tuple[list[Version], dict[str, frozenset[str]]],
    deployed: list[Deployed],
    keep: int,
    untags: bool,
) -> None:
    versions, truth = listing
    own = {"feat-login", TAG}
    images = {
        each.digest: tuple(tag for tag in each.tags if tag in own) for each in versions if own & {*each.tags}
    }
    verdicts = condemned(versions, images, deployed, keep, untags=untags)
    assert sorted(each.version.digest for each in verdicts) == sorted(images)
    going = [each for each in verdicts if each.fate is Fate.DELETED]
    order = [part for each in going for part in (each.version, *each.parts)]
    gone = {each.digest for each in order}
    assert len(gone) == len(order)
    stays = [each for each in versions if each.digest not in gone]
    assert not gone & {each for left in stays for each in truth[left.digest]}
    for each in order:
        assert set(each.tags) <= own | {TAGS[-1]}
        assert not any(each.digest == one.digest or one.tag in each.tags for one in deployed)
        assert TAG not in each.tags or not any(one.commit for one in deployed)
    tagged = sorted((each.pushed_at for each in versions if set(each.tags) - {TAGS[-1]}), reverse=True)
    for verdict in going:
        assert sum(moment > verdict.version.pushed_at for moment in tagged) >= keep
    at = {each.digest: place for place, each in enumerate(order)}
    # Of one that does not say what it holds nobody can know, and a circle has no order.
    for each in order:
        for held in (each.children or frozenset()) & at.keys():
            assert at[each.digest] < at[held] or each.digest in leads(versions, held)


@given(listings(), st.integers(0, 3))
def test_what_has_gone_is_not_missed(
    listing: tuple[list[Version], dict[str, frozenset[str]]], keep: int
) -> None:
    versions, _ = listing
    images = {each.digest: (TAG,) for each in versions if each.tags == (TAG,)}
    once = condemned(versions, images, [], keep)
    gone = {each.digest for verdict in once if verdict.fate is Fate.DELETED
            for each in (verdict.version, *verdict.parts)}  # fmt: skip
    left = [each for each in versions if each.digest not in gone]
    again = condemned(left, {one: tags for one, tags in images.items() if one not in gone}, [], keep)
    assert not [each for each in again if each.fate is Fate.DELETED]
