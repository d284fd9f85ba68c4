"""A process that answers, for tests that kill it: it appends one line a step to a log.

Modes: `store` stores 100 deliveries and then hangs; `hang` never finishes an answer; `work` answers at once.
"""

import asyncio
import os
import signal
import sys

from bot.engine import Engine, Question, Tuning


def _note(log: str, line: str) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(file, f"{line}\n".encode())
    os.close(file)


async def _main(url: str, executor_id: str, log: str, mode: str) -> None:
    tuning = Tuning(settle=0.01, spacing=0.05, poll=0.05, takeover=0.3)
    engine = Engine(url, executor_id=executor_id, tuning=tuning)

    @engine.answers("pull")
    async def answer(question: Question) -> str:
        _note(log, f"begun {question.key} by {executor_id}")
        if mode == "hang":
            await asyncio.Event().wait()
        _note(log, f"answered {question.key} by {executor_id}")
        return "done"

    if mode == "tick":

        @engine.every("tick", 0.4)
        async def tick() -> str:
            _note(log, f"tick by {executor_id}")
            return "done"

    told_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_stop.set)
    await engine.start(work=mode != "store")
    if mode == "store":
        questions = [[Question(f"pull/1/{number}", {"number": number})] for number in range(100)]
        await asyncio.gather(*(engine.deliver(f"guid-{n}", asked) for n, asked in enumerate(questions)))
        assert "dbos" not in sys.modules
        _note(log, "stored")
    _note(log, f"up {executor_id}")
    await told_to_stop.wait()
    await engine.stop(3)
    _note(log, f"stopped {executor_id}")


asyncio.run(_main(*sys.argv[1:]))
