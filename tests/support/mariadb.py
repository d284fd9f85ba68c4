"""A throwaway MariaDB on a free port, which can be restarted and asked."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from support.machine import account, binary, free_port, lacking


class MariaDB:
    """A server with its own data folder; a context manager, which starts and removes it."""

    def __init__(self) -> None:
        install = binary("mariadb-install-db", "bin/mariadb-install-db")
        server, client = binary("mariadbd", "sbin/mariadbd"), binary("mariadb", "bin/mariadb")
        if install is None or server is None or client is None:
            lacking("MariaDB is not installed")
        self._install, self._server, self._client = install, server, client
        self._account, self._port = account("mysql"), free_port()

    @property
    def url(self) -> str:
        """Where it is, without a database name."""
        return f"mysql://root@127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="signalbox-mariadb-"))
        if self._account:
            shutil.chown(self._folder, self._account)
        options = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(
            [self._install, *options, f"--datadir={self._folder}/data"],
            check=True, capture_output=True, user=self._account, cwd=self._folder, env=self._environment(),
        )  # fmt: skip
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        shutil.rmtree(self._folder)

    def restart(self) -> None:
        """Stop it, which ends every connection, and start it again on the same data."""
        self._stop()
        self._start()

    def sql(self, statement: str) -> str:
        """Run a statement as root; what it answered, a line a row, without a header."""
        address = ["--host=127.0.0.1", f"--port={self._port}", "--user=root"]
        command: list[str | Path] = [
            self._client,
            "--no-defaults",
            *address,
            "--batch",
            "--skip-column-names",
            "-e",
            statement,
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def _environment(self) -> dict[str, str]:
        # Ours may name a folder in which the server's account may not write.
        return {**os.environ, "TMPDIR": str(self._folder)}

    def _start(self) -> None:
        options = [
            f"--datadir={self._folder}/data", f"--socket={self._folder}/socket", f"--port={self._port}",
            "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=32M", "--innodb-fast-shutdown=2",
        ]  # fmt: skip
        self._running = subprocess.Popen(
            [self._server, "--no-defaults", *options],
            user=self._account, cwd=self._folder, env=self._environment(), stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while True:
            try:
                self.sql("SELECT 1")
            except subprocess.CalledProcessError:
                assert self._running.poll() is None, "MariaDB did not start"
            else:
                return

    def _stop(self) -> None:
        self._running.terminate()
        self._running.wait()
