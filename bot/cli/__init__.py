"""The commands of Signalbox; `bot.cli.parser` lists them.

Every command exits 0 when all is well, 1 when what it looked at is not, 2 when it was called wrongly or
could not look at all.
"""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from types import ModuleType

from bot.cli.language import told
from bot.cli.parser import parser
from bot.errors import SignalboxError, TellUser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what went wrong is one line each on standard error."""
    if isinstance(sys.stdout, TextIOWrapper):  # a terminal without ✅ shows something else instead
        sys.stdout.reconfigure(errors="replace")
    arguments = parser().parse_args(argv)
    try:
        code: int = _imported(arguments.module).run(arguments)
    except TellUser as error:
        for message in error.messages:
            sys.stderr.write(f"signalbox: {told(message)}\n")
        return 2
    except (SignalboxError, OSError) as error:
        sys.stderr.write(f"signalbox: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return code


def _imported(module: str) -> ModuleType:
    """Import the one command that was called: `check-branch`, which hooks call, shall not wait for the rest.

    What modules are made of is there to stay; looking for garbage in it meanwhile costs a tenth of the start.
    """
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        gc.enable()
