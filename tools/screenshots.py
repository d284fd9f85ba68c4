"""Take the README's pictures of the control room: play the demo, sign in, and look.

`python tools/screenshots.py [FOLDER]` writes them into a folder, by default docs/.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path += [str(ROOT), str(ROOT / "tests")]  # the tests walk the same demo

from playwright.async_api import ViewportSize  # noqa: E402
from support.demo import played  # noqa: E402

_SIZE: Final[ViewportSize] = {"width": 1280, "height": 800}
# Of each page, its picture, and the theme of whoever looks.
_PICTURES: Final = (
    ("/acme/shop", "control-room.png", "light"),
    ("/acme/shop/pull/1", "why-page.png", "dark"),
)


async def take(folder: Path) -> None:
    """Play the demo and take the pictures into a folder."""
    with TemporaryDirectory(prefix="signalbox-screenshots-") as data:
        async with played(Path(data)) as demo:
            for path, name, theme in _PICTURES:
                async with demo.visit(theme=theme) as visit:
                    await visit.page.set_viewport_size(_SIZE)
                    await visit.sign_in("sora", path)
                    await visit.page.screenshot(path=folder / name)


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs"))
