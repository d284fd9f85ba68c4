"""What fills a sentence is harmless in it."""

import pytest
from aiohttp.test_utils import make_mocked_request

from service.web.rendering import Rendering, Site, image


def test_a_plural_takes_more_than_its_number() -> None:
    rendering = Rendering(Site("http://localhost", "https://github.com"))
    ngettext = rendering._shared(make_mocked_request("GET", "/"))["ngettext"]
    assert (
        ngettext("%(num)s of %(name)s", "%(num)s of %(name)s", 2, name="<b>\u202e") == "2 of &lt;b&gt;\ufffd"
    )


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("registry.example.com:5000/acme/shop:v1.2.0@sha256:" + "ab" * 32, "shop:v1.2.0"),
        ("registry.example.com:5000/acme/shop@sha256:" + "ab" * 32, "shop@sha256:abababababab"),
        ("shop:1", "shop:1"),
    ],
)
def test_an_image_is_shown_in_a_few_words(reference: str, shown: str) -> None:
    assert image(reference) == shown
