"""The reference parts of the documents say what the models say."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from bot.rules.rulebook import Rulebook, read

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """The script `tools/reference.py`."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_up_to_date(reference: ModuleType) -> None:
    for path, written in reference.DOCUMENTS.items():
        document = path.read_text("utf-8")
        assert reference.BEGIN in document
        assert reference.with_reference(document, written()) == document


def test_an_old_reference_is_replaced(reference: ModuleType) -> None:
    old = f"before\n{reference.BEGIN}old\n{reference.END}after\n"
    new = reference.with_reference(old, reference.reference())
    assert "old" not in new.split(reference.BEGIN)[1].split("\n")[:2]
    assert new.startswith("before\n")
    assert new.endswith("after\n")
    assert "| `kinds` | keys by name |" in new


@pytest.mark.parametrize("document", ["docs/rulebook.md", "docs/ko/rulebook.md"])
def test_every_example_is_a_valid_rulebook(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    examples = [part.partition("```")[0] for part in text.split("```yaml\n")[1:]]
    assert examples
    for example in examples:
        assert isinstance(read(example), Rulebook), example
