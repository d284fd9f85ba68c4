"""Other people's Markdown as HTML that is safe to show."""

import re

from markdown_it import MarkdownIt
from markupsafe import Markup

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")

# As GitHub hides it: one that is never closed hides the rest.
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def html(markdown: str) -> Markup:
    """Markdown as HTML. HTML in it is shown and not used, so what comes out is safe."""
    return Markup(_MARKDOWN.render(markdown))  # noqa: S704 (rendered with HTML off)


def comment_html(markdown: str) -> Markup:
    """The same without HTML comments, in which programs leave their marks."""
    return html(_COMMENT.sub("", markdown))
