"""The durable queue: a question stored here is answered, once at a time a key, whatever dies meanwhile.

    engine = Engine("sqlite:///engine.db", executor_id="signalbox")

    @engine.answers("pull")
    async def answer(question: Question) -> str: ...

    await engine.start()
    await engine.deliver(guid, [Question("pull/1/7", {"head": "…"})])

Our own two tables (`store`) are the record of what is asked and when; DBOS (`worker`) starts, runs and
recovers the runs. Nothing outside this package knows that DBOS exists.
"""

from bot.engine.engine import Answer, Engine
from bot.engine.question import Answered, Counts, Occupied, Parked, Question, Tuning
from bot.engine.retry import Policy

__all__ = ["Answer", "Answered", "Counts", "Engine", "Occupied", "Parked", "Policy", "Question", "Tuning"]
