"""Version files as they are read in order to be written back."""

from collections.abc import Mapping
from hashlib import sha1
from typing import Any, cast

import pytest
from unit.rules.releases import rulebook

from bot.github.connection import InstallationConnection
from bot.github.versions import read_files

BOOK = rulebook("versions: {files: [{path: pyproject.toml}]}")
TEXT = '\ufeff[project]\r\nauthors = ["Søren"]\r\nversion = "1.0.0"\r\n'


class Answering:
    """A connection that has one answer to everything."""

    def __init__(self, blob: Mapping[str, Any] | None) -> None:
        self._blob = blob

    async def ask(self, _document: str, _variables: Mapping[str, Any]) -> dict[str, Any]:
        return {"repository": {"file0": self._blob}}


def blob(data: bytes, text: str | None, **changes: bool) -> dict[str, Any]:
    """A file as GitHub shows it: its own bytes decide its id, whatever text they are shown as."""
    oid = sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()
    return {"oid": oid, "isBinary": False, "isTruncated": False, "text": text, **changes}


async def read(found: Mapping[str, Any] | None, *, exact: bool) -> str | None:
    connection = cast("InstallationConnection", Answering(found))
    return (await read_files(connection, "R_1", "a" * 40, BOOK, exact=exact))["pyproject.toml"]


@pytest.mark.parametrize("exact", [True, False])
async def test_a_text_is_read_to_the_byte(*, exact: bool) -> None:
    assert await read(blob(TEXT.encode(), TEXT), exact=exact) == TEXT


async def test_a_text_in_another_encoding_is_not_to_be_written_back() -> None:
    shown = blob(TEXT.encode("utf-16"), TEXT)
    assert await read(shown, exact=False) == TEXT
    assert await read(shown, exact=True) is None


@pytest.mark.parametrize(
    "found",
    [None, {}, blob(b"\0", None, isBinary=True), blob(b"x", "x", isTruncated=True)],
    ids=["absent", "folder", "binary", "cut-off"],
)
@pytest.mark.parametrize("exact", [True, False])
async def test_what_is_no_text_is_none(found: Mapping[str, Any] | None, *, exact: bool) -> None:
    assert await read(found, exact=exact) is None
