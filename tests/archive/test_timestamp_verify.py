"""Every token here is shown to `openssl ts -verify -attime` too: where the two part, the test says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from collector.archive.order import check_order
from collector.archive.timestamp import request_bytes
from collector.archive.timestamp_verify import UNSTATED_ACCURACY, Authority, GenTime, verify_token
from tests.doubles.tsa import NOW, TIME_STAMPING, Certified, forged, openssl, openssl_accepts, reply

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cryptography.x509 import ObjectIdentifier

TEXT = b"example.com/evidence\n2\nZxQb3C3psI4ZxIC61fEjCRgKUtvrclgK7BlLMGBsIk4=\n"
URL = "http://tsa.example/"
NONCE = 7
CODE = ExtendedKeyUsageOID.CODE_SIGNING


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def root(folder: Path) -> Certified:
    return Certified.make(folder, "Time Root")


@pytest.fixture(scope="module")
def signer(folder: Path, root: Certified) -> Certified:
    return Certified.make(folder, "Time Authority", root, purposes=TIME_STAMPING)


@pytest.fixture(scope="module")
def token(signer: Certified) -> bytes:
    return reply(request_bytes(TEXT, NONCE), signer)


def pinning(root: Certified, *signers: Certified) -> Authority:
    return Authority(URL, (root.certificate,), tuple(one.certificate for one in signers))


def refused(token: bytes, root: Certified, why: str, *signers: Certified, openssl_too: bool = True) -> None:
    """Refused with and without the signer pinned; and by openssl, unless it cannot know."""
    for authority in (pinning(root), pinning(root, *signers)) if openssl_too else (pinning(root, *signers),):
        with pytest.raises(ValueError, match=why):
            verify_token(token, TEXT, authority)
    assert openssl_accepts(token, TEXT, root, NOW) is not openssl_too


def test_an_honest_token_shows_its_time(token: bytes, root: Certified, signer: Certified) -> None:
    for authority in (pinning(root), pinning(root, signer)):
        shown = verify_token(token, TEXT, authority, nonce=NONCE)
        assert (shown.accuracy, shown.signer) == (UNSTATED_ACCURACY, "CN=Time Authority")
        assert shown.time.tzinfo == UTC
        assert abs((shown.time - NOW).total_seconds()) < 600
    assert openssl_accepts(token, TEXT, root, NOW)


@pytest.mark.parametrize("ess", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signer_may_be_named_by_any_hash_of_the_standard(root: Certified, signer: Certified, ess: str) -> None:
    token = reply(request_bytes(TEXT, NONCE), signer, ess=ess)
    assert verify_token(token, TEXT, pinning(root, signer)).signer == "CN=Time Authority"
    assert openssl_accepts(token, TEXT, root, NOW)


def test_an_intermediate_certificate_comes_with_the_token(folder: Path, root: Certified) -> None:
    middle = Certified.make(folder, "Time Middle", root)
    signer = Certified.make(folder, "Time Below", middle, purposes=TIME_STAMPING)
    for chain in ((middle,), (middle, root), (root, middle), (signer, middle)):
        token = reply(request_bytes(TEXT, NONCE), signer, *chain)
        assert verify_token(token, TEXT, pinning(root)) == verify_token(token, TEXT, pinning(root, signer))
        assert openssl_accepts(token, TEXT, root, NOW)
    refused(reply(request_bytes(TEXT, NONCE), signer), root, "unable to get local issuer", signer)


def test_an_authority_that_signs_for_itself_counts_only_where_it_is_given(folder: Path, root: Certified) -> None:
    lone = Certified.make(folder, "Lone Authority", purposes=TIME_STAMPING)
    token = forged(TEXT, NOW, lone)
    assert verify_token(token, TEXT, pinning(lone, lone)).time == NOW
    refused(token, root, "Unable to verify")


# Time.


def test_a_token_of_an_authority_that_expired_since_verifies_at_its_own_time(folder: Path) -> None:
    then = datetime(2019, 5, 6, 7, 8, 9, tzinfo=UTC)
    year = timedelta(days=365)
    root = Certified.make(folder, "Old Root", since=then - 3 * year, until=then + 2 * year)
    old = Certified.make(folder, "Old", root, purposes=TIME_STAMPING, since=then - year, until=then + year)
    token = forged(TEXT, then, old)
    assert verify_token(token, TEXT, pinning(root, old)).time == then
    assert openssl_accepts(token, TEXT, root, then)
    assert not openssl_accepts(token, TEXT, root)


@pytest.mark.parametrize("days", [-2, 2])
def test_a_token_from_outside_the_life_of_its_certificate_is_refused(folder: Path, root: Certified, days: int) -> None:
    brief = Certified.make(
        folder, "Brief", root, purposes=TIME_STAMPING, since=NOW - timedelta(hours=9), until=NOW + timedelta(hours=9)
    )
    at = NOW + timedelta(days=days)
    token = forged(TEXT, at, brief)
    for authority in (pinning(root), pinning(root, brief)):
        with pytest.raises(ValueError, match=r"expired|not yet valid"):
            verify_token(token, TEXT, authority)
    assert not openssl_accepts(token, TEXT, root, at)


def test_an_authority_whose_certificate_has_run_out_stamps_nothing_that_counts(folder: Path, root: Certified) -> None:
    stale = Certified.make(folder, "Stale", root, purposes=TIME_STAMPING, until=NOW - timedelta(hours=1))
    refused(reply(request_bytes(TEXT, NONCE), stale), root, "expired", stale)


def test_fractions_of_a_second_only_widen_the_bound(root: Certified, signer: Certified) -> None:
    token = forged(TEXT, NOW, signer, fraction=".75")
    shown = verify_token(token, TEXT, pinning(root))
    assert shown.earliest <= NOW + timedelta(seconds=0.75) <= shown.latest
    assert openssl_accepts(token, TEXT, root, NOW)


@pytest.mark.parametrize(("accuracy", "seconds"), [("secs:1, millisecs:500, microsecs:100", 1.5001), ("secs:60", 60)])
def test_the_accuracy_that_is_stated_counts(root: Certified, signer: Certified, accuracy: str, seconds: float) -> None:
    token = reply(request_bytes(TEXT, NONCE), signer, accuracy=f"accuracy = {accuracy}")
    assert verify_token(token, TEXT, pinning(root)).accuracy == timedelta(seconds=seconds)


def test_a_token_that_is_right_within_an_hour_proves_no_time(root: Certified, signer: Certified) -> None:
    token = reply(request_bytes(TEXT, NONCE), signer, accuracy="accuracy = secs:3600")
    with pytest.raises(ValueError, match="accuracy of 3600 s"):
        verify_token(token, TEXT, pinning(root))


# Forgeries.


def test_a_forged_token_with_its_own_root_inside_is_refused(folder: Path, root: Certified, signer: Certified) -> None:
    their_root = Certified.make(folder, "Time Root")
    them = Certified.make(folder, "Time Authority", their_root, purposes=TIME_STAMPING)
    token = forged(TEXT, NOW, them, their_root)
    assert verify_token(token, TEXT, pinning(their_root)).signer == "CN=Time Authority"
    refused(token, root, r"Unable to verify|not by a certificate", signer)


def test_a_forged_token_with_the_true_certificates_beside_is_refused(
    folder: Path, root: Certified, signer: Certified
) -> None:
    their_root = Certified.make(folder, "Time Root")
    them = Certified.make(folder, "Time Authority", their_root, purposes=TIME_STAMPING)
    for beside in ((root,), (root, signer), (signer, root, their_root)):
        refused(forged(TEXT, NOW, them, *beside), root, r"Unable to verify|not by a certificate", signer)


def test_a_certificate_that_signed_itself_is_refused(folder: Path, root: Certified, signer: Certified) -> None:
    themselves = Certified.make(folder, "Time Authority", purposes=TIME_STAMPING)
    refused(forged(TEXT, NOW, themselves), root, r"Unable to verify|not by a certificate", signer)


@pytest.mark.parametrize("issuer", ["TIME AUTHORITY", " Time  Authority "])
def test_a_certificate_that_signed_itself_in_disguise_is_refused(
    folder: Path, root: Certified, signer: Certified, issuer: str
) -> None:
    """To OpenSSL, which is blind to case and spacing, it is its own issuer; byte for byte it is not."""
    themselves = Certified.make(folder, "Time Authority", Certified.make(folder, issuer), purposes=TIME_STAMPING)
    refused(forged(TEXT, NOW, themselves), root, r"Unable to verify|not by a certificate", signer)


@pytest.mark.parametrize(
    ("purposes", "critical"), [((CODE,), True), ((*TIME_STAMPING, CODE), True), (TIME_STAMPING, False)]
)
def test_another_certificate_of_the_same_root_is_refused(
    folder: Path, root: Certified, signer: Certified, purposes: Sequence[ObjectIdentifier], *, critical: bool
) -> None:
    other = Certified.make(folder, "Bought Certificate", root, purposes=purposes, critical=critical)
    refused(forged(TEXT, NOW, other), root, r"not, critically and only|not by a certificate", signer)
    refused(forged(TEXT, NOW, other, signer), root, r"not, critically and only|not by a certificate", other)


def test_a_certificate_without_a_purpose_is_refused(root: Certified) -> None:
    refused(forged(TEXT, NOW, root), root, "No <class .*ExtendedKeyUsage", root)


def test_two_certificates_under_one_name_and_number_are_refused(
    folder: Path, root: Certified, signer: Certified
) -> None:
    """One that carries the signature and one, made by the forger, that has the right purpose."""
    bought = Certified.make(folder, "Bought", root, purposes=(CODE,), serial=4711)
    their_root = Certified.make(folder, "Time Root")
    shouting_root = Certified.make(folder, "TIME  Root")  # the same name to OpenSSL, and another one byte for byte
    for issuer in (their_root, shouting_root):
        twin = Certified.make(folder, "Time Authority", issuer, purposes=TIME_STAMPING, serial=4711)
        refused(forged(TEXT, NOW, bought, twin), root, r"2 certificates under|not by a certificate", signer)


def test_another_authority_of_the_same_root_is_refused_where_the_signer_is_pinned(
    folder: Path, root: Certified, signer: Certified
) -> None:
    sister = Certified.make(folder, "Sister Authority", root, purposes=TIME_STAMPING)
    token = reply(request_bytes(TEXT, NONCE), sister)
    assert verify_token(token, TEXT, pinning(root)).signer == "CN=Sister Authority"
    assert verify_token(token, TEXT, pinning(root, signer, sister)).signer == "CN=Sister Authority"
    refused(token, root, "CN=Sister Authority, not by a certificate", signer, openssl_too=False)


def test_a_signature_that_does_not_name_its_certificate_is_refused(root: Certified, signer: Certified) -> None:
    refused(forged(TEXT, NOW, signer, cades=False), root, "does not name the certificate", signer)


def test_a_signature_that_names_another_certificate_is_refused(
    token: bytes, root: Certified, signer: Certified
) -> None:
    """Found before the signature is looked at, which would fail too: the attribute is signed."""
    named = sha256(signer.certificate.public_bytes(Encoding.DER)).digest()
    assert named in token
    refused(token.replace(named, bytes(32)), root, "names another certificate", signer)


def test_a_token_over_another_text_is_refused(token: bytes, root: Certified, signer: Certified) -> None:
    for other in (TEXT[:-1], TEXT + b"\n", b""):
        with pytest.raises(ValueError, match="another text"):
            verify_token(token, other, pinning(root, signer))
        assert not openssl_accepts(token, other or b"empty", root, NOW)


def test_a_token_for_another_request_is_refused_by_who_asked(token: bytes, root: Certified, signer: Certified) -> None:
    with pytest.raises(ValueError, match="nonce"):
        verify_token(token, TEXT, pinning(root), nonce=NONCE + 1)
    with pytest.raises(ValueError, match="nonce"):
        verify_token(forged(TEXT, NOW, signer), TEXT, pinning(root), nonce=NONCE)


def test_an_imprint_by_another_hash_is_refused(root: Certified, signer: Certified) -> None:
    """Sound, and openssl says so; but it is not what the format allows."""
    query = openssl("ts", "-query", "-data", "/dev/stdin", "-sha512", "-cert", given=TEXT)
    refused(reply(query, signer), root, "not SHA-256", signer, openssl_too=False)


def test_an_unknown_version_is_refused(root: Certified, signer: Certified) -> None:
    refused(forged(TEXT, NOW, signer, version=2), root, "version 2", signer)


def test_the_token_of_another_archive_is_refused(folder: Path, token: bytes) -> None:
    stranger = Certified.make(folder, "Other Root")
    refused(token, stranger, "Unable to verify")


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")  # over what we broke
def test_no_bit_of_a_token_can_change_what_it_shows(token: bytes, root: Certified, signer: Certified) -> None:
    """A few bits (an unsigned version number, the name of an algorithm) are covered by nothing, and change nothing."""
    authority = pinning(root, signer)
    honest, accepted = verify_token(token, TEXT, authority), []
    for position in range(8 * len(token)):
        changed = bytearray(token)
        changed[position // 8] ^= 1 << position % 8
        try:
            assert verify_token(bytes(changed), TEXT, authority) == honest
        except ValueError:
            continue
        accepted.append(bytes(changed))
    assert len(accepted) < 80
    assert all(openssl_accepts(changed, TEXT, root, NOW) for changed in accepted)


def test_what_is_no_token_is_refused(token: bytes, root: Certified) -> None:
    for content in (b"", b"\x30\x00", token[:-1], token + b"\0", b"<html>", bytes(100)):
        with pytest.raises(ValueError, match=r"."):
            verify_token(content, TEXT, pinning(root))


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")  # over what we broke
@given(st.data())
def test_noise_is_refused_in_order(token: bytes, root: Certified, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(token)))
    noise = data.draw(st.binary(max_size=40))
    content = token[:start] + noise + token[start + len(noise) + data.draw(st.integers(0, 3)) :]
    if content != token:
        with pytest.raises(ValueError, match=r"."):
            verify_token(content, TEXT + b"x", pinning(root))


# Order.

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def stamped(minutes: float, accuracy: timedelta = SECOND) -> GenTime:
    return GenTime(AT + timedelta(minutes=minutes), accuracy, "CN=Time Authority")


def test_a_run_between_its_tokens_is_in_order() -> None:
    assert check_order(AT, AT + 5 * SECOND, stamped(-1), stamped(1)) == []
    assert check_order(AT, AT + 5 * SECOND, None, None) == []
    assert check_order(AT, AT, stamped(0), stamped(0)) == []


def test_a_run_dated_back_is_found() -> None:
    (finding,) = check_order(AT - timedelta(days=1), AT, stamped(-1), stamped(1))
    assert "started at 2026-10-31T12:00:00Z, but cites a token of 2026-11-01T11:59:00Z" in finding


def test_a_run_dated_forward_is_found() -> None:
    (finding,) = check_order(AT, AT + timedelta(days=1), stamped(-1), stamped(1))
    assert "ended at 2026-11-02T12:00:00Z, but a token of 2026-11-01T12:01:00Z is already over it" in finding


def test_a_run_that_ends_before_it_starts_is_found() -> None:
    (finding,) = check_order(AT, AT - SECOND, stamped(-1), stamped(1))
    assert "before it started" in finding


def test_tokens_in_the_wrong_order_are_found() -> None:
    findings = check_order(AT, AT, stamped(5), stamped(-5))
    assert len(findings) == 3
    assert "is later than the one after" in findings[2]


def test_the_bounds_are_as_wide_as_the_tokens_are_accurate() -> None:
    before, after = stamped(0), stamped(0)
    assert check_order(AT - SECOND, AT + 2 * SECOND, before, after) == []
    late = AT + 2 * SECOND + timedelta(microseconds=1)
    assert len(check_order(AT - SECOND - timedelta(microseconds=1), late, before, after)) == 2
    assert check_order(AT - 3 * SECOND, AT + 4 * SECOND, before, after, tolerance=2 * SECOND) == []
