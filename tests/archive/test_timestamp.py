from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archive.timestamp import Cause, Token, Unstamped, post, request_bytes, request_token
from collector.archive.timestamp_verify import Authority, verify_token
from collector.errors import UsageError
from tests.doubles.tsa import NOW, openssl, openssl_accepts, running_tsa

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.doubles.tsa import TsaDouble

TEXT = b"example.com/evidence\n2\nZxQb3C3psI4ZxIC61fEjCRgKUtvrclgK7BlLMGBsIk4=\n"
NONCE = 0xDEADBEEF01234567


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TsaDouble]:
    with running_tsa(tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest.fixture
def tsa(double: TsaDouble) -> TsaDouble:
    double.mode = "well"
    double.queries.clear()
    return double


@pytest.fixture
def authority(tsa: TsaDouble) -> Authority:
    return Authority.load(tsa.url, tsa.root.pem, tsa.signer.pem)


def failed(tsa: TsaDouble, authority: Authority, mode: str, seconds: float = 10) -> Unstamped:
    tsa.mode = mode
    answer = request_token(TEXT, authority, nonce=NONCE, timeout=seconds)
    assert isinstance(answer, Unstamped)
    assert answer.url == tsa.url
    return answer


def test_a_token_is_asked_for_checked_and_kept_as_it_came(tsa: TsaDouble, authority: Authority) -> None:
    token = request_token(TEXT, authority, nonce=NONCE, timeout=10)
    assert isinstance(token, Token)
    assert abs((token.time.time - NOW).total_seconds()) < 600
    assert token.time.accuracy.total_seconds() == 1.5
    assert token.time.signer == "CN=Time Authority"
    assert verify_token(token.response, TEXT, authority) == token.time
    assert openssl_accepts(token.response, TEXT, tsa.root)


@pytest.mark.parametrize("nonce", [0, 0x7F, 0x80, 0xFF, 2**63, 2**64 - 1, NONCE])
def test_the_request_says_to_openssl_what_it_should(nonce: int) -> None:
    said = openssl("ts", "-query", "-in", "/dev/stdin", "-text", given=request_bytes(TEXT, nonce)).decode()
    shown = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in said.splitlines())}
    assert shown["Version"] == "1"
    assert shown["Hash Algorithm"] == "sha256"
    assert int(shown["Nonce"], 16) == nonce
    assert shown["Certificate required"] == "yes"


@pytest.mark.parametrize("nonce", [-1, 2**64])
def test_a_nonce_that_is_none_is_refused(nonce: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        request_bytes(TEXT, nonce)


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 2**64 - 1))
def test_a_request_is_the_same_for_the_same_text_and_nonce(text: bytes, nonce: int) -> None:
    request = request_bytes(text, nonce)
    assert len(request) == request[1] + 2
    assert request == request_bytes(text, nonce)


@pytest.mark.parametrize("mode", ["slow", "drip"])
def test_a_slow_authority_ends_at_the_timeout_as_a_failure(tsa: TsaDouble, authority: Authority, mode: str) -> None:
    start = time.monotonic()
    answer = failed(tsa, authority, mode, seconds=0.5)
    assert (answer.cause, answer.detail) == (Cause.UNREACHABLE, "no whole answer within 0.5 s")
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("mode", "cause", "detail"),
    [
        ("500", Cause.REFUSED, "HTTP 500"),
        ("redirect", Cause.REFUSED, "HTTP 307"),
        ("endless", Cause.UNREACHABLE, "longer than 65536 bytes"),
        ("hangs up", Cause.UNREACHABLE, "disconnected"),
        ("garbage", Cause.INVALID, "not DER"),
        ("rejection", Cause.INVALID, "not granted: rejection; .*algorithm is not supported"),
        ("wrong nonce", Cause.INVALID, "the nonce is not the one sent"),
        ("wrong imprint", Cause.INVALID, "it stamps another text"),
        ("no certificate", Cause.INVALID, "carries 0 certificates"),
    ],
)
def test_a_failing_authority_is_a_value_that_says_why(
    tsa: TsaDouble, authority: Authority, mode: str, cause: Cause, detail: str
) -> None:
    with pytest.raises(ValueError, match=detail):
        raise ValueError((answer := failed(tsa, authority, mode)).detail)
    assert answer.cause == cause


def test_a_redirect_is_not_followed(tsa: TsaDouble, authority: Authority) -> None:
    failed(tsa, authority, "redirect")
    assert len(tsa.queries) == 1


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://127.0.0.1:1/", "ConnectError"),
        ("http://name.invalid/", "ConnectError"),
        ("http://[::1/", "cannot be used"),
        ("ftp://127.0.0.1/", "protocol"),
        ("http://xn--\u00e9.example/", ""),
    ],
)
def test_an_authority_that_cannot_be_reached_is_a_failure(authority: Authority, url: str, detail: str) -> None:
    answer = request_token(TEXT, Authority(url, authority.roots), nonce=NONCE, timeout=5)
    assert isinstance(answer, Unstamped)
    assert answer.cause == Cause.UNREACHABLE
    assert detail in answer.detail


def test_a_server_that_cannot_show_who_it_is_is_a_failure(tsa: TsaDouble, authority: Authority) -> None:
    over_tls = Authority(tsa.url.replace("http:", "https:"), authority.roots)
    answer = request_token(TEXT, over_tls, nonce=NONCE, timeout=5, tls=ssl.create_default_context())
    assert isinstance(answer, Unstamped)
    assert answer.cause == Cause.UNREACHABLE


def test_the_environment_chooses_no_proxy(
    tsa: TsaDouble, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert isinstance(request_token(TEXT, authority, nonce=NONCE, timeout=10), Token)
    answer = request_token(TEXT, authority, nonce=NONCE, timeout=10, proxy="http://127.0.0.1:1")
    assert isinstance(answer, Unstamped)
    assert len(tsa.queries) == 1


def test_a_proxy_that_is_given_is_asked(tsa: TsaDouble, authority: Authority) -> None:
    elsewhere = Authority("http://authority.example/tsa", authority.roots)
    assert isinstance(request_token(TEXT, elsewhere, nonce=NONCE, timeout=10, proxy=tsa.url), Token)


def test_a_post_gives_the_answer_as_it_came(tsa: TsaDouble) -> None:
    tsa.mode = "500"
    answer = post(tsa.url, b"", "application/timestamp-query", timeout=10)
    assert answer == (500, "application/timestamp-reply", b"try again later")


def test_certificates_are_explained_when_they_cannot_be_used(tmp_path: Path, tsa: TsaDouble) -> None:
    (tmp_path / "empty.pem").write_text("nothing\n")
    for path, message in (
        (tmp_path / "missing.pem", "No such file"),
        (tmp_path / "empty.pem", "no certificates in PEM form"),
        (tsa.signer.pem, "issued by another, so it is no root"),
    ):
        with pytest.raises(UsageError, match=message):
            Authority.load(tsa.url, path)
    for url in ("https://ada:secret@tsa.example/", "ldap://tsa.example", "tsa.example", ""):
        with pytest.raises(UsageError, match=r"address") as refused:
            Authority.load(url, tsa.root.pem)
        assert "secret" not in str(refused.value)
