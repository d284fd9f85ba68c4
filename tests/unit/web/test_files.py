"""Files that only their owner may read."""

from pathlib import Path

import pytest

from service.web.files import keep, secret_in


def test_a_file_is_kept_whole_for_its_owner_alone_and_never_over_another(tmp_path: Path) -> None:
    file = tmp_path / "new" / "app.json"
    keep(file, "first")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("first", 0o600)
    with pytest.raises(FileExistsError):
        keep(file, "second")
    assert file.read_text() == "first"
    assert [each.name for each in file.parent.iterdir()] == ["app.json"]


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / "session.key"
    made = secret_in(file)
    assert len(made) >= 32
    assert secret_in(file) == made
    assert file.stat().st_mode & 0o777 == 0o600
    assert secret_in(tmp_path / "other.key") != made
