"""What people read: messages in English and Korean, as plain text or Markdown, with every value quoted."""

from bot.rules.models import Language
from bot.text.render import Markup, render

__all__ = ["Language", "Markup", "render"]
