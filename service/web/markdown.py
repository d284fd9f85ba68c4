"""Markdown that others wrote, as HTML that can do nothing but be read."""

from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

from service.web.rendering import harmless

# What stands above the text on its page: its highest headings follow.
_ABOVE: Final = 2
# Of a text, in characters: what reads Markdown may take a time that grows with the square of it.
LONGEST: Final = 20_000


@lru_cache(maxsize=128)
def to_html(text: str) -> Markup:
    """The text: HTML in it is shown as it is written, links lead to the web alone, images are links.

    Of a text that is longer than `LONGEST` it is the lines that fit. Tables are text: a small one can be
    written that is huge to draw.
    """
    tokens = _MARKDOWN.parse(harmless(_bounded(text)))
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) - highest + 1 + _ABOVE)}"
    # Raw HTML is off and every address is checked, so what is rendered is ours.
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704


def _bounded(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return text[: text.rfind("\n", 0, LONGEST) + 1 or LONGEST]


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802
        return url.lower().startswith(("http://", "https://"))


def _link(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    tokens[at].attrSet("rel", "nofollow")
    return renderer.renderToken(tokens, at, options, env)


def _markdown() -> MarkdownIt:
    made = _Markdown("commonmark", {"html": False}).enable("strikethrough").disable("image")
    made.add_render_rule("link_open", _link)
    return made


_MARKDOWN: Final = _markdown()
