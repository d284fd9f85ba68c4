"""Other people's Markdown as HTML that is safe to show."""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

# As GitHub hides it: one that is never closed hides the rest.
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def _shown(_self: object, tokens: Sequence[Token], index: int, *_: Any) -> str:
    """HTML as text; its comments, in which programs leave their marks, are hidden."""
    return str(escape(_COMMENT.sub("", tokens[index].content)))


_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
for _kind in ("html_block", "html_inline"):
    _MARKDOWN.add_render_rule(_kind, _shown)


def html(markdown: str) -> Markup:
    """Markdown as HTML. HTML in it is shown and not used, so what comes out is safe."""
    return Markup(_MARKDOWN.render(markdown))  # noqa: S704 (HTML in it is rendered as text)
