"""What is commanded of environments."""

import pytest

from bot.delivery.orders import MARKS, Wish, refusal, wished
from bot.errors import TellUser
from bot.rules.commands import Verb
from bot.rules.facts import Role
from bot.rules.models import Rulebook
from bot.rules.rulebook import read
from service.ledger import deployments


def book() -> Rulebook:
    found = read("environments: {prod: {by: [mina, acme/deployers], permission: write}}")
    assert isinstance(found, Rulebook)
    return found


BOOK = book()
PROD, TEST = BOOK.environments["prod"], BOOK.environments["test"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/signalbox promote prod", Wish(Verb.PROMOTE, "prod")),
        ("/signalbox promote local feat-tax-3f2c1ab", Wish(Verb.PROMOTE, "local", "feat-tax-3f2c1ab")),
        ("/signalbox promote local", Wish(Verb.PROMOTE, "local")),
        ("Now!\n/signalbox rollback prod", Wish(Verb.ROLLBACK, "prod")),
        ("/signalbox rollback prod to 1.2.0", Wish(Verb.ROLLBACK, "prod", "1.2.0")),
        ("/signalbox rollback prod confirm", Wish(Verb.ROLLBACK, "prod", None, confirmed=True)),
        ("/signalbox rollback prod to v1.2.0 confirm", Wish(Verb.ROLLBACK, "prod", "v1.2.0", confirmed=True)),
        ('/signalbox hold prod "the fair"', Wish(Verb.HOLD, "prod", reason="the fair")),
        ("/signalbox release-hold prod it is over", Wish(Verb.RELEASE_HOLD, "prod", reason="it is over")),
        ("/signalbox freeze prod “재고 조사”", Wish(Verb.FREEZE, "prod", reason="재고 조사")),
        ("/signalbox thaw prod 'done'", Wish(Verb.THAW, "prod", reason="done")),
    ],
)
def test_an_order_is_read(body: str, expected: Wish) -> None:
    assert wished(body, BOOK) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/signalbox promote", "Expected one of ('local', 'dev', 'test', 'stage', 'prod')."),
        ("/signalbox promote prd", "prd is not known; did you mean prod?"),
        ("/signalbox promote prod now", "Expected /signalbox promote prod; found now."),
        ("/signalbox promote local a b", "Expected /signalbox promote local TAG; found a b."),
        ("/signalbox rollback prod 1.2.0", "Expected /signalbox rollback prod to VERSION; found 1.2.0."),
        ("/signalbox hold prod", 'Expected a reason: /signalbox hold prod "…"'),
        ('/signalbox freeze prod ""', 'Expected a reason: /signalbox freeze prod "…"'),
    ],
)
def test_an_order_that_cannot_be_read_is_told_what_was_expected(body: str, expected: str) -> None:
    with pytest.raises(TellUser) as error:
        wished(body, BOOK)
    assert str(error.value) == expected


def test_who_may_is_the_rulebooks_to_say() -> None:
    assert refusal(PROD, Role.WRITE, "Mina", ()) is None
    assert refusal(PROD, Role.TRIAGE, "mina", ()) is not None
    assert refusal(PROD, Role.ADMIN, "jiho", ()) is not None
    assert refusal(PROD, Role.ADMIN, "jiho", ["JIHO"]) is None
    assert refusal(TEST, Role.WRITE, "mina", ()) is not None
    assert refusal(TEST, Role.MAINTAIN, "jiho", ()) is None


def test_the_ledger_knows_the_orders_that_deploy_nothing() -> None:
    assert deployments.MARKS == MARKS
