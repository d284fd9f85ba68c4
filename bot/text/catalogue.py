"""The translations of messages, read from their gettext catalogues when a language is first spoken.

English needs none: the id of a message is the English sentence. `tools/messages.py` keeps the catalogues
in step with the code.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources

from babel.messages.pofile import read_po


@cache
def translations(language: str) -> Mapping[str, str]:
    """Map the ids of messages to their sentences in `language`; empty for a language without a catalogue."""
    path = resources.files("bot.text") / "locale" / language / "LC_MESSAGES" / "signalbox.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}
