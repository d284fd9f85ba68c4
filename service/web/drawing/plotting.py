"""What is drawn with of pygal, which leaves nothing behind for those who import after it."""

import sys

import pygal
from pygal.graph.bar import Bar
from pygal.style import Style

__all__ = ["Bar", "Style"]

# Its import hook for the plug-ins of old versions has no `find_spec`: Python warns at every later import.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]
