"""Files that only their owner may read, written whole or not at all, and never over another."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def keep(file: Path, text: str) -> None:
    """Write a new file of mode 0600. Raises `FileExistsError` where there is one, `OSError` for the rest."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # of mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(text)
            written.flush()
            os.fsync(descriptor)
        os.link(draft, file)
    finally:
        Path(draft).unlink()


def secret_in(file: Path) -> str:
    """The secret that a file holds; it is made where there is none, once for all processes."""
    with suppress(FileExistsError):
        if not file.exists():
            keep(file, secrets.token_urlsafe(48))
    return file.read_text("utf-8").strip()
