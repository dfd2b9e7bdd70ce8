"""Signing with keys in a KMS: ministack's Ed25519 keys and a double of Google's service, over real HTTP."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from collector.archive.archive import Archive
from collector.archive.keyring import COLLECTOR, LOG, ROLES
from collector.archive.keys import Keys
from collector.archive.kms import KmsSigner, service_at
from collector.archive.local import LocalStore
from collector.archive.notes import VerifierKey, open_note
from collector.errors import ArchiveError, UsageError
from tests.doubles.aws.ministack import running_ministack
from tests.doubles.google_kms import FOR_EVER, RING, running_google_kms
from tests.doubles.tsa import serving

from .conftest import AT, ORIGIN, Judge, Place, commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.doubles.aws.ministack import MinistackDouble
    from tests.doubles.google_kms import GoogleKmsDouble

REGION = "eu-central-1"
ED25519 = {"KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"}


@pytest.fixture(scope="module")
def ministack() -> Iterator[MinistackDouble]:
    with running_ministack() as double:
        yield double


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two tries nobody waits; how often is tried is what the tests are about."""
    monkeypatch.setattr("collector.archive.kms_google._PAUSE_SECONDS", 0)


@pytest.fixture
def aws(ministack: MinistackDouble, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in ministack.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    return boto3.session.Session().client("kms", region_name=REGION, endpoint_url=ministack.endpoint)


@pytest.fixture
def google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleKmsDouble]:
    with running_google_kms() as double:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(double.account(tmp_path / "account.json")))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield double


def aws_key(aws: Any, **given: str) -> str:
    """A new key in ministack; the place the collector calls it by."""
    arn = aws.create_key(**(given or ED25519))["KeyMetadata"]["Arn"]
    return f"aws-kms:{arn}?endpoint={aws.meta.endpoint_url}"


@pytest.fixture(params=["aws", "google"])
def new_key(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Makes Ed25519 keys in one service or the other."""
    service = request.getfixturevalue(request.param)
    if request.param == "google":
        return lambda: service.key(f"k{len(service.keys)}")
    return lambda: aws_key(service)


def signer_at(place: str) -> KmsSigner:
    return KmsSigner(place, VerifierKey("example.com/kms", service_at(place).public_key()))


def test_its_notes_are_those_of_any_other_signer(new_key: Callable[[], str]) -> None:
    signer = signer_at(new_key())
    note = signer.sign("text\nof a note\n")
    assert open_note(note, signer.verifier_key) == "text\nof a note\n"
    assert signer.sign("text\nof a note\n") == note
    with pytest.raises(ValueError, match="ends in a newline"):
        signer.sign("no newline")


def test_an_archive_whose_keys_never_left_the_kms(new_key: Callable[[], str], tmp_path: Path) -> None:
    places = {LOG: new_key(), COLLECTOR: new_key()}
    keys = Keys.create(tmp_path / "keys", ORIGIN, log=places[LOG], collector=places[COLLECTOR])
    for role in ROLES:
        file = keys.directory / f"{role}.key"
        assert file.read_text() == f"{places[role]}\n{keys.signer(role).verifier_key}\n"
        assert file.stat().st_mode & 0o777 == 0o600
    place = Place(tmp_path, keys, Judge(LocalStore(tmp_path / "evidence")))
    commit(Archive.create(place.judge, keys, AT), "r1", "a")
    Keys.load(keys.directory).check()
    assert place.verify(keys.pin()).faults == []


def test_one_request_signs_a_segment_and_one_its_checkpoint(google: GoogleKmsDouble, tmp_path: Path) -> None:
    keys = Keys.create(tmp_path / "keys", ORIGIN, log=google.key("log"), collector=google.key("collector"))
    place = Place(tmp_path, keys, Judge(LocalStore(tmp_path / "evidence")))
    google.signed.clear()
    archive = Archive.create(place.judge, keys, AT)
    assert sorted(google.signed.values()) == [1, 1]
    commit(archive, "r1", "a")
    commit(archive, "r2", "b")
    assert sorted(google.signed.values()) == [3, 3]
    google.requests.clear()
    (keys.directory / "pin.json").unlink()
    place.keys = Keys.load(keys.directory)
    assert place.open().head.sequence == 2
    assert google.requests == [], "opening signs nothing that is signed already"


def test_a_private_key_gives_way_to_one_in_a_kms(new_key: Callable[[], str], place: Place, archive: Archive) -> None:
    at = new_key()
    archive.replace_key(LOG, AT, place=at)
    commit(archive, "r1", "a")
    place.keys = Keys.load(place.keys.directory)
    assert place.keys.place(LOG) == at
    assert b"PRIVATE KEY" not in (place.keys.directory / "log.key").read_bytes()
    with pytest.raises(UsageError, match="signs or signed for this archive already"):
        archive.replace_key(COLLECTOR, AT, place=at)
    assert not (place.keys.directory / "collector.key.next").exists()


def test_a_key_that_was_exchanged_behind_its_name_is_refused(aws: Any, tmp_path: Path) -> None:
    first, second = (aws.create_key(**ED25519)["KeyMetadata"]["KeyId"] for _ in range(2))
    aws.create_alias(AliasName="alias/log", TargetKeyId=first)
    at = f"aws-kms:alias/log?region={REGION}&endpoint={aws.meta.endpoint_url}"
    keys = Keys.create(tmp_path / "keys", ORIGIN, log=at)
    aws.delete_alias(AliasName="alias/log")
    aws.create_alias(AliasName="alias/log", TargetKeyId=second)
    with pytest.raises(ArchiveError, match=r"alias/log.* holds another key than .*pinned"):
        keys.check()
    with pytest.raises(ArchiveError, match=r"alias/log.* signs with another key than .*pinned"):
        Archive.create(LocalStore(tmp_path / "evidence"), Keys.load(keys.directory), AT)
    aws.delete_alias(AliasName="alias/log")


def test_one_key_cannot_be_both(google: GoogleKmsDouble, tmp_path: Path) -> None:
    at = google.key("k")
    with pytest.raises(UsageError, match="cannot be both"):
        Keys.create(tmp_path / "keys", ORIGIN, log=at, collector=at)
    with pytest.raises(UsageError, match="cannot be both"):
        Keys.create(tmp_path / "keys", ORIGIN, log=at, collector=f"{at}&")
    assert not (tmp_path / "keys").exists()


# What AWS refuses.


def test_a_disabled_key_says_how_to_go_on(aws: Any) -> None:
    at = aws_key(aws)
    signer = signer_at(at)
    aws.disable_key(KeyId=at.partition(":")[2].partition("?")[0])
    with pytest.raises(ArchiveError, match=r"aws-kms:arn.*Sign answered (Disabled|KMSInvalidState).*; .*enable-key"):
        signer.sign("x\n")


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "RSA_2048"])
def test_a_key_of_another_kind_is_refused(aws: Any, spec: str) -> None:
    at = aws_key(aws, KeySpec=spec, KeyUsage="SIGN_VERIFY")
    with pytest.raises(UsageError, match="not an Ed25519 key; make one"):
        service_at(at).public_key()
    with pytest.raises(UsageError, match=r"Sign answered .*create-key --key-usage SIGN_VERIFY"):
        service_at(at).sign(b"x")


def test_a_key_that_is_not_there_is_named(aws: Any) -> None:
    at = f"aws-kms:alias/none?region={REGION}&endpoint={aws.meta.endpoint_url}"
    with pytest.raises(ArchiveError, match=r"alias/none.*NotFoundException.*see that key, region and account"):
        service_at(at).public_key()


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDeniedException", "let the identity .* do kms:GetPublicKey and kms:Sign"),
        ("KMSInvalidStateException", "cancel its deletion"),
        ("ExpiredTokenException", "give valid credentials"),
    ],
)
def test_other_refusals_come_with_their_way_out(aws: Any, code: str, advice: str) -> None:
    """As the service words them; neither emulator does."""
    assert aws
    asked = []

    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.headers["X-Amz-Target"])
            content = json.dumps({"__type": code, "message": "no"}).encode()
            self.send_response(400)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Refusing) as endpoint, pytest.raises(ArchiveError, match=f"alias/log.*Sign answered {code}.*{advice}"):
        service_at(f"aws-kms:alias/log?region={REGION}&endpoint={endpoint}").sign(b"x")
    assert asked == ["TrentService.Sign"]


def test_a_service_out_of_reach_is_named(aws: Any, google: GoogleKmsDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    assert aws
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    nowhere = "http://127.0.0.1:9"
    for at in (f"aws-kms:k?region={REGION}&endpoint={nowhere}", google.key("k").replace(google.url, nowhere)):
        with pytest.raises(ArchiveError, match=r"kms:.*(failed|refused).*see that the endpoint can be reached"):
            service_at(at).sign(b"x")


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("azure-kms:k", "names no key in a KMS"),
        ("aws-kms:", "names no key in a KMS"),
        ("aws-kms:a b", "names no key in a KMS"),
        ("aws-kms:k?zone=x", "unknown option 'zone'; known: endpoint, region"),
        ("gcp-kms:projects/p/cryptoKeys/k", "name a version of a key"),
        (f"gcp-kms:{RING}/k/cryptoKeyVersions/1?endpoint=http://kms.example", "must begin with https"),
    ],
)
def test_a_place_that_is_not_understood_is_bad_input(place: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        service_at(place)


# What Google's service refuses, and what may go wrong on the way.


def test_a_google_key_of_another_kind_is_refused(google: GoogleKmsDouble) -> None:
    at = google.key("rsa", rsa.generate_private_key(public_exponent=65537, key_size=2048))
    with pytest.raises(UsageError, match=r"RSA_SIGN_PKCS1_2048_SHA256; make one with: gcloud kms keys create"):
        service_at(at).public_key()


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        ("denied", r"403 PERMISSION_DENIED.*roles/cloudkms.signerVerifier"),
        ("disabled", r"400 FAILED_PRECONDITION.*must be enabled"),
        ("gone", r"404 NOT_FOUND.*see that project"),
    ],
)
def test_what_google_refuses_is_asked_once_and_explained(google: GoogleKmsDouble, mode: str, problem: str) -> None:
    at = google.key("k")
    service = service_at(at)
    service.public_key()
    google.mode, google.ill = mode, FOR_EVER if mode == "denied" else 0
    (resource,) = google.keys
    if mode == "disabled":
        google.disabled.add(resource)
    if mode == "gone":
        google.keys.clear()
    google.requests.clear()
    with pytest.raises(ArchiveError, match=f"gcp-kms:{resource}.*{problem}"):
        service.sign(b"x")
    assert len(google.requests) == 1


@pytest.mark.parametrize("mode", ["busy", "other name", "unverified", "flipped", "unread"])
def test_what_may_pass_is_tried_again_and_not_for_ever(google: GoogleKmsDouble, mode: str) -> None:
    service = service_at(google.key("k"))
    good = service.sign(b"message")
    google.mode, google.ill = mode, 4
    assert service.sign(b"message") == good
    google.ill = FOR_EVER
    google.requests.clear()
    with pytest.raises(ArchiveError, match="5 times"):
        service.sign(b"message")
    assert len(google.requests) == 5


def test_a_public_key_that_changed_on_its_way_is_read_again(google: GoogleKmsDouble) -> None:
    service = service_at(google.key("k"))
    good = service.public_key()
    google.mode, google.ill = "flipped", 2
    assert service.public_key() == good


def test_without_credentials_nothing_is_asked(google: GoogleKmsDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json")
    with pytest.raises(UsageError, match="no credentials for Google Cloud"):
        service_at(google.key("k"))
    assert google.requests == []
