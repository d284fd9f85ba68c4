"""Keep the Korean catalogues in step with the code: add what is new, drop what is gone, say what is wrong.

`python tools/messages.py` updates them; `--check` writes nothing. Wrong is what is missing, fuzzy, left over,
or has other fields than the English.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LANGUAGES = ("ko",)


@dataclass(frozen=True)
class Part:
    """A part of Signalbox with translations of its own: where its messages are, and where they are kept.

    `methods` are what Babel reads which files with, `keywords` the calls that hold a message.
    """

    packages: tuple[str, ...]
    home: Path
    methods: tuple[tuple[str, str], ...]
    keywords: Mapping[str, tuple[int, ...] | None]


BOT = Part(("bot", "service", "tools"), Path("bot/text/locale"), (("**.py", "python"),), {"say": None})
ROOM = Part(
    ("service/web",),
    Path("service/web/locale"),
    (("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")),
    {"_": None, "gettext": None, "ngettext": (1, 2)},
)
PARTS = (BOT, ROOM)


def extracted(part: Part = BOT, root: Path = ROOT) -> Catalog:
    """Collect the messages of a part."""
    catalogue = Catalog(project="Signalbox", charset="utf-8")
    for package in part.packages:
        found = extract_from_dir(root / package, method_map=part.methods, keywords=part.keywords)
        for file, _line, message, _comments, _context in found:
            catalogue.add(message, locations=[(f"{package}/{file}", 0)])
    return catalogue


def path(language: str, part: Part = BOT, root: Path = ROOT) -> Path:
    """Where the catalogue of a language is."""
    return root / part.home / language / "LC_MESSAGES" / "signalbox.po"


def stored(language: str, text: bytes) -> Catalog:
    """Read a catalogue."""
    return read_po(BytesIO(text), locale=language)


def problems(template: Catalog, catalogue: Catalog) -> Iterator[str]:
    """Say everything that is wrong with the translations of `template` in `catalogue`."""
    for message in template:
        if not message.id:
            continue
        found = catalogue.get(message.id)
        if found is None or not all(sentences(found.string)):
            yield f"missing: {message.id}"
        elif found.fuzzy:
            yield f"fuzzy: {message.id}"
        elif fields(message.id) != fields(found.string):
            yield f"other fields: {message.id}"
    for message in catalogue:
        if message.id and message.id not in template:
            yield f"left over: {message.id}"
    yield from (f"left over: {old}" for old in catalogue.obsolete)


def sentences(text: Any) -> tuple[str, ...]:
    """The sentences of a message: one, or as many as there are forms for numbers."""
    return text if isinstance(text, tuple) else (text,)


def fields(text: Any) -> set[str]:
    """The fields of a message, `{name}` or `%(name)s`, in whichever form for a number."""
    return {found for sentence in sentences(text) for found in re.findall(r"\{\w+\}|%\(\w+\)s", sentence)}


def updated(template: Catalog, catalogue: Catalog, language: str) -> bytes:
    """Return the catalogue with the messages of `template` and the translations it has for them."""
    whole = Catalog(locale=language, project="Signalbox", fuzzy=False, charset="utf-8")
    for message in sorted((message for message in template if message.id), key=lambda each: str(each.id)):
        found = catalogue.get(message.id)
        whole.add(message.id, found.string if found else "", locations=message.locations)
    written = BytesIO()
    write_po(written, whole, omit_header=True, include_lineno=False, width=110)
    return HEADER.encode() + written.getvalue()


HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0\\n"

"""


def main(arguments: list[str]) -> int:
    """Update the catalogues, or check them; 1 where something is wrong."""
    wrong = 0
    for part in PARTS:
        template = extracted(part)
        for language in LANGUAGES:
            file = path(language, part)
            before = file.read_bytes() if file.exists() else HEADER.encode()
            if arguments != ["--check"]:
                file.parent.mkdir(parents=True, exist_ok=True)
                before = updated(template, stored(language, before), language)
                file.write_bytes(before)
            for problem in problems(template, stored(language, before)):
                print(f"{part.home} {language}: {problem}")
                wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
