"""`image/…`: an image was pushed. It is kept, and its repository asked where it is to go."""

from bot.engine import Question
from bot.jobs.ask import Ask
from bot.jobs.dispatch import ask_about
from bot.webhooks.questions import AboutDelivery, AboutImage
from service.ledger.images import KnownImage
from service.ledger.store import Ledger


class ImageJob:
    """Keeps images; it asks GitHub nothing, so that a burst of them is over soon."""

    def __init__(self, ledger: Ledger, ask: Ask) -> None:
        self._ledger, self._ask = ledger, ask

    async def answer(self, question: Question) -> str:
        """Keep it and ask on; the outcome is "kept", or "nobody builds it"."""
        about = AboutImage.of(question)
        await self._ledger.images.record(
            KnownImage(
                name=about.image.repository,
                tag=about.tag,
                digest=about.digest,
                commit=about.commit,
                pushed_at=about.pushed_at,
                home=about.home or None,
                version=None,
                sources=None,
            )
        )
        homes = await self._ledger.repositories.building(about.image.repository, about.home)
        for known in homes:
            await self._ask(ask_about(AboutDelivery, known.installation, known.repository).question)
        return "kept" if homes else "nobody builds it"
