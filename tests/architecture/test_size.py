"""Small: modules one can hold in the head, functions one can see whole."""

import ast
from collections.abc import Mapping

MODULE_LINES = 400
FUNCTION_LINES = 45  # without the docstring


def oversized(module: str, tree: ast.Module) -> list[str]:
    """The parts of a module that have grown too long."""
    last = max((node.end_lineno or 0 for node in tree.body), default=0)
    found = [f"{module} has {last} lines"] if last > MODULE_LINES else []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = span(node) - (span(node.body[0]) if ast.get_docstring(node) else 0)
            if lines > FUNCTION_LINES:
                found.append(f"{module}.{node.name} has {lines} lines")
    return found


def span(node: ast.stmt) -> int:
    """How many lines a statement takes, without its decorators."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_nothing_has_grown_too_long(modules: Mapping[str, ast.Module]) -> None:
    assert [fault for name, tree in modules.items() for fault in oversized(name, tree)] == []


def test_a_long_module_is_seen() -> None:
    assert oversized("sample", ast.parse("x = 1\n" * (MODULE_LINES + 1))) == ["sample has 401 lines"]
    assert oversized("sample", ast.parse("x = 1\n" * MODULE_LINES)) == []


def test_a_long_function_is_seen_whatever_its_docstring() -> None:
    body = "    x = 1\n" * (FUNCTION_LINES - 1)
    docstring = '    """One.\n\n    Two.\n    """\n'
    assert oversized("sample", ast.parse(f"def long():\n{docstring}{body}")) == []
    assert oversized("sample", ast.parse(f"async def long():\n{body}    x = 2\n")) == [
        "sample.long has 46 lines"
    ]
