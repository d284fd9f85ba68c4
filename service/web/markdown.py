"""Markdown that others wrote, as HTML that can do nothing but be read."""

from collections.abc import MutableMapping, Sequence
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

from service.web.rendering import harmless

# What stands above the text on its page: its highest headings follow.
_ABOVE: Final = 2


def to_html(text: str) -> Markup:
    """The text: HTML in it is shown as it is written, links lead to the web alone, images are links."""
    tokens = _MARKDOWN.parse(harmless(text))
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) - highest + 1 + _ABOVE)}"
    # Raw HTML is off and every address is checked, so what is rendered is ours.
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704


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
    made = _Markdown("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    made.add_render_rule("link_open", _link)
    return made


_MARKDOWN: Final = _markdown()
