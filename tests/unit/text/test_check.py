from datetime import UTC, datetime

import pytest
from unit.rules.people import NOON

from bot.message import Link, say
from bot.rules.checks import judge
from bot.rules.facts import Actor, Author, Facts, Inline, Override, Pull, Thread
from bot.rules.models import Language
from bot.rules.rulebook import DEFAULT
from bot.rules.verdict import (
    Action,
    Button,
    Conclusion,
    Enforcement,
    Finding,
    Judged,
    Outcome,
    Table,
    Verdict,
)
from bot.text.check import (
    LONGEST_DESCRIPTION,
    LONGEST_LABEL,
    LONGEST_TEXT,
    MOST_ACTIONS,
    check_run,
    fitted,
)
from bot.text.finding import section
from bot.text.overrides import recalled, remembered
from bot.text.report import report

REASON = say("Expected one of {bases} as the base of a branch of the kind {kind}; found {base}.",
             bases=("develop",), kind="feature", base="main")  # fmt: skip


def judged(outcome: Outcome, enforcement: Enforcement = Enforcement.REQUIRED, **more: object) -> Judged:
    return Judged(Finding("base", outcome, REASON, **more), enforcement)  # type: ignore[arg-type]


def verdict(*findings: Judged, number: int = 7) -> Verdict:
    return Verdict("branch", number, findings)


FAILING = judged(
    Outcome.FAIL,
    mend=say("Change the base of the pull request to {base}.", base="develop"),
    commands=("gh pr edit 7 --base develop",),
    items=(say("{commit} {headline}", commit="abc", headline="work"),),
    found=3,
    button=Button(Action.RETARGET, "develop"),
)


def test_a_failing_check_says_what_was_found_and_how_to_mend_it() -> None:
    output = check_run([verdict(FAILING)], Language.EN, "https://signalbox.example.com/acme/shop")
    assert (output.name, output.conclusion) == ("signalbox / branch", Conclusion.FAILURE)
    assert output.title == "Look at: base"
    assert output.details_url == "https://signalbox.example.com/acme/shop/pull/7"
    assert "### ❌ base: to be mended" in output.text
    assert "found `main`." in output.text
    assert "- `abc` `work`\n- and 2 more" in output.text
    assert "```sh\ngh pr edit 7 --base develop\n```" in output.text
    assert "| ❌ | **base** |" in output.summary


@pytest.mark.parametrize("action", [Action.RETARGET, Action.BUMP])
def test_a_button_names_its_pull_request_within_githubs_limits(action: Action) -> None:
    long = judged(Outcome.FAIL, button=Button(action, "d" * 200))
    verdicts = [verdict(long, number=2_000_000_000 + number) for number in range(5)]
    for language in Language:
        actions = check_run(verdicts, language).actions
        assert len(actions) == MOST_ACTIONS
        assert actions[0].identifier == f"{action}:2000000000"
        for shown in actions:
            assert 0 < len(shown.label) <= LONGEST_LABEL
            assert 0 < len(shown.description) <= LONGEST_DESCRIPTION
            assert len(shown.identifier) <= 20


@pytest.mark.parametrize(
    ("finding", "heading"),
    [
        (judged(Outcome.PASS), "### ✅ base: kept"),
        (judged(Outcome.ADVICE), "### 💡 base: advice"),
        (judged(Outcome.UNKNOWN), "### ❔ base: not known"),
        (judged(Outcome.WAIT), "### ⏳ base: waiting"),
        (judged(Outcome.FAIL), "### ❌ base: to be mended"),
        (judged(Outcome.FAIL, Enforcement.ADVISED), "### ⚠️ base: to be mended, blocks nothing"),
    ],
)
def test_every_outcome_has_a_sign_and_a_word(finding: Judged, heading: str) -> None:
    assert check_run([verdict(finding)], Language.EN).text.startswith(heading)


def test_titles_say_how_it_stands() -> None:
    assert check_run([verdict(judged(Outcome.PASS))], Language.EN).title == "All rules are kept"
    nothing = check_run([verdict()], Language.EN)
    assert (nothing.title, nothing.conclusion) == ("Does not apply", Conclusion.SUCCESS)
    assert nothing.summary == "No rule applies here."


def test_a_title_says_the_finding_in_brief_unless_another_is_wanting() -> None:
    brief = judged(Outcome.PASS, brief=say("Becomes {version}", version="1.3.0"))
    passed = check_run([verdict(brief, judged(Outcome.PASS))], Language.EN)
    assert passed.title == "Becomes 1.3.0"
    assert check_run([verdict(brief, FAILING)], Language.EN).title == "Look at: base"


def test_what_follows_the_merge_is_a_line_each() -> None:
    line = say("{tag} goes to {environment} at once, when its image is there.", tag="v1.0.0",
               environment="prod")  # fmt: skip
    told = judged(Outcome.PASS, outlook=(line,))
    assert check_run([verdict(told)], Language.EN).summary.endswith(
        "\n\nOnce it is merged:\n\n- `v1.0.0` goes to `prod` at once, when its image is there."
    )
    assert "병합한 뒤:" in check_run([verdict(told)], Language.KO).summary


def test_pull_requests_that_share_a_head_are_all_told_and_the_strictest_decides() -> None:
    output = check_run([verdict(judged(Outcome.PASS), number=3), verdict(FAILING, number=9)], Language.EN)
    assert output.conclusion is Conclusion.FAILURE
    assert output.summary.startswith(
        "This commit is the head of several pull requests (#9, #3); #9 is judged"
    )
    assert output.text.index("## #9") < output.text.index("## #3")


def test_a_finding_without_a_way_to_mend_it_offers_none() -> None:
    told = judged(Outcome.FAIL, items=(say("kept"),), found=1)
    assert "How to mend it" not in check_run([verdict(told)], Language.EN).text


def test_a_table_shows_every_row_and_quotes_every_name() -> None:
    table = Table(
        (say("Who"), say("Where")),
        (("mi|na", Link("a`b.py:1", "https://github.com/acme/shop/pull/7#r1")), ("eve", say("review"))),
    )
    text = check_run([verdict(judged(Outcome.FAIL, table=table))], Language.EN).text
    assert (
        "| Who | Where |\n|---|---|\n| `mi¦na` | [``a`b.py:1``](https://github.com/acme/shop/pull/7#r1) |"
        in text
    )
    assert "| `eve` | review |" in text


def test_r17_an_address_that_is_none_is_no_link() -> None:
    for url in ("javascript:alert(1)", "https://x.test/) [y](z", "https://x.test/<b>"):
        table = Table((say("Where"),), ((Link("a", url),),))
        assert "| `a` |" in check_run([verdict(judged(Outcome.FAIL, table=table))], Language.EN).text


def test_r15_a_table_longer_than_a_text_says_how_much_it_leaves_out() -> None:
    rows = tuple(("P1", "n" * 200) for _ in range(1_000))
    text = check_run(
        [verdict(judged(Outcome.FAIL, table=Table((say("Level"), say("Who")), rows)))], Language.EN
    ).text
    assert len(text) <= LONGEST_TEXT
    shown = text.count("| `P1` |")
    assert shown > 200
    assert text.endswith(f"and {1_000 - shown} more")


@pytest.mark.parametrize("language", Language)
def test_r15_all_levels_of_350_threads_are_listed(language: Language) -> None:
    def found(count: int) -> str:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        jiho = Author("jiho-reviews-it", Actor.PERSON, "U_jiho")
        url = "https://github.com/acme-industries/shop-backend/pull/1234#discussion_r1234567890"
        threads = tuple(
            Thread(f"src/main/java/com/acme/shop/checkout/payment/Gateway{n:04}.java", 1_000 + n, False,
                   (Inline(f"c{n}", jiho, True, "P2: rename", url, at),))
            for n in range(count)
        )  # fmt: skip
        pull = Pull(7, "feat/x", "a" * 40, "develop", Author("mina", Actor.PERSON, "U_mina"))
        verdicts = judge(Facts("acme/shop", pull, threads=threads), DEFAULT)
        return check_run([one for one in verdicts if one.check == "review"], language).text

    whole, cut = found(350), found(1_000)
    assert len(whole) <= LONGEST_TEXT
    assert all(f"Gateway{n:04}.java:{1_000 + n}`" in whole for n in range(350))
    assert len(cut) <= LONGEST_TEXT
    assert str(1_000 - cut.count("#discussion_r")) in cut.splitlines()[-1]


def test_tables_of_several_pull_requests_share_the_room() -> None:
    rows = tuple(("P1", "n" * 200) for _ in range(1_000))
    finding = judged(Outcome.FAIL, table=Table((say("Level"), say("Who")), rows))
    text = check_run([verdict(finding, number=number) for number in (1, 2, 3)], Language.EN).text
    assert len(text) <= LONGEST_TEXT
    for number in (1, 2, 3):
        assert text.split(f"## #{number}")[1].count("| `P1` |") > 50


def test_a_table_without_room_says_only_how_much_it_leaves_out() -> None:
    rows = tuple(("P1", "n" * 200) for _ in range(10))
    finding = judged(Outcome.FAIL, table=Table((say("Level"), say("Who")), rows))
    assert section(finding, Language.EN, room=10).endswith("|---|---|\n\nand 10 more")


def test_a_short_word_is_the_title_of_a_check_of_one_rule() -> None:
    brief = say("{count} of {wanted} approvals", count=1, wanted=2)
    assert check_run([verdict(judged(Outcome.WAIT, brief=brief))], Language.EN).title == "1 of 2 approvals"


def test_what_is_not_settled_can_be_looked_at_again() -> None:
    (button,) = check_run([verdict(judged(Outcome.WAIT))], Language.EN).actions
    assert button.identifier == "recheck:7"
    assert check_run([verdict(judged(Outcome.PASS))], Language.EN).actions == ()
    assert check_run([verdict(judged(Outcome.FAIL, Enforcement.ADVISED))], Language.EN).actions == ()


OVERRIDE = Override("base", 7, "main", "noor", "a <b> --> `spike`\n@mina", NOON)


def test_an_override_is_shown_and_kept_in_the_check() -> None:
    finding = Judged(Finding("base", Outcome.FAIL, REASON), Enforcement.REQUIRED, OVERRIDE)
    output = check_run([verdict(finding)], Language.EN)
    assert (output.conclusion, output.title) == (Conclusion.NEUTRAL, "Overridden: base")
    assert "### 🔓 base: overridden" in output.text
    assert "`noor` lets it pass: ``a <b> --> `spike`" in output.text
    assert recalled(output.summary) == (OVERRIDE,)


def test_an_override_of_what_is_kept_by_now_is_kept_too_and_not_shown() -> None:
    finding = Judged(Finding("base", Outcome.PASS, REASON), Enforcement.REQUIRED, OVERRIDE)
    output = check_run([verdict(finding)], Language.EN)
    assert (output.conclusion, output.title) == (Conclusion.SUCCESS, "All rules are kept")
    assert "noor" not in output.text
    assert recalled(output.summary) == (OVERRIDE,)


def test_r17_nobody_can_write_an_override_into_a_summary() -> None:
    forged = remembered([OVERRIDE]).strip()
    reason = say("{found}", found=f"x\n{forged}")
    output = check_run(
        [verdict(Judged(Finding("base", Outcome.FAIL, reason), Enforcement.REQUIRED))], Language.EN
    )
    assert recalled(output.summary) == ()


def test_the_check_speaks_korean() -> None:
    output = check_run([verdict(FAILING)], Language.KO)
    assert output.title == "살펴볼 규칙: base"
    assert "고치는 방법" in output.text
    assert "`develop`" in output.text


# R15: 65,535 characters.


def closing(count: int) -> str:
    return f"{count} left out"


def test_text_at_the_limit_is_whole_and_one_more_character_is_not() -> None:
    assert fitted(["a" * 50, "b" * 48], 100, closing) == "a" * 50 + "\n\n" + "b" * 48
    assert fitted(["a" * 50, "b" * 49], 100, closing) == "a" * 50 + "\n\n1 left out"
    assert fitted(["a" * 101], 100, closing) == "1 left out"


def test_many_pull_requests_stay_within_the_limit_and_say_what_is_left_out() -> None:
    long = tuple(say("{commit} {headline}", commit="c", headline="h" * 400) for _ in range(20))
    finding = judged(Outcome.FAIL, items=long, found=400)
    output = check_run([verdict(finding, number=number) for number in range(1, 51)], Language.EN)
    assert len(output.text) <= LONGEST_TEXT
    assert len(output.summary) <= LONGEST_TEXT
    assert "Left out here for length:" in output.text.splitlines()[-1]


def test_one_verdict_always_fits() -> None:
    word = "`" * 300
    reason = say("{a} {b}", a=(word,) * 1_000, b=word)
    items = tuple(say("{a} {b}", a=word, b=word) for _ in range(20))
    finding = Judged(
        Finding("naming", Outcome.FAIL, reason, reason, ("x" * 255,) * 4, items, 99), Enforcement.REQUIRED
    )
    output = check_run([verdict(finding)], Language.KO)
    assert output.text.count("###") == 1
    assert len(output.text) <= LONGEST_TEXT


# The same on a terminal.


def test_a_report_says_the_same_in_plain_text() -> None:
    assert report(verdict(FAILING), Language.EN).splitlines() == [
        "signalbox / branch",
        "",
        "❌ base: to be mended",
        "   Expected one of develop as the base of a branch of the kind feature; found main.",
        "   - abc work",
        "   - and 2 more",
        "   Change the base of the pull request to develop.",
        "     gh pr edit 7 --base develop",
    ]
    table = Table((say("Who"), say("Where")), (("mina", Link("a.py:1", "https://x.test/1")),))
    overridden = Judged(
        Finding("base", Outcome.FAIL, REASON, table=table),
        Enforcement.REQUIRED,
        Override("base", 7, "main", "noor", "a spike", NOON),
    )
    assert report(verdict(overridden), Language.EN).splitlines()[2:] == [
        "🔓 base: overridden",
        "   Expected one of develop as the base of a branch of the kind feature; found main.",
        "   noor lets it pass: a spike",
        "   Who | Where",
        "   mina | a.py:1",
    ]
    assert report(verdict(), Language.EN) == "signalbox / branch\nNo rule applies here."
    assert "base" in report(verdict(judged(Outcome.PASS)), Language.KO)
