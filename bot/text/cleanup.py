"""What the audit says of an image that goes, or stays."""

from bot.delivery.cleanup import Verdict
from bot.message import say
from bot.rules.models import Language
from bot.text.render import render


def why(verdict: Verdict, branch: str, number: int, language: Language) -> str:
    """Say why, with the branch that the image was built from and what goes with it."""
    said = [say("Built from {branch}, which #{number} merged.", branch=branch, number=number)]
    if verdict.tags:
        said.append(say("Its tags: {tags}.", tags=verdict.tags))
    said.append(verdict.reason)
    if verdict.parts:
        said.append(say("Parts that go with it: {count}.", count=len(verdict.parts)))
    return " ".join(render(each, language) for each in said)


def declined(reason: str, language: Language) -> str:
    """Say that the registry does not let an image go."""
    return render(say("The registry does not delete it: {reason}", reason=reason), language)
