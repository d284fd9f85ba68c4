"""`orders/<repository id>/<number>`: somebody commanded something of the repository; it is done.

What is commanded of an open pull request itself is its own job's to answer (`bot.jobs.pull`).
"""

from dataclasses import replace

from bot.delivery.orders import wished
from bot.engine import Question
from bot.errors import GiveUp, TellUser
from bot.github.connection import GitHub, InstallationConnection
from bot.github.orders import Subject, read_subject
from bot.github.people import role
from bot.github.publish import add_comment, reaction, write
from bot.github.releasing import Repository
from bot.github.rulebooks import Rulebooks
from bot.jobs.ask import Ask
from bot.jobs.cut import Cutter
from bot.jobs.dispatch import Place as Deployed
from bot.jobs.environments import EnvironmentOrders
from bot.jobs.recorder import Recorder
from bot.message import say
from bot.releases.orders import Result, in_force, must_be_merged, wanted
from bot.rules.checks import language_of
from bot.rules.commands import OF_ENVIRONMENT, OF_REPOSITORY, Verb, forbidden, line_of, unknown, verb_of
from bot.rules.facts import Order
from bot.text.orders import answer_text
from bot.webhooks.questions import AboutOrders
from service.ledger.audit import Filter
from service.ledger.repository import Repository as Place
from service.ledger.store import Ledger


class OrdersJob:
    """Carries out the orders of the repository that were written on an issue or a pull request."""

    def __init__(
        self, github: GitHub, rulebooks: Rulebooks, ledger: Ledger, recorder: Recorder, ask: Ask
    ) -> None:
        self._github, self._rulebooks, self._ledger = github, rulebooks, ledger
        self._recorder, self._ask = recorder, ask
        self._environments = EnvironmentOrders(ledger, ask)

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply, order by order; the outcome is "answered" or "nothing to answer"."""
        about = AboutOrders.of(question)
        connection = self._github.installation(about.installation)
        subject = await read_subject(connection, self._rulebooks, about.repository, about.number)
        open_orders = _unanswered(subject)
        for order in open_orders:
            await self._answer(connection, about, subject, order)
        return "answered" if open_orders else "nothing to answer"

    async def _answer(
        self, connection: InstallationConnection, about: AboutOrders, subject: Subject, order: Order
    ) -> None:
        if order.id in subject.told:  # by a run that was cut off there
            await write(connection, [reaction(order.id, done=subject.told[order.id])])
            return
        try:
            result, done = await self._done(connection, about, subject, order), True
        except TellUser as trouble:
            result, done = Result(trouble.messages[0]), False
        except GiveUp as trouble:
            result, done = Result(say("GitHub refuses it: {why}", why=str(trouble))), False
        writes = [reaction(order.id, done=done)]
        if result is not None:
            text = answer_text(order, result, language_of(subject.reading), done=done)
            writes.insert(0, add_comment(subject.id, text))
        await write(connection, writes)

    async def _done(
        self, connection: InstallationConnection, about: AboutOrders, subject: Subject, order: Order
    ) -> Result | None:
        """Do it and say what came of it; None where somebody else is going to. Raises TellUser to refuse."""
        verb = verb_of(order.body)
        if verb is None:
            raise TellUser(unknown(order.body))
        if verb not in OF_REPOSITORY:
            raise TellUser(say("{verb} is said on an open pull request.", verb=str(verb)))
        # Asked for now, at the moment of the act: the comment may be old.
        order = replace(order, role=await role(connection, subject.full_name, order.author.login))
        if refusal := forbidden(verb, order):
            raise TellUser(refusal)
        rulebook = in_force(subject.reading)
        if verb in OF_ENVIRONMENT:
            place = Deployed(
                connection, about.installation, Place(about.repository_id, subject.full_name), rulebook
            )
            wish = replace(wished(order.body, rulebook), order=order.id)
            login = order.author.login
            return Result(await self._environments.carry_out(place, wish, login, "comment"))
        if verb is Verb.RETRY:
            must_be_merged(rulebook, subject.pull, merged=subject.is_merged)
            await self._ask(about.release(about.number).question)
            target, result = f"#{about.number}", None
        else:
            repository = Repository.of(connection, about.repository, subject.full_name)
            reserved = await self._ledger.reservations.of(about.repository_id)
            cutter = Cutter(repository, rulebook, {each.version: each.pull for each in reserved})
            target, result = await cutter.cut(wanted(verb, order.body, rulebook), order, about.number)
        await self._note(Place(about.repository_id, subject.full_name), verb, target, order)
        return result

    async def _note(self, place: Place, verb: Verb, subject: str, order: Order) -> None:
        """Keep the act for the audit, once however often a run is cut off after it."""
        actor, action = order.author.login, str(verb)
        same = Filter(place.id, actor, action, subject, since=order.at)
        if not await self._ledger.audit.has(same):
            why = line_of(order.body) or ""
            await self._recorder.act(place, actor, action, subject, why, "comment")


def _unanswered(subject: Subject) -> list[Order]:
    """The orders that are to be answered here."""
    return [
        order
        for order in subject.orders
        if order.accepted is None and (verb_of(order.body) in OF_REPOSITORY or not subject.is_open)
    ]
