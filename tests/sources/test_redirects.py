"""Links through counters and gates lead to the page that they name."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.redirects import is_counted, unwrapped

TARGET = "https://example.org/a?b=1"


def packed(content: str) -> str:
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def inflatable(content: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content.encode())).decode()


MANDRILL = base64.b64encode(
    json.dumps({"s": "x", "v": 1, "p": json.dumps({"u": 1, "v": 1, "url": TARGET})}).encode()
).decode()


@pytest.mark.parametrize(
    "link",
    [
        f"https://substack.com/redirect/2/{packed(json.dumps({'e': TARGET, 'p': 1, 'iss': 'pub-0'}))}.c2lnbmF0dXJl",
        f"https://click.convertkit-mail2.com/abcdef/ghijkl/{packed(TARGET)}",
        "https://tracking.tldrnewsletter.com/CL0/https:%2F%2Fexample.org%2Fa%3Fb=1/1/0100019a/c2ln=412",
        f"https://mandrillapp.com/track/click/3000/example.org?p={MANDRILL}",
        f"https://email.mg1.example.com/c/{inflatable('h=1&i=2&l=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1&r=x')}",
        "https://www.google.com/url?q=https://example.org/a%3Fb%3D1&sa=D",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1&data=05",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1&h=AT0",
        "https://urldefense.com/v3/__https://example.org/a?b=1__;!!abc",
        "https://click.pstmrk.it/3s/example.org%2Fa%3Fb%3D1/abcd/efgh/AQ/x",
        "https://link.zhihu.com/?target=https%3A//example.org/a%3Fb%3D1",
        "https://www.youtube.com/redirect?event=video_description&q=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1",
        "https://track.example.net/click?url=https%3A%2F%2Flink.example.com%2Fgo%3Furl%3Dhttps%253A%252F%252Fexample.org%252Fa%253Fb%253D1",
    ],
)
def test_a_link_that_names_its_target_is_led_there(link: str) -> None:
    """By a parameter, by a part of its path, in Base64, packed, or through several of them."""
    assert unwrapped(link) == TARGET
    assert is_counted(link) or "substack" in link or "urldefense" in link or "pstmrk" in link


@pytest.mark.parametrize(
    "link",
    [
        TARGET,
        "https://web.archive.org/web/2020/http://example.org/old",
        "https://example.org/search?q=https://other.example.org/",
        "https://translate.example.org/translate?u=https://other.example.org/",
        "https://link.mail.beehiiv.com/ss/c/u001.AbCdEfGhIjKlMnOp/4a/xyz/h0/h001.sig",
        "https://substack.com/redirect/0a1b2c3d-0000-4000-8000-000000000000?j=eyJ1IjoiN3cifQ.sig",
        "https://track.example.net/click?url=javascript:alert(1)",
        "https://track.example.net/click?url=http://localhost/",
        "https://click.example.net/" + "A" * 9_000,
        "https://[broken/",
        "",
    ],
)
def test_any_other_link_stays(link: str) -> None:
    """A page that merely has an address in it is itself, and a counter that hides its target cannot be passed."""
    assert unwrapped(link) == link


def test_an_address_in_the_app_is_the_page() -> None:
    """Substack's address for its app names the post."""
    assert unwrapped("https://open.substack.com/pub/almanac/p/issue-7?r=1") == "https://almanac.substack.com/p/issue-7"


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    """Whatever stands in a link, it leads somewhere or stays."""
    assert isinstance(unwrapped(f"https://click.example.org/{text}?url={text}"), str)
    assert isinstance(unwrapped(text), str)


@given(st.binary(max_size=200))
def test_no_packed_bytes_raise(content: bytes) -> None:
    """Whatever is in Base64 or packed, in a link or in another, is looked at without harm."""
    for each in (content, zlib.compress(content)):
        assert isinstance(unwrapped(f"https://click.example.org/c/{base64.urlsafe_b64encode(each).decode()}"), str)
