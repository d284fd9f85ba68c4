"""`signalbox db` as a person types it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from service.ledger.schema import HEAD

ROOT = Path(__file__).parents[3]


def db(folder: Path, *arguments: str, at: Path = ROOT, url: str = "") -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": os.environ["PATH"],
        "SIGNALBOX_DATA_DIR": str(folder),
        "SIGNALBOX_DATABASE_URL": url,
    }
    command = (sys.executable, "-m", "bot", "db", *arguments)
    return subprocess.run(command, cwd=at, env=environ, capture_output=True, text=True, check=False)


def test_up_and_down_a_step_at_a_time(tmp_path: Path) -> None:
    assert db(tmp_path / "new", "upgrade", "+2").stdout == "from revision none to 0002\n"
    assert db(tmp_path / "new", "downgrade", "-1").stdout == "from revision 0002 to 0001\n"
    assert db(tmp_path / "new", "upgrade", "0001").stdout == "at revision 0001 already\n"
    current = db(tmp_path / "new", "current")
    assert (current.returncode, current.stdout) == (1, f"revision 0001; expected {HEAD}\n")


def test_a_revision_that_does_not_exist_is_named(tmp_path: Path) -> None:
    done = db(tmp_path, "upgrade", "9999")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "'9999'" in done.stderr


def test_a_database_that_is_away_is_one_line_without_its_password(tmp_path: Path) -> None:
    done = db(tmp_path, "upgrade", url="postgresql://signalbox:hush@127.0.0.1:9/ledger")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "hush" not in done.stderr


def test_the_next_revision_is_written_from_what_changed_in_the_models(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for package in ("bot", "service"):
        shutil.copytree(ROOT / package, copy / package)
    models = copy / "service" / "ledger" / "models.py"
    models.write_text(
        models.read_text("utf-8").replace(
            "    origin: Mapped[str]\n", "    origin: Mapped[str]\n    moved_at: Mapped[datetime | None]\n"
        ),
        "utf-8",
    )
    refused = db(tmp_path, "revision", "a move", at=copy)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    db(tmp_path, "upgrade", at=copy)
    written = Path(db(tmp_path, "revision", "a move", at=copy).stdout.strip())
    number = f"{int(HEAD) + 1:04}"
    assert written == copy / "service" / "ledger" / "migrations" / "versions" / f"{number}_a_move.py"
    assert 'sa.Column("moved_at", Moment' in written.read_text("utf-8").replace("'", '"')
    assert db(tmp_path, "upgrade", at=copy).stdout == f"from revision {HEAD} to {number}\n"
    assert db(tmp_path, "downgrade", "-1", at=copy).stdout == f"from revision {number} to {HEAD}\n"
