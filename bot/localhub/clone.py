"""A person's clone: real git, real commits, real pushes to the hub's repositories."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.localhub.git import GitFailed, environment


@dataclass(frozen=True, slots=True)
class Clone:
    """A work tree of one person. `at` (ISO 8601) may fix the time of a commit; else it is now."""

    path: Path
    person: str

    @classmethod
    async def of(cls, origin: Path, path: Path, person: str) -> "Clone":
        """Clone a repository of the hub."""
        path.parent.mkdir(parents=True, exist_ok=True)
        clone = cls(path, person)
        await clone._run("clone", "--quiet", "--template=", str(origin), str(path), folder=path.parent)
        return clone

    async def git(self, *arguments: str, at: str | None = None) -> str:
        """Run git in the work tree and return what it printed. Raises `GitFailed`."""
        return await self._run(*arguments, folder=self.path, at=at)

    async def branch(self, name: str, start: str) -> None:
        """Make a branch from a revision, and stand on it."""
        await self.git("switch", "--quiet", "--no-track", "-c", name, start)

    async def commit(self, message: str, files: Mapping[str, str], *, at: str | None = None) -> str:
        """Write files, commit them on the current branch, and return the commit's id."""
        for name, text in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text, "utf-8")
        await self.git("add", "--all")
        await self.git("commit", "--quiet", "--allow-empty", "-m", message, at=at)
        return (await self.git("rev-parse", "HEAD")).strip()

    async def merge(self, branch: str, *, at: str | None = None) -> None:
        """Merge a branch into the current one with a merge commit, as the button on GitHub does."""
        await self.git("merge", "--quiet", "--no-ff", "--no-edit", branch, at=at)

    async def push(self, *branches: str, options: Sequence[str] = ()) -> None:
        """Push branches to the hub."""
        await self.git("push", "--quiet", *options, "origin", *branches)

    def environment(self, at: str | None = None) -> dict[str, str]:
        """Return the environment in which this person runs git."""
        who = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", self.person), ("EMAIL", f"{self.person}@example.com"))
        }
        when = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at} if at else {}
        return {**environment(), **who, **when}

    async def _run(self, *arguments: str, folder: Path, at: str | None = None) -> str:
        process = await asyncio.create_subprocess_exec(
            "git",
            *arguments,
            cwd=folder,
            env=self.environment(at),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, error = await process.communicate()
        if process.returncode:
            raise GitFailed(f"git {' '.join(arguments)}: {error.decode(errors='replace').strip()}")
        return out.decode(errors="replace")
