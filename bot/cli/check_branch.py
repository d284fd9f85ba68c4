"""`signalbox check-branch`: judge a branch of this git checkout, offline."""

import sys
from argparse import Namespace
from pathlib import Path

from bot.cli.checkout import check_branch
from bot.cli.language import language


def run(arguments: Namespace) -> int:
    """Print what the check would say; see `bot.cli.checkout.check_branch` for the exit code."""
    text, code = check_branch(Path.cwd(), arguments.branch, arguments.base, language())
    print(text, file=sys.stderr if code > 1 else sys.stdout)
    return code
