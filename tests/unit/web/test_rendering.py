"""What fills a sentence is harmless in it."""

from aiohttp.test_utils import make_mocked_request

from service.web.rendering import Rendering, Site


def test_a_plural_takes_more_than_its_number() -> None:
    rendering = Rendering(Site("http://localhost", "https://github.com"))
    ngettext = rendering._shared(make_mocked_request("GET", "/"))["ngettext"]
    assert (
        ngettext("%(num)s of %(name)s", "%(num)s of %(name)s", 2, name="<b>\u202e") == "2 of &lt;b&gt;\ufffd"
    )
