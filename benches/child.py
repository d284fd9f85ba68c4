"""A server in a process of its own: started, watched from outside, and ended by its own pid."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
_KIB_A_MB: Final = 1024
_START_SECONDS: Final = 30
_STOP_SECONDS: Final = 30


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True, slots=True)
class Child:
    """A running server; what it logs is in `log`."""

    process: asyncio.subprocess.Process
    port: int
    log: Path

    @classmethod
    async def start(
        cls, arguments: Sequence[str], environment: Mapping[str, str], port: int, log: Path
    ) -> "Child":
        """Start `python ARGUMENTS`, which is to listen on `port`. Returns at once: see `listening`."""
        with log.open("ab") as file:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *arguments, env=environment, stdin=asyncio.subprocess.DEVNULL,
                stdout=file, stderr=file,
            )  # fmt: skip
        return cls(process, port, log)

    async def listening(self) -> None:
        """Return when it accepts connections. Raises `RuntimeError` with its log when it ends instead."""
        async with asyncio.timeout(_START_SECONDS):
            while True:
                try:
                    _, writer = await asyncio.open_connection(HOST, self.port)
                except ConnectionRefusedError:
                    if self.process.returncode is not None:
                        raise RuntimeError(self.log.read_text("utf-8")) from None
                    await asyncio.sleep(0.005)
                else:
                    writer.close()
                    await writer.wait_closed()
                    return

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal, once, and wait for its end; SIGKILL when it does not end."""
        if self.process.returncode is not None:
            return
        self.process.send_signal(number)
        try:
            await asyncio.wait_for(self.process.wait(), _STOP_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
            raise

    def memory(self) -> float:
        """The resident memory in MB (1,024 KB), as the kernel counts it (`VmRSS`, proc(5))."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        return int(line.split()[1]) / _KIB_A_MB

    def cpu_seconds(self) -> float:
        """The processor time used so far (`utime` and `stime`, proc(5))."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8")
        after_name = stat.rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
