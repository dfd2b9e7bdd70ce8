"""What an Azure container answers when things go wrong, word by word over real HTTP."""

from __future__ import annotations

import base64
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from collector.archive import azure_calls
from collector.archive.azure import AzureStore
from collector.archive.places import Container, Terms
from collector.archive.worm import State
from collector.errors import ArchiveError, UsageError

from .wire import Answer, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEY = {"AZURE_STORAGE_KEY": base64.b64encode(b"loopback-only").decode()}
STORED = Answer(201, headers={"ETag": '"1"', "Last-Modified": "Sun, 01 Nov 2026 00:00:00 GMT"})


def fault(status: int, code: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()} | {"x-ms-error-code": code}
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>so it is\nRequestId:1</Message></Error>"
    return Answer(status, body, named | {"Content-Type": "application/xml"})


def page(*names: str, following: str = "") -> Answer:
    blobs = "".join(
        f"<Blob><Name>{name}</Name><Properties><BlobType>BlockBlob</BlobType></Properties></Blob>" for name in names
    )
    mark = f"<NextMarker>{following}</NextMarker>" if following else "<NextMarker/>"
    body = f"<?xml version='1.0'?><EnumerationResults><Blobs>{blobs}</Blobs>{mark}</EnumerationResults>"
    return Answer(body=body, headers={"Content-Type": "application/xml"})


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        versions = {"x-ms-immutable-storage-with-versioning-enabled": "true", "x-ms-has-immutability-policy": "false"}
        server.always[r"GET /a/c\?restype=container$"] = Answer(headers=versions)
        yield server
        server.over.set()
        server.shutdown()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    naps: list[float] = []
    monkeypatch.setattr("time.sleep", naps.append)
    return naps


def store_at(endpoint: str | None, environment: Mapping[str, str], prefix: str = "x/") -> AzureStore:
    terms = Terms(730, lambda: datetime(2026, 11, 1, tzinfo=UTC), environment)
    return AzureStore(Container("a", "c", prefix, endpoint=endpoint), terms)


@pytest.fixture
def store(wire: Wire, slept: list[float]) -> AzureStore:
    assert slept == []
    return store_at(f"{wire.endpoint}/a", KEY)


def test_a_put_carries_condition_checksum_and_lock(wire: Wire, store: AzureStore) -> None:
    wire.answers = [STORED]
    assert store.put_if_absent("log/1.seg", b"abc")
    ((line, headers, body),) = wire.asked
    assert (line, body) == ("PUT /a/c/x/log/1.seg", b"abc")
    assert headers["if-none-match"] == "*"
    assert headers["content-md5"] == "kAFQmDzST7DWlj99KOF/cg=="
    assert headers["x-ms-immutability-policy-mode"] == "Locked"
    assert headers["x-ms-immutability-policy-until-date"] == "Sun, 31 Dec 2028 00:00:00 GMT"
    assert headers["x-ms-meta-retain_until"] == "2028-12-31T00:00:00+00:00"
    assert headers["x-ms-meta-sha256"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("first", [fault(500, "InternalError"), fault(503, "ServerBusy"), Answer(hangs_up=True)])
def test_a_put_whose_reply_was_lost_says_it_was_there(wire: Wire, store: AzureStore, first: Answer) -> None:
    """It is sent again; the archive compares the bytes and knows them for its own."""
    wire.answers = [first, fault(409, "BlobAlreadyExists")]
    assert not store.put_if_absent("log/1.seg", b"abc")
    assert wire.answers == []


def test_a_name_that_a_lock_holds_is_taken(wire: Wire, store: AzureStore) -> None:
    wire.answers = [fault(409, "BlobImmutableDueToPolicy")]
    assert not store.put_if_absent("log/1.seg", b"abc")


@pytest.mark.parametrize(
    ("answer", "tries", "sentence"),
    [
        (fault(403, "AuthenticationFailed"), 1, "was refused: 403 AuthenticationFailed (so it is); see that the key"),
        (fault(403, "AuthorizationFailure"), 1, "was refused: 403 AuthorizationFailure (so it is); let the identity"),
        (fault(404, "ContainerNotFound"), 1, "was refused: 404 ContainerNotFound (so it is); make the container"),
        (fault(429, "TooManyRequests"), 5, "was refused: 429 TooManyRequests (so it is); wait a little"),
        (fault(500, "InternalError"), 5, "was refused: 500 InternalError (so it is); see that the endpoint"),
        (fault(503, "ServerBusy"), 5, "was refused: 503 ServerBusy (so it is); wait a little"),
        (Answer(hangs_up=True), 5, "failed: ('Connection aborted.'"),
    ],
)
def test_what_goes_wrong_with_a_put_is_explained(
    wire: Wire, store: AzureStore, answer: Answer, tries: int, sentence: str
) -> None:
    wire.answers = [answer] * 5
    with pytest.raises(ArchiveError) as caught:
        store.put_if_absent("log/1.seg", b"abc")
    assert str(caught.value).startswith(f"Put Blob of az://a/c/x/log/1.seg {sentence}")
    assert len(str(caught.value).splitlines()) == 1
    assert len(wire.asked) == tries


def test_a_server_that_asks_for_time_gets_it_up_to_the_deadline(
    wire: Wire, store: AzureStore, slept: list[float]
) -> None:
    wire.answers = [fault(429, "TooManyRequests", Retry_After="7"), STORED]
    assert store.put_if_absent("log/1.seg", b"abc")
    assert slept == [7.0]
    wire.answers = [fault(429, "TooManyRequests", Retry_After="999")]
    with pytest.raises(ArchiveError, match="429"):
        store.put_if_absent("log/2.seg", b"abc")
    assert slept == [7.0]


def test_a_body_that_breaks_off_is_asked_for_again(wire: Wire, store: AzureStore) -> None:
    wire.answers = [Answer(206, "wh", {"Content-Range": "bytes 0-4/5"}, cut=True)] * 40
    with pytest.raises(ArchiveError, match=r"Get Blob of az://a/c/x/log/1\.seg failed"):
        store.get("log/1.seg")
    wire.answers = [
        Answer(206, "wh", {"Content-Range": "bytes 0-4/5"}, cut=True),
        Answer(206, "whole", {"Content-Range": "bytes 0-4/5"}),
    ]
    assert store.get("log/1.seg") == b"whole"


def test_silence_is_a_time_out(wire: Wire, slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azure_calls, "READ_SECONDS", 0.2)
    wire.answers = [Answer(silent=True)] * 5
    with pytest.raises(ArchiveError, match=r"Put Blob of az://a/c/x/log/1\.seg failed: .*Read timed out"):
        store_at(f"{wire.endpoint}/a", KEY).put_if_absent("log/1.seg", b"abc")
    assert len(slept) == 4


@pytest.mark.parametrize(
    "answer",
    [
        Answer(),
        Answer(body="<html>", headers={"Content-Type": "application/xml"}),
        Answer(body="<EnumerationResults><Blobs/></EnumerationResults>", headers={"Content-Type": "application/xml"}),
        page("x/log/1", following="t"),
    ],
)
def test_a_list_without_its_end_is_no_list(wire: Wire, store: AzureStore, answer: Answer) -> None:
    wire.answers = [answer] * 5
    with pytest.raises(ArchiveError, match=r"List Blobs of az://a/c/x(/log/)? (was answered by|failed)"):
        list(store.list("log/"))


def test_a_page_that_fails_once_is_asked_for_again_and_not_left_out(wire: Wire, store: AzureStore) -> None:
    wire.answers = [page("x/log/1", following="t"), fault(503, "ServerBusy"), page("x/log/2")]
    assert list(store.list("log/")) == ["log/1", "log/2"]


def test_nobody_there(slept: list[float]) -> None:
    store = store_at("http://127.0.0.1:9/a", KEY, "")
    with pytest.raises(UsageError, match="List Blobs of az://a/c failed: "):
        store.check_writable()
    assert len(slept) == 4
    lock = store.lock()
    assert (lock.state, len(lock.facts["unread"])) == (State.UNKNOWN, 2)
    survey = store.survey()
    assert (survey.lines, len(survey.unread), survey.ready) == ((), 1, True)


@pytest.mark.parametrize(
    ("endpoint", "environment", "sentence"),
    [
        ("not a url", KEY, "az://a/c/x cannot be used as an archive: not a url is no http"),
        ("http://127.0.0.1:9/a", {}, "az://a/c/x cannot be used as an archive: Token credential is only supported"),
        (
            None,
            {"AZURE_STORAGE_CONNECTION_STRING": "AccountName=other;AccountKey=c2VjcmV0"},
            "AZURE_STORAGE_CONNECTION_STRING holds no key of account a",
        ),
    ],
)
def test_what_cannot_be_used_is_explained(endpoint: str | None, environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        store_at(endpoint, environment).check_writable()
    assert sentence in str(caught.value)
    assert "c2VjcmV0" not in str(caught.value)


def test_without_credentials_the_way_to_some_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError) as caught:
        store_at("https://127.0.0.1:9/a", {}).check_writable()
    assert "sign in with `az login`" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
