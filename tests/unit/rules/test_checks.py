from collections.abc import Callable

import pytest
from semver import Version
from unit.rules.people import NOON

from bot.message import say
from bot.rules.checks import BRANCH, CHECKS, Check, judge, language_of
from bot.rules.facts import Change, Facts, Override, Proposal, ReleaseFacts, Tag
from bot.rules.models import Language, Rules
from bot.rules.rulebook import DEFAULT, Invalid, Reading, Rulebook, Unreadable, read
from bot.rules.verdict import Conclusion, Enforcement, Finding, Judged, Outcome, Verdict, strictest

MakeFacts = Callable[..., Facts]
PATH = ".github/signalbox.yml"
BROKEN = read("kindz: 1")
UNREADABLE = Unreadable(say("{path} is not UTF-8 text", path=PATH))


def rulebook(text: str) -> Rulebook:
    reading = read(text)
    assert isinstance(reading, Rulebook)
    return reading


REQUIRED = rulebook("")


def only(facts: Facts, reading: Reading) -> Verdict:
    (verdict,) = judge(facts, reading, [BRANCH])
    return verdict


def outcomes(verdict: Verdict) -> dict[str, Outcome]:
    return {judged.finding.rule: judged.finding.outcome for judged in verdict.judged}


def test_every_rule_has_its_key_in_the_rulebook() -> None:
    rules = {rule.RULE for check in CHECKS for rule in check.rules}
    assert rules == {*Rules.model_fields, "content"}  # which is in `versions`
    for rule in rules:
        assert REQUIRED.enforcement(rule, from_fork=False) in list(Enforcement)


def test_the_branch_check_adds_up_its_rules(facts: MakeFacts) -> None:
    verdict = only(facts("feat/x"), REQUIRED)
    assert (verdict.check, verdict.number, verdict.conclusion) == ("branch", 7, Conclusion.SUCCESS)
    assert list(outcomes(verdict)) == ["naming", "base", "ancestry"]


def test_a_required_rule_fails_and_an_advised_one_does_not(facts: MakeFacts) -> None:
    assert only(facts("feat/x", "main"), REQUIRED).conclusion is Conclusion.FAILURE
    assert only(facts("feat/x", "main"), DEFAULT).conclusion is Conclusion.NEUTRAL


def test_a_rule_that_is_off_is_not_looked_at(facts: MakeFacts) -> None:
    off = rulebook("rules: {naming: off, base: off, ancestry: off}")
    assert only(facts("whatever", "main"), off).judged == ()


def test_naming_is_off_for_forks_unless_the_rulebook_says_so(facts: MakeFacts) -> None:
    fork = facts("patch-1", from_fork=True)
    assert only(fork, REQUIRED).conclusion is Conclusion.SUCCESS
    assert only(fork, rulebook("forks: {naming: advised}")).conclusion is Conclusion.NEUTRAL
    assert only(facts("feat/x", "main", from_fork=True), REQUIRED).conclusion is Conclusion.FAILURE


def test_a_forks_own_names_do_not_lead_unreleased_work_into_main(facts: MakeFacts) -> None:
    verdict = only(facts("patch-1", "main", from_fork=True), REQUIRED)
    assert outcomes(verdict)["base"] is Outcome.FAIL
    assert verdict.conclusion is Conclusion.FAILURE


def test_what_was_not_proved_never_passes(facts: MakeFacts) -> None:
    assert only(facts("feat/x", develop=None), REQUIRED).conclusion is Conclusion.ACTION_REQUIRED
    assert only(facts("feat/x", develop=None), DEFAULT).conclusion is Conclusion.NEUTRAL


# The rulebook itself (R1: the current one judges).


@pytest.mark.parametrize(
    ("proposal", "outcome"),
    [
        (Proposal(PATH, "preset: trunk"), Outcome.PASS),
        (Proposal(PATH, "preset: trunc"), Outcome.FAIL),
        (Proposal(PATH, None), Outcome.FAIL),
        (Proposal(PATH, None, removed=True), Outcome.ADVICE),
    ],
)
def test_a_changed_rulebook_is_judged(facts: MakeFacts, proposal: Proposal, outcome: Outcome) -> None:
    assert outcomes(only(facts("feat/x", proposal=proposal), REQUIRED))["rulebook"] is outcome


def test_a_proposal_that_relaxes_the_rules_is_judged_by_the_current_ones(facts: MakeFacts) -> None:
    relaxed = Proposal(PATH, "rules: {naming: off, base: off}")
    assert only(facts("whatever", "main", proposal=relaxed), REQUIRED).conclusion is Conclusion.FAILURE


def test_an_invalid_rulebook_is_one_failing_finding_with_its_problems(facts: MakeFacts) -> None:
    (judged,) = only(facts("feat/x"), BROKEN).judged
    assert (judged.finding.outcome, judged.enforcement) == (Outcome.FAIL, Enforcement.REQUIRED)
    (item,) = judged.finding.items
    assert (item.values["line"], item.values["column"], item.values["key"]) == (1, 1, "kindz")


def test_a_problem_without_a_key_is_told_by_its_place(facts: MakeFacts) -> None:
    (judged,) = only(facts("feat/x"), read("- a")).judged
    assert "key" not in judged.finding.items[0].values


def test_an_unreadable_rulebook_says_why(facts: MakeFacts) -> None:
    (judged,) = only(facts("feat/x"), UNREADABLE).judged
    assert judged.finding.items == (UNREADABLE.reason,)


@pytest.mark.parametrize("current", [BROKEN, UNREADABLE])
def test_the_pull_request_that_mends_the_rulebook_passes(facts: MakeFacts, current: Reading) -> None:
    mending = facts("whatever", proposal=Proposal(PATH, "preset: trunk"))
    assert only(mending, current).conclusion is Conclusion.SUCCESS
    failing = facts("whatever", proposal=Proposal(PATH, "preset: trunc"))
    assert only(failing, current).conclusion is Conclusion.FAILURE


class NeverAsked:
    """A rule of another check, which has nothing to judge by."""

    RULE = "naming"

    def find(self, facts: Facts, rulebook: Rulebook, /) -> Finding | None:
        raise AssertionError(facts, rulebook)


@pytest.mark.parametrize("current", [BROKEN, UNREADABLE])
@pytest.mark.parametrize(
    ("proposal", "conclusions"),
    [
        (None, [Conclusion.FAILURE, Conclusion.ACTION_REQUIRED]),
        (Proposal(PATH, "preset: trunc"), [Conclusion.FAILURE, Conclusion.ACTION_REQUIRED]),
        (Proposal(PATH, "preset: trunk"), [Conclusion.SUCCESS, Conclusion.NEUTRAL]),
        (Proposal(PATH, None, removed=True), [Conclusion.NEUTRAL, Conclusion.NEUTRAL]),
    ],
)
def test_one_check_says_what_is_wrong_with_the_rulebook_and_the_others_prove_nothing(
    facts: MakeFacts, current: Reading, proposal: Proposal | None, conclusions: list[Conclusion]
) -> None:
    checks = (BRANCH, Check("other", (NeverAsked(),)))
    verdicts = judge(facts("feat/x", proposal=proposal), current, checks)
    assert [verdict.conclusion for verdict in verdicts] == conclusions
    (other,) = verdicts[1].judged
    assert (other.finding.rule, other.finding.items) == ("rulebook", ())


def test_at_most_twenty_problems_are_listed(facts: MakeFacts) -> None:
    text = "\n".join(f"zz{number}: 1" for number in range(30))
    finding = only(facts("feat/x"), read(text)).judged[0].finding
    assert (len(finding.items), finding.found) == (20, 30)


def test_the_language_is_the_rulebooks() -> None:
    assert language_of(rulebook("language: ko")) is Language.KO
    assert language_of(Invalid(())) is Language.EN


# How findings add up.


@pytest.mark.parametrize(
    ("outcome", "enforcement", "conclusion"),
    [
        (Outcome.PASS, Enforcement.REQUIRED, Conclusion.SUCCESS),
        (Outcome.ADVICE, Enforcement.REQUIRED, Conclusion.NEUTRAL),
        (Outcome.WAIT, Enforcement.REQUIRED, Conclusion.PENDING),
        (Outcome.WAIT, Enforcement.ADVISED, Conclusion.NEUTRAL),
        (Outcome.FAIL, Enforcement.REQUIRED, Conclusion.FAILURE),
        (Outcome.FAIL, Enforcement.ADVISED, Conclusion.NEUTRAL),
        (Outcome.UNKNOWN, Enforcement.REQUIRED, Conclusion.ACTION_REQUIRED),
        (Outcome.UNKNOWN, Enforcement.ADVISED, Conclusion.NEUTRAL),
    ],
)
def test_a_finding_concludes_by_its_enforcement(
    outcome: Outcome, enforcement: Enforcement, conclusion: Conclusion
) -> None:
    assert Judged(Finding("naming", outcome, say("kept")), enforcement).conclusion is conclusion


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_override_lets_pass_whatever_blocks(outcome: Outcome) -> None:
    override = Override("naming", 7, "develop", "mina", "a spike", NOON)
    judged = Judged(Finding("naming", outcome, say("kept")), Enforcement.REQUIRED, override)
    assert judged.conclusion in {Conclusion.SUCCESS, Conclusion.NEUTRAL}


def test_r14_every_check_reports_on_every_pull_request(facts: MakeFacts) -> None:
    verdicts = judge(facts("feat/x"), REQUIRED)
    assert [verdict.title for verdict in verdicts] == [
        "signalbox / branch",
        "signalbox / review",
        "signalbox / release",
        "signalbox / approvals",
    ]
    assert [verdict.conclusion for verdict in verdicts] == [Conclusion.SUCCESS] * 4
    assert verdicts[2].judged == verdicts[3].judged == ()  # they do not apply


def test_the_approvals_wait_for_the_checks_before_them(facts: MakeFacts) -> None:
    reading = rulebook("approvals: {release: {count: 0}}")
    known = ReleaseFacts()
    passing = judge(facts("release-v1.2.0", "main", release=known), reading)
    assert [verdict.conclusion for verdict in passing] == [Conclusion.SUCCESS] * 4
    failing = judge(facts("release-v1.2.0", "feat/x"), reading)
    assert [verdict.conclusion for verdict in failing] == [
        Conclusion.FAILURE,
        Conclusion.SUCCESS,
        Conclusion.SUCCESS,
        Conclusion.FAILURE,
    ]
    (judged,) = failing[3].judged
    assert judged.finding.reason.values["checks"] == ("signalbox / branch",)


def test_a_release_of_which_nothing_was_read_is_not_proved(facts: MakeFacts) -> None:
    verdicts = judge(facts("release-v1.2.0", "main"), REQUIRED)
    assert verdicts[2].conclusion is Conclusion.ACTION_REQUIRED


def test_the_content_of_a_version_matters_as_much_as_versions_says(facts: MakeFacts) -> None:
    tags = (Tag("v1.2.0", Version(1, 2, 0), "b" * 40, in_base=True),)
    known = ReleaseFacts(tags, (Change("c" * 40, "feat: a cart"),))
    for word, conclusion in (("required", Conclusion.FAILURE), ("advised", Conclusion.NEUTRAL)):
        verdicts = judge(
            facts("release-v1.2.1", "main", release=known), rulebook(f"versions: {{content: {word}}}")
        )
        assert verdicts[2].conclusion is conclusion


def test_the_strictest_conclusion_wins() -> None:
    assert strictest([]) is Conclusion.SUCCESS
    assert strictest([Conclusion.NEUTRAL, Conclusion.FAILURE, Conclusion.SUCCESS]) is Conclusion.FAILURE
