"""What a Google bucket answers when things go wrong, word by word over real HTTP."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from collector.archive import gcs_calls
from collector.archive.gcs import GcsStore
from collector.archive.places import GoogleBucket
from collector.archive.worm import State
from collector.errors import ArchiveError, UsageError

from .wire import Answer, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = {"kind": "storage#bucket", "name": "b", "objectRetention": {"mode": "Enabled"}}
LIST = Answer(body='{"kind": "storage#objects"}')
STORED = Answer(body='{"kind": "storage#object", "name": "x/log/1.seg"}')


def fault(status: int, reason: str, **headers: str) -> Answer:
    error = {"code": status, "message": "so it is", "errors": [{"reason": reason}]}
    return Answer(
        status, json.dumps({"error": error}), {name.replace("_", "-"): text for name, text in headers.items()}
    )


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.always[r"GET /storage/v1/b/b\?"] = Answer(body=json.dumps(BUCKET))
        yield server
        server.over.set()
        server.shutdown()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    # Or the library asks about the bucket in a thread of its own, with pauses of its own.
    monkeypatch.setenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    naps: list[float] = []
    monkeypatch.setattr("time.sleep", naps.append)
    return naps


@pytest.fixture
def store(wire: Wire, slept: list[float]) -> GcsStore:
    assert slept == []
    return GcsStore(GoogleBucket("b", "x/", wire.endpoint), 730, lambda: datetime(2026, 11, 1, tzinfo=UTC))


def test_a_put_carries_condition_checksums_and_lock(wire: Wire, store: GcsStore) -> None:
    wire.answers = [STORED]
    assert store.put_if_absent("log/1.seg", b"abc")
    ((line, _, body),) = wire.asked
    assert line.startswith("POST /upload/storage/v1/b/b/o?uploadType=multipart")
    assert "ifGenerationMatch=0" in line
    sent = json.loads(re.findall(rb"\{.*\}", body)[0])
    assert (sent["name"], sent["md5Hash"], sent["crc32c"]) == ("x/log/1.seg", "kAFQmDzST7DWlj99KOF/cg==", "Nks/tw==")
    assert (sent["retention"]["mode"], sent["retention"]["retainUntilTime"]) == (
        "Locked",
        "2028-12-31T00:00:00.000000Z",
    )
    assert sent["metadata"] == {
        "retain-until": "2028-12-31T00:00:00+00:00",
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    }


@pytest.mark.parametrize("first", [fault(500, "internalError"), fault(503, "backendError"), Answer(hangs_up=True)])
def test_a_put_whose_reply_was_lost_says_it_was_there(wire: Wire, store: GcsStore, first: Answer) -> None:
    """It is sent again; the archive compares the bytes and knows them for its own."""
    wire.answers = [first, fault(412, "conditionNotMet")]
    assert not store.put_if_absent("log/1.seg", b"abc")
    assert wire.answers == []


def test_a_name_that_a_lock_holds_is_taken(wire: Wire, store: GcsStore) -> None:
    wire.answers = [fault(403, "retentionPolicyNotMet")]
    assert not store.put_if_absent("log/1.seg", b"abc")


@pytest.mark.parametrize(
    ("answer", "tries", "sentence"),
    [
        (fault(403, "forbidden"), 1, "was refused: 403 (so it is); let the identity of the collector do this"),
        (fault(404, "notFound"), 1, "was refused: 404 (so it is); make the bucket, or correct [archive] path"),
        (fault(429, "rateLimitExceeded"), 5, "was refused: 429 (so it is); wait a little"),
        (fault(500, "internalError"), 5, "was refused: 500 (so it is); see that the endpoint can be reached"),
        (Answer(503, "<html>\nBad gateway"), 5, "was refused: 503 (<html> Bad gateway); see that the endpoint"),
        (Answer(hangs_up=True), 5, "failed: ('Connection aborted.'"),
    ],
)
def test_what_goes_wrong_with_a_put_is_explained(
    wire: Wire, store: GcsStore, answer: Answer, tries: int, sentence: str
) -> None:
    wire.answers = [answer] * 5
    with pytest.raises(ArchiveError) as caught:
        store.put_if_absent("log/1.seg", b"abc")
    assert str(caught.value).startswith(f"Upload of gs://b/x/log/1.seg {sentence}")
    assert len(str(caught.value).splitlines()) == 1
    assert len(wire.asked) == tries


def test_a_server_that_asks_for_time_gets_it_up_to_the_deadline(
    wire: Wire, store: GcsStore, slept: list[float]
) -> None:
    wire.answers = [fault(429, "rateLimitExceeded", Retry_After="7"), STORED]
    assert store.put_if_absent("log/1.seg", b"abc")
    assert slept == [7.0]
    wire.answers = [fault(429, "rateLimitExceeded", Retry_After="999")]
    with pytest.raises(ArchiveError, match="429"):
        store.put_if_absent("log/2.seg", b"abc")
    assert slept == [7.0]


def test_a_body_that_breaks_off_is_asked_for_again(wire: Wire, store: GcsStore) -> None:
    wire.answers = [Answer(body="wh", cut=True), Answer(body="whole")]
    assert store.get("log/1.seg") == b"whole"
    wire.answers = [Answer(body="wh", cut=True)] * 5
    with pytest.raises(ArchiveError, match=r"Download of gs://b/x/log/1\.seg failed"):
        store.get("log/1.seg")


def test_a_body_that_is_not_what_its_checksum_says_is_refused(wire: Wire, store: GcsStore) -> None:
    wire.answers = [Answer(body="whole", headers={"X-Goog-Hash": "crc32c=AAAAAA=="})] * 5
    with pytest.raises(ArchiveError, match=r"Download of gs://b/x/log/1\.seg failed: Checksum mismatch"):
        store.get("log/1.seg")


def test_silence_is_a_time_out(wire: Wire, store: GcsStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gcs_calls.ONCE, "timeout", 0.2)
    wire.answers = [Answer(silent=True)] * 5
    with pytest.raises(ArchiveError, match=r"Download of gs://b/x/log/1\.seg failed: .*Read timed out"):
        store.get("log/1.seg")


@pytest.mark.parametrize("body", ["", "{}", "<html>", "[]", '{"kind": "storage#objects", "nextPageToken": "t"}'])
def test_a_list_without_its_end_is_no_list(wire: Wire, store: GcsStore, body: str) -> None:
    wire.answers = [Answer(body=body)] * 5
    with pytest.raises(ArchiveError, match=r"List of gs://b/x(/log/)? (was answered by|failed)"):
        list(store.list("log/"))


def test_a_page_that_fails_once_is_asked_for_again_and_not_left_out(wire: Wire, store: GcsStore) -> None:
    pages = [
        {"kind": "storage#objects", "items": [{"name": "x/log/1"}], "nextPageToken": "t"},
        {"kind": "storage#objects", "items": [{"name": "x/log/2"}]},
    ]
    first, second = (Answer(body=json.dumps(page)) for page in pages)
    wire.answers = [first, fault(503, "backendError"), second]
    assert list(store.list("log/")) == ["log/1", "log/2"]


def test_an_object_that_is_not_there_is_told_from_a_bucket_that_is_not(wire: Wire, store: GcsStore) -> None:
    wire.answers = [Answer(404, "No such object"), fault(404, "notFound")]
    with pytest.raises(ArchiveError, match="make the bucket"):
        store.get("log/1.seg")
    wire.answers = [Answer(404, "No such object"), LIST]
    assert store.get("log/1.seg") is None


def test_nobody_there(slept: list[float]) -> None:
    store = GcsStore(GoogleBucket("b", "", "http://127.0.0.1:9"), 730, lambda: datetime(2026, 11, 1, tzinfo=UTC))
    with pytest.raises(UsageError, match=re.escape("List of gs://b failed: ")):
        store.check_writable()
    assert len(slept) == 4
    lock = store.lock()
    assert (lock.state, len(lock.facts["unread"])) == (State.UNKNOWN, 2)
    survey = store.survey()
    assert (survey.lines, len(survey.unread), survey.ready) == ((), 1, True)


def test_an_endpoint_that_is_none() -> None:
    with pytest.raises(UsageError, match="gs://b cannot be used as an archive: not a url is no"):
        GcsStore(GoogleBucket("b", "", "not a url"), 730, lambda: datetime(2026, 11, 1, tzinfo=UTC))


def test_without_credentials_the_way_to_some_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GCE_METADATA_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(UsageError, match="no Google credentials were found; run `gcloud auth"):
        GcsStore(GoogleBucket("b", "", None), 730, lambda: datetime(2026, 11, 1, tzinfo=UTC))
