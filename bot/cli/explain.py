"""`signalbox explain OWNER/REPO#N`: what the checks of a pull request say and why; nothing is written."""

import asyncio
import re
from argparse import Namespace

from bot import logs, settings
from bot.cli.installed import installed
from bot.cli.language import language, told
from bot.errors import TellUser
from bot.github.finder import Finder
from bot.github.gather import Gatherer
from bot.github.nodes import Target
from bot.github.rulebooks import Rulebooks
from bot.jobs.pull import decide_head
from bot.message import say
from bot.rules.verdict import Conclusion, strictest
from bot.text.report import report
from bot.work import github_of

_NAME = re.compile(r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)#(?P<number>[1-9]\d{0,8})", re.ASCII)


def run(arguments: Namespace) -> int:
    """Print the checks of a pull request; 1 when one of them blocks. Raises `SignalboxError`."""
    named = _NAME.fullmatch(arguments.pull)
    if named is None:
        raise TellUser(say("expected OWNER/REPO#N, as in acme/shop#7; found {pull}", pull=arguments.pull))
    return asyncio.run(_explain(named["owner"], named["name"], int(named["number"])))


async def _explain(owner: str, name: str, number: int) -> int:
    found = settings.read()
    logs.configure("WARNING", found.log_format)
    async with github_of(found, settings.identity(found)) as github:
        connection, repository = await installed(github, owner, name)
        gatherer = Gatherer(github.app_id, Finder(Rulebooks()))
        gathered = await gatherer.pull(connection, Target(repository, number))
    _, verdicts = decide_head(gathered)
    if not verdicts:
        print(told(say("No open pull request has this head, so there is nothing to judge.")))
    print("\n\n".join(report(verdict, language()) for verdict in verdicts))
    worst = strictest(verdict.conclusion for verdict in verdicts)
    return 1 if worst in {Conclusion.FAILURE, Conclusion.ACTION_REQUIRED} else 0
