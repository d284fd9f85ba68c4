"""The translations are whole, and the tool that says so is right about it."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog

from bot.text.catalogue import translations

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    """The script `tools/messages.py`."""
    spec = importlib.util.spec_from_file_location("messages", ROOT / "tools" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_message_is_translated(messages: ModuleType) -> None:
    for part in messages.PARTS:
        stored = messages.stored("ko", messages.path("ko", part).read_bytes())
        assert list(messages.problems(messages.extracted(part), stored)) == []


def test_a_template_with_fields_holds_no_markdown_that_a_value_could_meet(messages: ModuleType) -> None:
    for message in messages.extracted():
        if message.id and "{" in message.id:
            for text in (message.id, translations("ko").get(message.id, "")):
                assert not re.search(r"[`<>\[\]|]", text), text


def template() -> Catalog:
    made = Catalog()
    for message in ("all right", "missing", "uncertain", "with {field}"):
        made.add(message)
    return made


def test_each_kind_of_wrong_translation_is_told(messages: ModuleType) -> None:
    catalogue = Catalog(locale="ko")
    catalogue.add("all right", "좋습니다")
    catalogue.add("missing", "")
    catalogue.add("uncertain", "글쎄요", flags=["fuzzy"])
    catalogue.add("with {field}", "{feld} 포함")
    catalogue.add("nobody says this", "아무도")
    assert list(messages.problems(template(), catalogue)) == [
        "missing: missing",
        "fuzzy: uncertain",
        "other fields: with {field}",
        "left over: nobody says this",
    ]


def test_an_update_keeps_what_is_translated_and_drops_what_is_gone(messages: ModuleType) -> None:
    catalogue = Catalog(locale="ko")
    catalogue.add("all right", "좋습니다")
    catalogue.add("nobody says this", "아무도")
    written = messages.updated(template(), catalogue, "ko")
    again = messages.stored("ko", written)
    assert again.get("all right").string == "좋습니다"
    assert list(messages.problems(template(), again)) == [
        "missing: missing",
        "missing: uncertain",
        "missing: with {field}",
    ]
    assert messages.updated(template(), again, "ko") == written


def test_extraction_finds_what_is_said(messages: ModuleType, tmp_path: Path) -> None:
    for package in ("bot", "service"):
        (tmp_path / package).mkdir()
    (tmp_path / "bot" / "module.py").write_text(
        'say("one {field}", field=1)\nsay(\n    "two "\n    "parts"\n)\n'
    )
    assert {message.id for message in messages.extracted(messages.BOT, tmp_path) if message.id} == {
        "one {field}",
        "two parts",
    }


def test_english_needs_no_catalogue() -> None:
    assert translations("en") == {}


def test_no_korean_particle_follows_a_sound_that_it_cannot_follow(messages: ModuleType) -> None:
    # A syllable ends in a consonant unless its number is a multiple of 28 (Unicode, "Hangul Syllables").
    particles = "[가-힣]를|(?:수준|규칙집)[가는와]"
    for part in messages.PARTS:
        stored = messages.stored("ko", messages.path("ko", part).read_bytes())
        for text in (str(message.string) for message in stored if message.id):
            assert "GitHub이" not in text
            for found in re.findall(particles, text):
                assert (ord(found[-2]) - ord("가")) % 28 == 0, text
