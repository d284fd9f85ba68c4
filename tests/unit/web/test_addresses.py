"""Where people are sent back to: a page of this site, and nowhere else."""

import pytest
from aiohttp.test_utils import make_mocked_request

from service.web.addresses import local, page_of


@pytest.mark.parametrize(
    ("method", "path", "referer", "page"),
    [
        ("GET", "/audit?actor=x", "http://localhost/other", "/audit?actor=x"),
        ("POST", "/acme/shop/pull/1/recheck", "http://localhost/acme/shop?x=1", "/acme/shop?x=1"),
        ("POST", "/acme/shop/pull/1/recheck", "http://localhost//evil.example/", "/"),
        ("POST", "/acme/shop/pull/1/recheck", "http://[", "/"),
        ("POST", "/acme/shop/pull/1/recheck", "", "/"),
    ],
)  # fmt: skip
def test_the_page_of_a_request(method: str, path: str, referer: str, page: str) -> None:
    assert page_of(make_mocked_request(method, path, headers={"Referer": referer})) == page


@pytest.mark.parametrize(
    "address", ["//evil.example", "/\\evil.example", "https://evil.example/", "/a\nb", ""]
)
def test_an_address_elsewhere_is_no_address(address: str) -> None:
    assert local(address) == "/"
