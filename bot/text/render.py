"""Say a message in a language and a markup."""

import re
from enum import StrEnum

from bot.message import Message, Value
from bot.rules.models import Language
from bot.text.catalogue import translations
from bot.text.escape import code_span, plain, shortened

_FIELD = re.compile(r"\{(\w+)\}")
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
    return _FIELD.sub(lambda field: _value(message.values[field[1]], language, markup), template)


def _value(value: Value, language: Language, markup: Markup) -> str:
    match value:
        case Message():
            return render(value, language, markup)
        case tuple():
            shown = [_value(each, language, markup) for each in value[:_MOST_VALUES]]
            return ", ".join([*shown, "…"] if len(value) > _MOST_VALUES else shown)
        case int():
            return str(value)
        case _:
            text = shortened(value, _LONGEST_VALUE)
            return code_span(text) if markup is Markup.MARKDOWN else plain(text)
