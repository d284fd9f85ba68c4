"""A real git repository that a test writes the history of, a command at a time."""

import os
import subprocess
from pathlib import Path

START = 1_700_000_000  # seconds since 1970: the first commit; each next one comes a minute later


class Repository:
    """A git repository with a work tree and a clock of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = START
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        """Run git here and return what it printed."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        moment = f"{self.clock} +0000"
        environment = {
            **clean,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.com",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.com",
            "GIT_AUTHOR_DATE": moment,
            "GIT_COMMITTER_DATE": moment,
        }
        command = ["git", *arguments]
        output = subprocess.check_output(command, cwd=self.root, env=environment, stderr=subprocess.PIPE)
        return output.decode().strip()

    def commit(self, name: str, branch: str | None = None) -> str:
        """Commit a file of that name on the branch (by default the current one); return the oid."""
        if branch:
            self.switch(branch)
        self.clock += 60
        (self.root / name.replace("/", "-")).write_text(name)
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", name)
        return self.git("rev-parse", "HEAD")

    def switch(self, branch: str) -> None:
        self.git("switch", "--quiet", branch)

    def branch(self, name: str, start: str) -> None:
        """Create a branch at `start` and check it out."""
        self.git("switch", "--quiet", "-c", name, start)

    def merge(self, source: str, into: str) -> str:
        """Merge with a merge commit, as GitHub's button does."""
        self.switch(into)
        self.clock += 60
        self.git("merge", "--quiet", "--no-ff", "-m", f"Merge {source} into {into}", source)
        return self.git("rev-parse", "HEAD")

    def squash(self, source: str, into: str) -> None:
        """Merge as one new commit."""
        self.switch(into)
        self.clock += 60
        self.git("merge", "--quiet", "--squash", source)
        self.git("commit", "--quiet", "-m", f"Squash {source}")

    def rebase(self, branch: str, onto: str) -> None:
        self.clock += 60
        self.git("rebase", "--quiet", onto, branch)

    def rebase_merge(self, source: str, into: str) -> None:
        """Merge by replaying the commits onto the base, as GitHub's third button does."""
        self.git("switch", "--quiet", "--detach", source)
        self.clock += 60
        self.git("rebase", "--quiet", "--force-rebase", into)
        self.git("branch", "--quiet", "--force", into, "HEAD")
        self.switch(into)
