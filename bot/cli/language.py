"""Which language the commands speak: the one of the terminal."""

import os
from collections.abc import Mapping

from bot.message import Message
from bot.text import Language, render


def language(environ: Mapping[str, str] = os.environ) -> Language:
    """Return Korean where the environment asks for it (POSIX: LC_ALL, LC_MESSAGES, LANG), else English."""
    wanted = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return Language.KO if wanted.startswith("ko") else Language.EN


def told(message: Message) -> str:
    """Say a message to whoever sits at the terminal."""
    return render(message, language())
