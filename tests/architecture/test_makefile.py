"""Every `make` target is documented, and set-up and verification go through `make`."""

import re
from pathlib import Path

TARGET = re.compile(r"^([a-z][a-z-]*):.*## ", re.MULTILINE)
PHONY = re.compile(r"^\.PHONY: (.*)$", re.MULTILINE)


def undocumented(makefile: str, *documents: str) -> list[str]:
    """The targets of a Makefile that no document shows as `make TARGET`."""
    written = "\n".join(documents)
    return [name for name in TARGET.findall(makefile) if not re.search(rf"\bmake {name}\b", written)]


def test_every_target_is_documented(root: Path) -> None:
    makefile = (root / "Makefile").read_text("utf-8")
    documents = [(root / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md")]
    assert undocumented(makefile, *documents) == []


def test_every_target_says_what_it_does(root: Path) -> None:
    makefile = (root / "Makefile").read_text("utf-8")
    listed = PHONY.search(makefile)
    assert listed is not None
    assert sorted(TARGET.findall(makefile)) == sorted(listed[1].split())


def test_an_undocumented_target_is_seen() -> None:
    makefile = "test: ## Run\nbench: ## Measure\n"
    assert undocumented(makefile, "Type `make test`.") == ["bench"]
    assert undocumented(makefile, "make test", "make bench") == []
