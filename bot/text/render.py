"""Say a message in a language and a markup."""

import re
from enum import StrEnum

from bot.message import Link, Mention, Message, Value
from bot.rules.models import Language
from bot.text.catalogue import translations
from bot.text.escape import code_span, plain, shortened

_FIELD = re.compile(r"\{(\w+)\}")
_LOGIN = re.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
# An address that cannot leave the parentheses of a Markdown link.
_ADDRESS = re.compile(r"https?://[^\s()<>|\\]+")
_LONGEST_VALUE = 255  # characters: what a branch may be called; more would only push out what matters
_MOST_VALUES = 20


class Markup(StrEnum):
    """Where the text will be read."""

    PLAIN = "plain"  # a terminal, a title
    MARKDOWN = "markdown"  # a check run, a comment


def render(message: Message, language: Language, markup: Markup = Markup.PLAIN) -> str:
    """Return the message as one line of text; a value stays on it whatever it holds.

    Raises KeyError where the message lacks a value for one of its fields.
    """
    template = translations(language).get(message.id, message.id)
    return _FIELD.sub(lambda field: value(message.values[field[1]], language, markup), template)


def value(given: Value, language: Language, markup: Markup) -> str:
    """Return one value as it stands in a message: names quoted, messages said."""
    match given:
        case Message():
            return render(given, language, markup)
        case tuple():
            shown = [value(each, language, markup) for each in given[:_MOST_VALUES]]
            return ", ".join([*shown, "…"] if len(given) > _MOST_VALUES else shown)
        case int():
            return str(given)
        case Link():
            return _link(given, language, markup)
        case Mention(login):
            heard = markup is Markup.MARKDOWN and _LOGIN.fullmatch(login)
            return f"@{login}" if heard else value(login, language, markup)
        case _:
            text = shortened(given, _LONGEST_VALUE)
            return code_span(text) if markup is Markup.MARKDOWN else plain(text)


def _link(link: Link, language: Language, markup: Markup) -> str:
    text = value(link.text, language, markup)
    usable = markup is Markup.MARKDOWN and _ADDRESS.fullmatch(link.url)
    return f"[{text}]({link.url})" if usable else text
