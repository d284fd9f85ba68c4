"""What registry events make of a GitOps repository, however late and often they come."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import gitops

from bot.delivery.events import told
from bot.delivery.replay import Event, Fate, Replay, targets
from bot.errors import TellUser
from bot.rules.models import Rulebook
from bot.rules.rulebook import read

DELIVERY = "delivery: {repository: acme/gitops, project: shop}\n"


def rulebook(text: str = "") -> Rulebook:
    found = read(DELIVERY + text)
    assert isinstance(found, Rulebook), found
    return found


def files(tag: str = "develop-0000aaa", *names: str, environment: str = "dev") -> dict[str, str | None]:
    return {gitops.path(name, environment): gitops.manifest(name, tag) for name in names or ("web",)}


def replayed(
    before: dict[str, str | None], events: Sequence[dict[str, Any]], *, batch: int = 1, text: str = ""
) -> Replay:
    played = [Event(position, told(event)) for position, event in enumerate(events, 1)]
    images = [image for event in played for image in event.images]
    replay = Replay(rulebook(text), "acme/shop", before, images)
    for start in range(0, len(played), batch):
        replay.play(played[start : start + batch])
    replay.finish()
    return replay


def fates(replay: Replay) -> list[tuple[int, str | None, Fate]]:
    return [(each.event, each.environment, each.fate) for each in replay.outcomes]


def reasons(replay: Replay) -> list[str]:
    return [reason.id.format(**reason.values) for outcome in replay.outcomes for reason in outcome.reasons]


ONLY_DEV = "environments: {local: null, test: null}\n"


def test_an_image_is_written_where_its_tag_says() -> None:
    before = files() | files("v1.0.0", environment="prod")
    replay = replayed(
        before, [gitops.ecr("web", "develop-1111aaa", 1), gitops.ecr("web", "v1.1.0", 2)], text=ONLY_DEV
    )
    assert fates(replay) == [(1, "dev", Fate.WRITTEN), (2, "prod", Fate.WRITTEN)]
    assert replay.files == files("develop-1111aaa") | files("v1.1.0", environment="prod")
    assert [commit.headline for commit in replay.commits] == [
        "Deploy shop develop-1111aaa to dev",
        "Deploy shop 1.1.0 to prod",
    ]
    assert replay.commits[1].files == {
        gitops.path("web", "prod"): (gitops.manifest("web", "v1.0.0"), gitops.manifest("web", "v1.1.0"))
    }


def test_d1_late_and_repeated_events_change_nothing() -> None:
    first, second = gitops.ecr("web", "develop-1111aaa", 1), gitops.ecr("web", "develop-2222aaa", 2)
    replay = replayed(files(), [second, first, second], text=ONLY_DEV)
    assert fates(replay) == [
        (1, "dev", Fate.WRITTEN),
        (2, "dev", Fate.OVERTAKEN),
        (3, "dev", Fate.STANDING),
    ]
    assert replay.files == files("develop-2222aaa")
    assert len(replay.commits) == 1


def test_d1_what_stands_at_the_beginning_is_not_regressed() -> None:
    events = [gitops.ecr("web", "develop-1111aaa", 1), gitops.ecr("web", "develop-2222aaa", 2)]
    replay = replayed(files("develop-2222aaa"), events, text=ONLY_DEV)
    assert fates(replay) == [(1, "dev", Fate.OVERTAKEN), (2, "dev", Fate.STANDING)]
    older = replayed(files("v1.2.0", environment="prod"), [gitops.ecr("web", "v1.1.0", 1)])
    assert fates(older) == [(1, "prod", Fate.OVERTAKEN)]


def test_d1_an_image_that_was_pushed_again_is_as_new_as_that() -> None:
    old, new, again = (
        gitops.ecr("web", tag, minute)
        for tag, minute in (("develop-1111aaa", 1), ("develop-2222aaa", 2), ("develop-1111aaa", 3))
    )
    for arrival in ([old, new, again], [old, again, new], [again, new, old]):
        assert replayed(files(), arrival, text=ONLY_DEV).files == files("develop-1111aaa")


def test_d5_a_digest_tells_which_image_a_tag_that_moves_is() -> None:
    digest = gitops.digest("web", "develop-2222aaa")
    standing = files(f"develop-2222aaa@{digest}")
    replay = replayed(
        standing,
        [gitops.ecr("web", "develop-1111aaa", 1), gitops.ecr("web", "develop-2222aaa", 2)],
        text=ONLY_DEV,
    )
    assert fates(replay) == [(1, "dev", Fate.OVERTAKEN), (2, "dev", Fate.STANDING)]


def test_of_a_batch_the_newest_is_written() -> None:
    events = [gitops.ecr("web", f"develop-{minute}111aaa", minute) for minute in (1, 3, 2)]
    replay = replayed(files(), events, batch=3, text=ONLY_DEV)
    assert fates(replay) == [
        (1, "dev", Fate.OVERTAKEN),
        (2, "dev", Fate.WRITTEN),
        (3, "dev", Fate.OVERTAKEN),
    ]
    assert replay.commits[0].events == (2,)


@pytest.mark.parametrize("batch", [1, 4])
def test_what_is_refused_is_refused_however_often_and_whatever_waits_with_it(batch: int) -> None:
    events = [gitops.ecr("api", f"develop-{minute}111aaa", minute) for minute in (1, 2, 2, 1)]
    replay = replayed(files(), events, batch=batch, text=ONLY_DEV)
    assert [each.fate for each in replay.outcomes] == [Fate.REFUSED] * 4
    expected = f"Expected the image {gitops.repository('api')} at acme/gitops:apps/shop-dev"
    assert all(reason.startswith(expected) for reason in reasons(replay))
    assert replay.commits == []


def test_what_stands_already_is_not_written_though_its_age_is_not_known() -> None:
    event = gitops.ecr("web", "develop-1111aaa", 1)
    del event["time"]
    replay = replayed(files("develop-1111aaa"), [event], text=ONLY_DEV)
    assert fates(replay) == [(1, "dev", Fate.STANDING)]
    assert replay.commits == []


EXPECTED = "Expected a tag that is a version, or a known branch before a commit; found"
LIVE = """\
branches: {main: team/main}
environments: {live: {from: main, deploy: auto, database: real}}
"""


@pytest.mark.parametrize(
    ("tag", "text", "environments"),
    [
        ("develop-1111aaa", "", ["dev", "test"]),
        ("feat-tax-rate-1111aaa", "", ["local"]),
        ("release-v1.2.0-1111aaa", "", ["stage"]),
        ("release-1.2.0-1111aaa", "preset: trunk\n", ["stage", "prod"]),
        ("team-main-1111aaa", LIVE, ["live"]),
        ("v1.2.0", "", ["prod"]),
    ],
)
def test_where_an_image_goes_is_in_its_tag(tag: str, text: str, environments: list[str]) -> None:
    replay = replayed({}, [gitops.ecr("web", tag, 1)], text=text)
    assert [each.environment for each in replay.outcomes] == environments


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("v1.2.0-3-g1111aaa", EXPECTED + " v1.2.0-3-g1111aaa."),
        ("latest", EXPECTED + " latest."),
        ("1111aaa", EXPECTED + " 1111aaa."),
        ("wip-1111aaa", EXPECTED + " wip-1111aaa."),
        ("main-1111aaa", "No environment is fed by ('main',)."),
    ],
)
def test_what_cannot_be_placed_is_told(tag: str, reason: str) -> None:
    replay = replayed(files(), [gitops.ecr("web", tag, 1)])
    assert fates(replay) == [(1, None, Fate.UNPLACED)]
    assert reasons(replay) == [reason]


def test_an_image_that_the_rulebook_does_not_name_is_somebody_elses() -> None:
    book = read(f"delivery: {{repository: acme/gitops, images: [{gitops.repository('api')}]}}")
    assert isinstance(book, Rulebook)
    (image,) = told(gitops.ecr("web", "v1.2.0", 1))
    replay = Replay(book, "acme/shop", {}, [image])
    replay.play([Event(1, (image,))])
    assert reasons(replay) == ["The rulebook does not name it in delivery.images."]


def test_what_is_deployed_by_hand_waits() -> None:
    replay = replayed(files(environment="local"), [gitops.ecr("web", "feat-tax-1111aaa", 1)])
    assert fates(replay) == [(1, "local", Fate.WAITING)]
    assert reasons(replay) == ["It is deployed by hand."]


def test_of_two_that_nothing_puts_in_order_the_first_stays() -> None:
    events = [gitops.ecr("web", tag, 1) for tag in ("develop-1111aaa", "develop-2222aaa")]
    replay = replayed(files(), events, text=ONLY_DEV)
    assert fates(replay) == [(1, "dev", Fate.WRITTEN), (2, "dev", Fate.WAITING)]


FREEZE = """\
environments:
  local: null
  test: null
  dev: {freezes: [{begins: "0 1 * * *", hours: 2, why: counting}]}
"""


def test_a_freeze_is_waited_for_by_the_clock_of_the_pushes() -> None:
    frozen = [gitops.ecr("web", "develop-1111aaa", 60), gitops.ecr("web", "develop-2222aaa", 90)]
    replay = replayed(files(), frozen, text=FREEZE)
    assert fates(replay) == [(1, "dev", Fate.WAITING), (2, "dev", Fate.WAITING)]
    assert reasons(replay)[0] == "It is frozen until 2026-01-02 03:00 UTC: counting."
    replay = replayed(files(), [*frozen, gitops.ecr("web", "wip", 180)], text=FREEZE)
    assert fates(replay)[:2] == [(1, "dev", Fate.OVERTAKEN), (2, "dev", Fate.WRITTEN)]
    assert replay.files == files("develop-2222aaa")


def test_an_environment_that_takes_pull_requests_gets_one_of_its_own() -> None:
    text = "environments: {local: null, test: {write: pull_request}}\n"
    replay = replayed(
        files() | files(environment="test"), [gitops.ecr("web", "develop-1111aaa", 1)], text=text
    )
    assert [(commit.write, list(commit.files)) for commit in replay.commits] == [
        ("commit", [gitops.path("web", "dev")]),
        ("pull_request", [gitops.path("web", "test")]),
    ]


def test_an_image_that_stands_in_two_versions_is_made_one() -> None:
    beside = "apps/shop-prod/tidy.yaml"
    before = files("v1.0.0", environment="prod") | {beside: gitops.manifest("web", "v1.3.0")}
    replay = replayed(before, [gitops.ecr("web", "v1.2.0", 1)])
    assert set(replay.files.values()) == {gitops.manifest("web", "v1.2.0")}


def test_d3_a_manifest_that_cannot_be_read_refuses_what_no_other_holds() -> None:
    template: dict[str, str | None] = {"apps/shop-prod/no.yaml": "{{ a template }\n"}
    arrival = [gitops.ecr("web", "v1.2.0", 1)]
    assert fates(replayed(template, arrival)) == [(1, "prod", Fate.REFUSED)]
    both = template | files("v1.0.0", environment="prod")
    assert fates(replayed(both, arrival)) == [(1, "prod", Fate.WRITTEN)]


def test_without_a_gitops_repository_there_is_nothing_to_play() -> None:
    bare = read("")
    assert isinstance(bare, Rulebook)
    with pytest.raises(TellUser) as refused:
        targets(bare, "acme/shop")
    assert refused.value.messages[0].values["key"] == "delivery.repository"


NAMES = [f"app{number}" for number in range(50)]
BURST = [
    gitops.ecr(name, f"develop-{round_}{number:02}aaaa", 4 * number + round_)
    for number, name in enumerate(NAMES)
    for round_ in range(4)
]
RIGHT = {
    gitops.path(name, "dev"): gitops.manifest(name, f"develop-3{number:02}aaaa")
    for number, name in enumerate(NAMES)
}


@settings(max_examples=4)
@given(st.randoms(use_true_random=False))
def test_200_events_for_50_images_make_5_commits_and_one_state_in_any_order(random: Any) -> None:
    arrival = random.sample(BURST, len(BURST))
    replay = replayed(files("develop-9999bbb", *NAMES), arrival, batch=40, text=ONLY_DEV)
    assert len(replay.commits) <= 5
    assert replay.files == RIGHT


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from([*range(6)]), min_size=6, max_size=14).filter(lambda seen: len(set(seen)) == 6),
    st.integers(1, 5),
)
def test_d1_shuffled_and_repeated_events_come_to_one_state(seen: Iterable[int], batch: int) -> None:
    names = ("web", "api")
    pushed = [gitops.ecr(name, f"develop-{minute}111aaa", minute) for name in names for minute in range(3)]
    replay = replayed(files("v1", *names), [pushed[number] for number in seen], batch=batch, text=ONLY_DEV)
    assert replay.files == files("develop-2111aaa", *names)


def test_a_pre_release_goes_nowhere_and_a_patch_of_an_older_line_is_overtaken() -> None:
    before = files("shop-1.0.0", environment="prod")
    events = [
        gitops.ecr("web", tag, n) for n, tag in enumerate(["shop-2.0.0", "shop-1.0.1", "shop-2.1.0-rc.1"])
    ]
    text = ONLY_DEV.replace("test: null", "test: null, prod: {deploy: auto}")
    replay = replayed(before, events, text=f"{text}versions: {{tag: 'shop-{{version}}'}}\n")
    assert fates(replay) == [(1, "prod", Fate.WRITTEN), (2, "prod", Fate.OVERTAKEN), (3, None, Fate.UNPLACED)]
    assert reasons(replay)[-1] == "2.1.0-rc.1 is a pre-release, and no kind has prereleases."
    assert replay.files == files("shop-2.0.0", environment="prod")
