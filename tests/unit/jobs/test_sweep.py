"""G1: what never arrived is asked for once more; what was stored, or is hopeless, is left alone."""

from bot.jobs.sweep import MOST_ATTEMPTS, lost_deliveries


def failed(*entries: tuple[int, str]) -> list[dict[str, object]]:
    return [{"id": number, "guid": guid} for number, guid in entries]


def test_g1_the_newest_attempt_of_a_lost_delivery_is_repeated() -> None:
    assert lost_deliveries(failed((9, "a"), (8, "b"), (7, "a")), frozenset()) == [9, 8]


def test_g1_what_is_stored_is_not_lost_whatever_github_thinks() -> None:
    assert lost_deliveries(failed((9, "a"), (8, "b")), frozenset({"a"})) == [8]


def test_g1_what_failed_too_often_is_given_up() -> None:
    assert lost_deliveries(failed(*((9 - n, "a") for n in range(MOST_ATTEMPTS))), frozenset()) == []
