"""Group commit: what waits together is stored together."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.engine.intake import Intake
from bot.engine.store import Delivery


class Disk:
    """A commit that can be held back and can fail."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.begun = asyncio.Event()
        self.free = asyncio.Event()
        self.free.set()
        self.error: Exception | None = None

    async def commit(self, batch: Sequence[Delivery]) -> set[str]:
        self.batches.append([delivery.guid for delivery in batch])
        self.begun.set()
        await self.free.wait()
        if self.error:
            raise self.error
        return {delivery.guid for delivery in batch}


async def test_what_arrives_during_a_commit_is_one_batch() -> None:
    disk = Disk()
    intake = Intake(disk.commit)
    disk.free.clear()
    first = asyncio.create_task(intake.put(Delivery("0", {})))
    await disk.begun.wait()
    rest = [asyncio.create_task(intake.put(Delivery(str(n), {}))) for n in range(1, 9)]
    await asyncio.sleep(0)
    disk.free.set()
    assert await asyncio.gather(first, *rest) == [True] * 9
    assert disk.batches == [["0"], [str(n) for n in range(1, 9)]]
    assert intake.crowded
    await intake.drain()


async def test_a_failed_commit_fails_its_batch_and_not_the_next() -> None:
    disk = Disk()
    intake = Intake(disk.commit)
    disk.error = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        await intake.put(Delivery("0", {}))
    disk.error = None
    assert await intake.put(Delivery("0", {})) is True
    assert not intake.crowded


async def test_a_caller_that_leaves_takes_no_one_along() -> None:
    disk = Disk()
    intake = Intake(disk.commit)
    disk.free.clear()
    gone, stays = (asyncio.create_task(intake.put(Delivery(guid, {}))) for guid in ("0", "1"))
    await asyncio.sleep(0)
    gone.cancel()
    disk.free.set()
    assert await stays is True
    await intake.drain()


async def test_what_a_cancelled_flush_did_not_store_is_not_acknowledged() -> None:
    disk = Disk()
    intake = Intake(disk.commit)
    disk.free.clear()
    waits = asyncio.create_task(intake.put(Delivery("0", {})))
    await disk.begun.wait()
    (flush,) = asyncio.all_tasks() - {waits, asyncio.current_task()}
    flush.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waits


async def test_of_one_guid_several_times_at_once_one_is_new() -> None:
    disk = Disk()
    intake = Intake(disk.commit)
    assert await asyncio.gather(*(intake.put(Delivery("0", {})) for _ in range(3))) == [True, False, False]
    assert disk.batches == [["0"]]
