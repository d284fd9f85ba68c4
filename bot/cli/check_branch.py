"""`signalbox check-branch`: judge a branch of this git checkout, offline."""

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from bot.cli.checkout import check_branch
from bot.cli.language import language, told
from bot.message import say

# What pre-commit tells a hook of its pre-push stage (https://pre-commit.com/#pre-push): what is pushed, and
# the reference that it is pushed to. The pushed branch need not be the current one, nor have one name here
# and there; GitHub will know it by the name there.
_PUSHED: Final = "PRE_COMMIT_LOCAL_BRANCH"
_PUSHED_TO: Final = "PRE_COMMIT_REMOTE_BRANCH"
_BRANCHES: Final = "refs/heads/"


def run(arguments: Namespace) -> int:
    """Print what the check would say; see `bot.cli.checkout.check_branch` for the exit code."""
    branch, revision = arguments.branch, None
    if branch is None and _PUSHED in os.environ:
        revision = os.environ[_PUSHED]
        reference = os.environ.get(_PUSHED_TO, revision)
        if not reference.startswith(_BRANCHES):
            note = say("{reference} is not a branch, so there is nothing to judge.", reference=reference)
            print(told(note))
            return 0
        branch = reference.removeprefix(_BRANCHES)
    text, code = check_branch(Path.cwd(), branch, arguments.base, language(), revision)
    print(text, file=sys.stderr if code > 1 else sys.stdout)
    return code
