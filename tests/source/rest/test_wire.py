"""What may come over the wire, and what never goes out: bounded, verified, pinned, without cookies."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import UsageError
from collector.model import Cause
from collector.source.rest.api import Operation
from collector.source.rest.base import Base, StrayError
from collector.source.rest.body import TooLargeError, UndecodableError, read
from collector.source.rest.paging import LinkHeader
from collector.source.rest.proxies import proxy_for
from collector.source.rest.wire import Limits, Wire
from tests.doubles.rest import Given, running_rest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.rest import Asked
    from tests.source.rest.conftest import Forge

ONE = Operation("GET /thing")
LIST = Operation("GET /list", items="", pages=LinkHeader())
OK = Given(200, {"name": "n"})


def test_a_gzip_bomb_is_never_unpacked(forge: Forge) -> None:
    forge.double.route("GET /thing", Given(200, b"[" + b" " * 50_000_000 + b"]", zipped=True))
    got = forge.get(ONE)
    assert got.gap.cause is Cause.TRUNCATED
    assert "larger than 200000 bytes" in got.gap.detail
    assert got.attempts == [1], "it would be as large again"
    assert not got.kept


def test_a_large_answer_is_cut_off_and_a_zipped_one_is_read(forge: Forge) -> None:
    forge.double.route("GET /thing", Given(200, {"name": "x" * 250_000}))
    assert forge.get(ONE).gap.cause is Cause.TRUNCATED
    forge.double.route("GET /thing", Given(200, {"name": "x" * 150_000}, zipped=True))
    assert forge.get(ONE).complete


@given(st.lists(st.binary(max_size=50)), st.integers(1, 200), st.sampled_from(["", "gzip", "identity", "br", "x-gzip"]))
def test_no_body_is_longer_than_allowed(chunks: list[bytes], most: int, encoding: str) -> None:
    try:
        whole = read(chunks, encoding, most)
    except (TooLargeError, UndecodableError):
        return
    assert len(whole) <= most
    assert encoding not in {"", "identity"} or whole == b"".join(chunks)


def test_silence_and_dripping_are_time_outs(forge: Forge) -> None:
    forge.attempts = 1
    forge.real_time = True
    forge.limits = Limits(timeout=0.3, total=0.6)
    forge.double.route("GET /thing", Given(200, {"name": "n"}, seconds=1))
    assert forge.get(ONE).gap.cause is Cause.TIMEOUT
    forge.double.route("GET /thing", Given(200, {"name": "n" * 50}, drip=0.1))
    got = forge.get(ONE)
    assert got.gap.cause is Cause.TIMEOUT
    assert "not whole after" in got.gap.detail


def test_a_host_that_is_not_there_is_unavailable(forge: Forge) -> None:
    with running_rest() as gone:
        forge.double = gone
    got = forge.get(ONE)
    assert got.gap.cause is Cause.UNAVAILABLE
    assert got.attempts == [3]


def test_no_cookie_is_kept(forge: Forge) -> None:
    forge.double.route("GET /thing", Given(200, {"name": "n"}, {"Set-Cookie": "s=1; Path=/"}))
    with forge.source(ONE) as (source, _):
        source.get(ONE.name)
        source.get(ONE.name)
    assert "cookie" not in forge.double.asked[1].headers


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_followed_at_home_alone(forge: Forge, status: int) -> None:
    forge.double.route("GET /renamed", OK)
    forge.double.route("GET /thing", Given(status, {}, {"Location": "/renamed"}))
    assert forge.get(ONE).complete
    with running_rest() as elsewhere:
        elsewhere.route("GET /renamed", OK)
        forge.double.route("GET /thing", Given(status, {}, {"Location": f"{elsewhere.url}/renamed?token=s3cret"}))
        got = forge.get(ONE)
        assert got.gap.cause is Cause.UNAVAILABLE
        assert "redirected elsewhere" in got.gap.detail
        assert "s3cret" not in got.gap.detail
        assert elsewhere.asked == []
    forge.double.route("GET /thing", Given(status, {}, {"Location": "/thing"}))
    got = forge.get(ONE)
    assert got.gap.cause is Cause.UNAVAILABLE
    assert got.attempts == [4]


STRAYS = [
    "https://evil.example/list",
    "//evil.example/list",
    "http://127.0.0.1:1/api/list",
    "{home}@evil.example/api/list",
    "http://user:pass@{host}/api/list",
    "/list",
    "/apis/list",
    "/api/../list",
    "/api/%2e%2e/list",
    "/api/%252e%252e/list",
    "/api/..%5clist",
    "javascript:alert(1)",
    "http://[::bad/",
    "https://{host}/api/list",
]


@pytest.mark.parametrize("stray", STRAYS)
def test_a_next_link_that_leads_away_is_not_followed(forge: Forge, stray: str) -> None:
    forge.prefix = "/api"
    target = stray.format(home=forge.double.url, host=forge.double.url[7:])
    forge.double.route("GET /api/list", Given(200, [{"id": 1}], {"Link": f'<{target}>; rel="next"'}))
    got = forge.list(LIST)
    assert got.ids == [1]
    assert got.gap.cause is Cause.TRUNCATED
    assert "elsewhere" in got.gap.detail
    assert len(forge.double.asked) == 1


@pytest.mark.parametrize(
    "link", ["?page=2", "/api/list?page=2", "list?page=2", "{home}/api/organizations/7/list?page=2"]
)
def test_a_next_link_at_home_is_followed(forge: Forge, link: str) -> None:
    forge.prefix = "/api"

    def second(asked: Asked) -> Given:
        assert asked.query == {"page": "2"}
        return Given(200, [{"id": 2}], {"Link": '</api/list>; rel="prev"'})

    forge.double.route("GET /api/organizations/7/list", second)

    def first(asked: Asked) -> Given:
        if asked.query:
            return second(asked)
        return Given(200, [{"id": 1}], {"Link": f'<{link.format(home=forge.double.url)}>; rel="next"'})

    forge.double.route("GET /api/list", first)
    got = forge.list(LIST)
    assert got.complete, got.recorder.gaps
    assert got.ids == [1, 2]


@given(st.text(max_size=40) | st.text(alphabet="htps:/@.%2e\\?#[]a1", max_size=40))
def test_no_link_whatever_leads_away(link: str) -> None:
    base = Base("https://api.example/v3")
    try:
        url = base.follow(link, base.at("/list", {}))
    except StrayError:
        return
    assert (url.scheme, url.host, url.port) == ("https", "api.example", None)
    assert url.path.startswith("/v3")
    assert not url.userinfo


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example",
        "https://",
        "https://u:p@api.example",
        "https://api.example/?a=1",
        "ftp://api.example",
        "x",
        "http://[::bad",
    ],
)
def test_an_address_that_cannot_be_trusted_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        Base(address)


def test_tls_is_always_verified(forge: Forge, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with running_rest(context) as double:
        double.route("GET /thing", OK)
        forge.double = double
        got = forge.get(ONE)
        assert got.gap.cause is Cause.UNAVAILABLE
        assert "certificate is not trusted" in got.gap.detail
        assert got.attempts == [1]
        assert double.asked == []
        forge.ca_file = str(tmp_path / "ca.pem")
        assert forge.get(ONE).complete
        forge.ca_file, forge.environment = "", {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}
        assert forge.get(ONE).complete
    wrong = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.example").configure_cert(wrong)
    with running_rest(wrong) as double:
        forge.double = double
        assert "certificate is not trusted" in forge.get(ONE).gap.detail
    with pytest.raises(UsageError, match="ca_file"):
        Wire(forge.outside(), ca_file=str(tmp_path / "gone.pem"))


def test_a_proxy_is_used_where_the_environment_names_one(forge: Forge) -> None:
    with running_rest() as proxy:
        proxy.fault(Given(200, {"name": "through the proxy"}))
        forge.environment = {"http_proxy": proxy.url}
        assert forge.get(ONE).answers[0]["name"] == "through the proxy"
        forge.environment = {"http_proxy": proxy.url, "no_proxy": "127.0.0.1"}
        forge.double.route("GET /thing", OK)
        assert forge.get(ONE).answers[0]["name"] == "n"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ({"HTTPS_PROXY": "p:1"}, "http://p:1"),
        ({"https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:1"}, "http://low:1"),
        ({"ALL_PROXY": "http://p:1"}, "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "x, .example"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "i.example"}, "http://p:1"),
    ],
)
def test_which_proxy(environment: dict[str, str], expected: str | None) -> None:
    assert proxy_for("https", "api.example", environment) == expected
