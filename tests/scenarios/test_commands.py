"""The commands as people type them, against a running bot and a local GitHub."""

import asyncio
import json
import os
import socket
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from support.world import World, a_world

from bot.cli.demo import play
from bot.cli.stage import Stage
from bot.cli.story import STORY
from bot.localhub import faults


async def typed(
    *words: str, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> tuple[int, str, str]:
    """Type `signalbox …`; return the exit code and what came on each stream."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *words,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), **(environ or {})},
        cwd=cwd,
        stdout=PIPE,
        stderr=PIPE,
    )
    out, error = await process.communicate()
    return process.returncode or 0, out.decode(), error.decode()


async def test_explain_says_what_the_check_says_and_writes_nothing(world: World, tmp_path: Path) -> None:
    await world.begin("feature/login", "develop")
    pull = await world.open("feature/login", "develop")
    before = world.check(pull)
    environ = world.hub.environment(tmp_path / "data")
    code, out, _ = await typed("explain", f"acme/shop#{pull.number}", environ=environ)
    assert code == 1
    assert "git branch -m feature/login feat/login" in out
    assert world.check(pull) == before
    korean = environ | {"LANG": "ko_KR.UTF-8"}
    assert "브랜치" in (await typed("explain", f"acme/shop#{pull.number}", environ=korean))[1]


async def test_explain_refuses_what_is_not_there_clearly(world: World, tmp_path: Path) -> None:
    environ = world.hub.environment(tmp_path / "data")
    names = ("acme/shop", "acme/shop#0", "acme/shop#x", "#1", "acme/nowhere#1", "acme/shop#99")
    for name in names:
        code, out, error = await typed("explain", name, environ=environ)
        assert (code, out) == (2, ""), name
        assert error.startswith("signalbox: "), name
        assert "Traceback" not in error, name


async def test_replay_sends_a_recorded_webhook(world: World, tmp_path: Path) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    opened = next(d for d in world.hub.webhooks.deliveries.values() if d.notice.event == "pull_request")
    recorded = {"event": "pull_request", "guid": "replayed-1", "payload": json.loads(opened.notice.body)}
    file = tmp_path / "delivery.json"
    file.write_text(json.dumps(recorded))
    environ = world.hub.environment(tmp_path / "data")
    answers = [
        await typed("replay", str(file), "--to", str(world.hub.webhooks.url), environ=environ)
        for _ in range(2)
    ]
    assert [code for code, _, _ in answers] == [0, 0]
    assert [out.strip().rpartition(": ")[2] for _, out, _ in answers] == ["202 asked", "202 seen before"]
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"


@pytest.mark.parametrize("content", ["", "[1]", '{"payload": {}}', "nothing"])
async def test_replay_refuses_what_is_no_delivery(world: World, tmp_path: Path, content: str) -> None:
    file = tmp_path / "delivery.json"
    file.write_text(content)
    environ = world.hub.environment(tmp_path / "data")
    code, _, error = await typed("replay", str(file), "--to", str(world.hub.webhooks.url), environ=environ)
    assert code == 2
    assert str(file) in error


async def test_replay_says_when_nobody_answers(world: World, tmp_path: Path) -> None:
    file = tmp_path / "delivery.json"
    file.write_text('{"event": "ping", "payload": {}}')
    environ = world.hub.environment(tmp_path / "data")
    code, _, error = await typed("replay", str(file), "--to", "http://127.0.0.1:9/", environ=environ)
    assert code == 2
    assert "http://127.0.0.1:9/" in error


async def test_jobs_lists_what_is_parked_and_asks_again(impatient: World, tmp_path: Path) -> None:
    world = impatient
    environ = world.hub.environment(tmp_path / "data")
    assert (await typed("jobs", environ=environ))[0] == 0
    world.hub.faults.next("POST", "/graphql", faults.refuse(500), operation="Pull", times=4)
    await world.begin("feat/login", "develop")
    pull = await world.hub.pulls.open(world.shop, head="feat/login", base="develop", by=world.mina)
    await world.settled()
    key = f"pull/{world.shop.database_id}/{pull.number}"
    code, out, _ = await typed("jobs", environ=environ | {"COLUMNS": "200"})
    assert code == 1
    assert key in out
    code, out, _ = await typed("jobs", "retry", key, "pull/0/0", environ=environ)
    assert code == 1
    assert out.splitlines() == [f"{key} is asked again", "pull/0/0 is not parked"]
    async with asyncio.timeout(30):
        while not world.hub.world.runs:  # noqa: ASYNC110 - another process asked, and says nothing
            await asyncio.sleep(0.05)
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"


async def test_a_second_worker_of_the_same_name_is_refused_clearly(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        environ = world.hub.environment(tmp_path / "data") | {"PORT": "0", "HOST": "127.0.0.1"}
        code, _, error = await typed("serve", environ=environ)
    assert code == 2
    assert "SIGNALBOX_EXECUTOR_ID" in error.splitlines()[-1]
    assert "Traceback" not in error


async def test_settings_lists_every_setting_and_masks_secrets(tmp_path: Path) -> None:
    environ = {"GITHUB_WEBHOOK_SECRET": "hush", "COLUMNS": "300", "SIGNALBOX_DATA_DIR": str(tmp_path)}
    code, out, _ = await typed("settings", environ=environ)
    assert code == 0
    assert "GITHUB_WEBHOOK_SECRET" in out
    assert "hush" not in out


@pytest.mark.parametrize(("kept", "code"), [(True, 0), (False, 1)])
async def test_a_demo_that_is_played_once_exits_with_what_came_of_it(
    capsys: pytest.CaptureFixture[str], kept: bool, code: int
) -> None:
    async def act(_: Stage) -> bool:
        return kept

    # The whole story is played in tests/browser, whose pages are about what it leaves.
    short = [STORY[0], replace(STORY[1], act=act)]
    assert await play(0, once=True, story=short) == code
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == f"demo: 2 steps, {1 + kept} as expected"
    assert printed.err == ""


async def test_a_demo_whose_port_is_taken_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, out, error = await typed("demo", "--port", port)
    assert (code, out) == (2, "")
    assert f"port {port} cannot be used" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("words", [(), ("nonsense",), ("serve", "--role", "king"), ("check-rulebook",)])
async def test_wrong_words_are_answered_with_usage(words: tuple[str, ...]) -> None:
    code, _, error = await typed(*words)
    assert code == 2
    assert "usage: signalbox" in error
