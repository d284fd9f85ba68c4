"""`signalbox next-version [PATH]`: which version HEAD would be released as, and why."""

from argparse import Namespace

from bot.cli.language import told
from bot.cli.past import local
from bot.errors import TellUser
from bot.message import say
from bot.releases.upcoming import upcoming


def run(arguments: Namespace) -> int:
    """Print the version on the first line and the reason below; 1 where there is nothing to release."""
    found = local(arguments.path, arguments.rulebook)
    if found.head is None:
        raise TellUser(say("nothing has been committed yet"))
    answer = upcoming(found.past, found.head, found.branch)
    if answer.version is not None:
        print(answer.version)
    print(told(answer.reason))
    return int(answer.version is None)
