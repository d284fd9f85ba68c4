"""`signalbox check-rulebook PATH`: check a rulebook file."""

import sys
from argparse import Namespace

from bot.cli.language import language
from bot.cli.rulebook import check_rulebook


def run(arguments: Namespace) -> int:
    """Print what is wrong, line by line; see `bot.cli.rulebook.check_rulebook` for the exit code."""
    text, code = check_rulebook(arguments.path, language())
    print(text, file=sys.stderr if code > 1 else sys.stdout)
    return code
