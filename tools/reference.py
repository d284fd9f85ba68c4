"""Write the reference parts of the documents from the models: `python tools/reference.py [--check]`."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.message import Message, say
from bot.rules.presets import PRESETS
from bot.rules.rulebook import schema
from bot.settings import Settings
from bot.text import Language, render

DOCS = Path(__file__).parent.parent / "docs"
BEGIN, END = "<!-- reference: written by tools/reference.py -->\n", "<!-- end of reference -->\n"


def reference() -> str:
    """Return the reference: a table for each part of the rulebook, and both presets in full."""
    whole = schema()
    sections = ["## Every key\n", *_tables(whole)]
    for name, preset in PRESETS.items():
        sections.append(f"## The preset `{name}` in full\n\n```yaml\n{_yaml(preset)}```\n")
    return "\n".join(sections)


def settings_reference(language: Language) -> str:
    """Return the table of the settings, in a language."""
    titles = (say("Setting"), say("Default"), say("Meaning"))
    rows = [_row(*(render(title, language) for title in titles)), "|---|---|---|"]
    for field in Settings.model_fields.values():
        default = str(field.default).lower() if isinstance(field.default, bool) else field.default
        shown = f"`{default}`" if isinstance(default, str | int | Path) and default != "" else ""
        rows.append(_row(f"`{field.alias}`", shown, render(Message(str(field.description)), language)))
    return "\n".join(rows) + "\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _tables(whole: Mapping[str, Any]) -> Iterator[str]:
    yield _table("The rulebook", whole, whole)
    for key, field in whole["properties"].items():
        name, part = _part(whole, key, field)
        if part:
            yield _table(f"`{name}`", part, whole)
            for inner, below in part["properties"].items():
                if nested := _part(whole, f"{name}.{inner}", below)[1]:
                    yield _table(f"`{name}.{inner}`", nested, whole)


def _part(whole: Mapping[str, Any], key: str, field: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the part of the schema that stands under a key, with a spelling that shows names and lists."""
    if "additionalProperties" in field:
        key, field = f"{key}.<name>", field["additionalProperties"]["anyOf"][0]
    elif "$ref" in field.get("items", {}):
        key, field = f"{key}[]", field["items"]
    part = whole["$defs"].get(field.get("$ref", "").rpartition("/")[2], {})
    return key, part if "properties" in part else {}


def _table(title: str, part: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    rows = [f"### {title}\n", "| key | value | meaning |", "|---|---|---|"]
    for key, field in part["properties"].items():
        referred = whole["$defs"].get(field.get("$ref", "").rpartition("/")[2], {})
        meaning = field.get("description") or referred["description"]
        default = f" Default: `{_word(field['default'])}`." if field.get("default") not in (None, []) else ""
        rows.append(f"| `{key}` | {_value(field, whole)} | {meaning}{default} |")
    return "\n".join(rows) + "\n"


def _value(field: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    """Say in a word or two what a key takes."""
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_value(option, whole) for option in field["anyOf"]))
    if "$ref" in field:
        return _value(whole["$defs"][field["$ref"].rpartition("/")[2]], whole)
    if "enum" in field:
        return ", ".join(f"`{choice}`" for choice in field["enum"])
    if field.get("type") == "array":
        return f"list of {_value(field['items'], whole)}"
    if field.get("additionalProperties"):
        return "keys by name"
    return {
        "string": "text",
        "boolean": "`true`, `false`",
        "integer": "number",
        "null": "`null`",
        "object": "keys",
    }[field["type"]]


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _yaml(data: Mapping[str, Any]) -> str:
    """Spell a preset as a team would write it."""
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.sort_base_mapping_type_on_output = False
    order = ["preset", *(key for key in data if key != "preset")]
    text = StringIO()
    yaml.dump({key: data[key] for key in order}, text)
    return text.getvalue()


DOCUMENTS: Mapping[Path, Callable[[], str]] = {
    DOCS / "rulebook.md": reference,
    DOCS / "operations.md": lambda: settings_reference(Language.EN),
    DOCS / "ko" / "operations.md": lambda: settings_reference(Language.KO),
}


def with_reference(document: str, written: str) -> str:
    """Return the document with what is written now between its two marks."""
    pattern = re.escape(BEGIN) + ".*" + re.escape(END)
    return re.sub(pattern, lambda _: f"{BEGIN}\n{written}\n{END}", document, flags=re.DOTALL)


def main(arguments: list[str]) -> int:
    """Write the documents, or with `--check` name those that are out of date."""
    stale = 0
    for path, reference_of in DOCUMENTS.items():
        before = path.read_text("utf-8")
        after = with_reference(before, reference_of())
        if arguments != ["--check"]:
            path.write_text(after, "utf-8")
        elif before != after:
            print(f"{path.relative_to(DOCS.parent)} is out of date: run python tools/reference.py")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
