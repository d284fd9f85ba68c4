"""What is said of an order: to whoever gave it, and in the pull request that came of it."""

from dataclasses import replace

import pytest
from semver import Version
from unit.rules.people import order
from unit.rules.releases import rulebook

from bot.message import say
from bot.releases.orders import Result
from bot.rules.models import Language
from bot.text.comment import is_ours
from bot.text.orders import Opening, answer_text, answered, opening_body, opening_title
from bot.text.render import render

EN, KO = Language.EN, Language.KO
ORDER = order("noor", "Please.\n/signalbox release @acme/all --> <b>")
RESULT = Result(say("Review it, and see that every check passes."), ("git switch 'a b'",))
OPENING = Opening(
    branch="release-v1.4.0",
    source="develop",
    base="main",
    version=Version(1, 4, 0),
    develop="develop",
    draft=False,
    by="noor",
    number=12,
)
GIT_FLOW = rulebook()


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("language", Language)
def test_r17_an_answer_quotes_the_order_and_mentions_nobody_but_its_author(
    language: Language, *, done: bool
) -> None:
    text = answer_text(ORDER, RESULT, language, done=done)
    assert answered(text) == (ORDER.id, done)
    assert not is_ours(text)
    assert "@noor" in text
    assert "`/signalbox release @acme/all --> <b>`" in text
    assert text.endswith("```sh\ngit switch 'a b'\n```")


def test_other_comments_answer_nothing() -> None:
    for text in ("", "<!-- signalbox -->", "so\n<!-- signalbox order IC_1 done -->", "<!-- signalbox order"):
        assert answered(text) is None


def test_a_pull_request_lists_what_people_do_and_what_follows() -> None:
    assert render(opening_title(OPENING), EN) == "Release 1.4.0"
    body = opening_body(OPENING, GIT_FLOW)
    people, _, machine = body.partition("## What follows")
    assert "`noor` asked for this in #12" in people
    assert "- [ ] Review it" in people
    assert "draft" not in people
    for words in ("`v1.4.0`", "merged back into `develop`", "`release-v1.4.0` is deleted"):
        assert words in machine
    assert "- [ ]" not in machine


def test_what_is_not_known_yet_is_not_promised() -> None:
    hotfix = replace(OPENING, branch="hotfix/price", version=None, draft=True, develop=None)
    assert render(opening_title(hotfix), EN) == "Bring hotfix/price into main"
    body = opening_body(hotfix, GIT_FLOW)
    assert "- [ ] Commit the fix to `hotfix/price`" in body
    assert "the version that `signalbox / release` shows" in body
    assert "merged back into" not in body


def test_labels_that_say_the_version_are_asked_for() -> None:
    assert "semver" not in opening_body(OPENING, GIT_FLOW)
    assert "`semver:minor`" in opening_body(OPENING, rulebook("versions: {source: labels}"))


def test_the_release_of_a_trunk_lives_on_in_the_language_of_the_rulebook() -> None:
    trunk = rulebook("preset: trunk\nlanguage: ko")
    body = opening_body(replace(OPENING, branch="release/1.4.0", source="main", develop=None), trunk)
    assert "`release/1.4.0` 브랜치는 그대로 남습니다" in body
    assert "사람이 할 일" in body
