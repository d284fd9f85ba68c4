"""No document leads nowhere: a relative link names a file of the repository."""

import re
from collections.abc import Collection, Mapping, Sequence
from posixpath import dirname, join, normpath

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def broken(name: str, text: str, files: Collection[str]) -> list[str]:
    """The relative links of a Markdown document that name none of the files."""
    links = (link for link in LINK.findall(text) if "://" not in link and not link.startswith("mailto:"))
    return [f"{name}: {link}" for link in links if normpath(join(dirname(name), link)) not in files]


def test_every_relative_link_leads_somewhere(texts: Mapping[str, str], files: Sequence[str]) -> None:
    documents = {name: text for name, text in texts.items() if name.endswith(".md")}
    assert "CONTRIBUTING.md" in documents
    assert [fault for name, text in documents.items() for fault in broken(name, text, files)] == []


def test_a_broken_link_is_seen() -> None:
    files = {"README.md", "docs/rulebook.md", "docs/flow.svg"}
    assert broken("README.md", "[a](docs/rules.md) [b](docs/rulebook.md#kinds)", files) == [
        "README.md: docs/rules.md"
    ]
    assert (
        broken("docs/rulebook.md", "![flow](flow.svg) [up](../README.md) [away](https://x.test/a)", files)
        == []
    )
