"""A question's key and subject."""

import pytest

from bot.engine import Question
from bot.engine.question import subjects


def test_the_kind_is_what_stands_before_the_slash() -> None:
    assert Question("pull/1/7").kind == "pull"
    assert Question("sweep").kind == "sweep"


@pytest.mark.parametrize("key", ["", "/1", "pull/1\n", "pull/ü", "pull/\x00"])
def test_a_key_that_cannot_be_stored_or_copied_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        Question(key)


def test_the_last_subject_of_a_key_counts_and_must_be_json() -> None:
    assert subjects([Question("pull/1", {"n": 1}), Question("pull/1", {"n": 2})]) == {"pull/1": '{"n": 2}'}
    with pytest.raises(TypeError):
        subjects([Question("pull/1", {"n": object()})])
