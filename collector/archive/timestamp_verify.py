"""RFC 3161 time-stamp tokens (updated by RFC 5816), checked offline: who said when that a text existed.

All is pure but for `Authority.load`. What is wrong with a token is a ValueError; the caller knows which object it was
reading. A token is kept as the authority's whole answer (TimeStampResp in DER), so that `openssl ts -verify -attime
<its time> -data <the text> -in <the token> -CAfile <the root>` checks it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from hashlib import new, sha256
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import PKIStatus, VerificationError, VerifierBuilder, decode_timestamp_response

from collector.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from rfc3161_client import TimeStampResponse, TimeStampTokenInfo

UNSTATED_ACCURACY = timedelta(seconds=1)
"""What is taken for the accuracy of a token that states none: the least that ETSI EN 319 421 allows an authority."""

# What the two libraries raise over a bad token, besides ValueError; KeyError is a name in an unknown kind of string.
_LIBRARY_ERRORS = (
    *(VerificationError, KeyError, x509.ExtensionNotFound, x509.DuplicateExtension),
    *(x509.InvalidVersion, x509.UnsupportedGeneralNameType),
)
_LEAST_ACCURACY = timedelta(seconds=60)
_SHA256 = "2.16.840.1.101.3.4.2.1"
_OCTETS, _FIRST_IMPLICIT = 0x04, 0xA0
# The attributes that name the signer's certificate inside what is signed: SigningCertificate and SigningCertificateV2.
_NAMING = {bytes.fromhex("2a864886f70d010910020c"), bytes.fromhex("2a864886f70d010910022f")}
_HASHES = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}  # by their length in bytes


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority: where it answers, and what its tokens must lead back to.

    `roots` are trusted, and nothing else is: no system store, nothing that a token carries. Where `signers` are given,
    one of them must have signed; an authority that renews its certificate needs the new one beside the old.
    """

    url: str
    roots: tuple[x509.Certificate, ...]
    signers: tuple[x509.Certificate, ...] = ()

    @classmethod
    def load(cls, url: str, root_certificates: Path, signer_certificates: Path | None = None) -> Self:
        """The authority with the certificates in these PEM files (one or more in each); UsageError explains."""
        check_url(url)
        return cls(
            url, load_roots(root_certificates), _certificates(signer_certificates) if signer_certificates else ()
        )


@dataclass(frozen=True, slots=True)
class GenTime:
    """When a token was made: UTC, cut to whole seconds, give or take `accuracy`; `signer` as RFC 4514 text."""

    time: datetime
    accuracy: timedelta
    signer: str

    @property
    def earliest(self) -> datetime:
        """The text may have been stamped from here on."""
        return self.time - self.accuracy

    @property
    def latest(self) -> datetime:
        """By then the text existed. The fraction of a second that was cut off counts as a whole one."""
        return self.time + self.accuracy + timedelta(seconds=1)


def load_roots(path: Path) -> tuple[x509.Certificate, ...]:
    """The root certificates in a PEM file; UsageError when it cannot be read or holds one that is no root."""
    roots = _certificates(path)
    for root in roots:
        if root.issuer != root.subject:
            raise UsageError(
                f"{path}: {_name(root)} is issued by another, so it is no root; "
                "put the authority's root certificate there (intermediate ones come with each token)"
            )
    return roots


def verify_token(token: bytes, note_text: bytes, authority: Authority, *, nonce: int | None = None) -> GenTime:
    """When the authority stamped exactly `note_text`; ValueError when the token does not show that it did.

    `token` is a TimeStampResp in DER. Its certificates are judged at its own time, so it still verifies when they
    have expired since. `nonce` is checked where it is given: only who asked knows it. Revocation is not checked.
    """
    try:
        token = _in_order(token)
        response = _granted(token)
        info = response.tst_info
        _check_statement(info, note_text, nonce)
        signer = _signer(response)
        if authority.signers and signer not in authority.signers:
            raise ValueError(f"signed by {_name(signer)}, not by a certificate that was given for the authority")
        _check_purpose(signer)
        _check_signing_certificate(token, signer)
        _check_signature(response, note_text, authority, signer, nonce)
        accuracy = _accuracy(info)
    except _LIBRARY_ERRORS as error:
        raise ValueError(str(error)) from error
    return GenTime(info.gen_time.astimezone(UTC), accuracy, _name(signer))


def check_imprint(token: bytes, note_text: bytes) -> None:
    """ValueError unless the answer is a token that says it stamps exactly `note_text`. Who says so is not asked."""
    try:
        _check_statement(_granted(_in_order(token)).tst_info, note_text, None)
    except _LIBRARY_ERRORS as error:
        raise ValueError(str(error)) from error


def check_url(url: str) -> None:
    """UsageError unless `url` is http(s) with a host, and holds no password: addresses are sealed in the archive."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{url!r} is not an http or https address")
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            f"the address at {parts.hostname} holds a user name, which would end in the archive; leave it out"
        )


def _granted(token: bytes) -> TimeStampResponse:
    response = decode_timestamp_response(token)
    if response.status != PKIStatus.GRANTED:
        raise ValueError(f"not granted: {_status(response)}")
    return response


def _check_statement(info: TimeStampTokenInfo, note_text: bytes, nonce: int | None) -> None:
    """What the token says, before anybody asks who says it."""
    imprint = info.message_imprint
    if info.version != 1:
        raise ValueError(f"version {info.version} of TSTInfo is not known")
    if imprint.hash_algorithm.dotted_string != _SHA256:
        raise ValueError(f"the imprint is not SHA-256 but {imprint.hash_algorithm.dotted_string}")
    if imprint.message != sha256(note_text).digest():
        raise ValueError("it stamps another text")
    if nonce is not None and info.nonce != nonce:
        raise ValueError("it answers another request: the nonce is not the one sent")
    if info.gen_time.year in {MINYEAR, MAXYEAR}:  # no room to reckon with its accuracy
        raise ValueError(f"its time, {info.gen_time}, is none that a clock shows")


def _signer(response: TimeStampResponse) -> x509.Certificate:
    """The one certificate that the signature names by issuer and serial number.

    Two that answer to the same name are refused: one could carry the signature and the other the right purpose.
    """
    signed = response.signed_data
    infos = list(signed.signer_infos)
    if len(infos) != 1:
        raise ValueError(f"it has {len(infos)} signatures, not one")
    wanted = (_canonical(infos[0].issuer), infos[0].serial_number)
    carried = [x509.load_der_x509_certificate(der) for der in signed.certificates]
    named = [one for one in carried if (_canonical(one.issuer), one.serial_number) == wanted]
    if len(named) != 1:
        raise ValueError(f"it carries {len(named)} certificates under the signer's name and number, not one")
    return named[0]


def _canonical(name: x509.Name) -> str:
    """A name as OpenSSL compares it, blind to case and spacing: else it could take another signer than we do."""
    return " ".join(name.rfc4514_string().casefold().split())


def _check_purpose(signer: x509.Certificate) -> None:
    """RFC 3161, section 2.3: the certificate is for time-stamping, critically, and for nothing else."""
    usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise ValueError(f"the certificate of {_name(signer)} is not, critically and only, for time-stamping")


def _check_signature(
    response: TimeStampResponse, note_text: bytes, authority: Authority, signer: x509.Certificate, nonce: int | None
) -> None:
    """The signature, and the chain to a root at the token's own time.

    The library trusts every certificate it is given, so it gets the signer only where that was given to us: one taken
    from the token could vouch for itself. Builders share their lists with their copies, so each check makes its own.
    """
    given = signer if signer in authority.signers else None
    builder = VerifierBuilder(roots=list(authority.roots), tsa_certificate=given, nonce=nonce)
    builder.build().verify_message(response, note_text)


def _check_signing_certificate(token: bytes, signer: x509.Certificate) -> None:
    """RFC 5816, section 2.2.1: what is signed names the signer's certificate by its hash. The library does not look."""
    signer_info = _children(_children(_signed_data(token)[-1].content)[0].content)
    (attributes,) = (part for part in signer_info if part.tag == _FIRST_IMPLICIT)
    fields = [_children(attribute.content) for attribute in _children(attributes.content)]
    naming = [values for kind, values in fields if kind.content in _NAMING]
    if not naming:
        raise ValueError("the signature does not name the certificate it was made with")
    for values in naming:
        (attribute,) = _children(values.content)
        identity = _children(_children(attribute.content)[0].content)[0]  # RFC 5035: the first is the signer's
        digest = next((part.content for part in _children(identity.content) if part.tag == _OCTETS), b"")
        algorithm = _HASHES.get(len(digest), "sha256")
        if digest != new(algorithm, signer.public_bytes(Encoding.DER), usedforsecurity=False).digest():
            raise ValueError("the signature names another certificate than the one it carries")


def _in_order(token: bytes) -> bytes:
    """The same answer with its certificates in the order that DER asks for, which the library insists on.

    OpenSSL, and who builds on it, writes them as they come. No signature covers their order.
    """
    for part in _signed_data(token):
        if part.tag == _FIRST_IMPLICIT:
            return token.replace(part.content, b"".join(sorted(one.whole for one in _children(part.content))), 1)
    return token


def _signed_data(token: bytes) -> list[_Element]:
    """The parts of the SignedData in a TimeStampResp; none where there is no token."""
    _, *content_info = _children(_children(token)[0].content)
    if not content_info:
        return []
    _, explicit = _children(content_info[0].content)
    return _children(_children(explicit.content)[0].content)


class _Element(NamedTuple):
    tag: int
    content: bytes
    whole: bytes


def _children(der: bytes) -> list[_Element]:
    """The DER elements that stand one after the other, at least one; ValueError when the bytes are something else."""
    found: list[_Element] = []
    at = 0
    while at < len(der) or not found:
        start, tag, length, at = at, der[at : at + 1], int.from_bytes(der[at + 1 : at + 2]), at + 2
        if length & 0x80:
            octets = length & 0x7F
            length, at = int.from_bytes(der[at : at + octets]), at + octets
        content, at = der[at : at + length], at + length
        if at > len(der):
            raise ValueError("not DER: it is cut short")
        found.append(_Element(tag[0], content, der[start:at]))
    return found


def _accuracy(info: TimeStampTokenInfo) -> timedelta:
    stated = info.accuracy
    if stated is None:
        return UNSTATED_ACCURACY
    if (stated.seconds or 0) > _LEAST_ACCURACY.seconds:
        raise ValueError(f"its accuracy of {stated.seconds} s is too little to prove a time")
    return timedelta(seconds=stated.seconds or 0, milliseconds=stated.millis or 0, microseconds=stated.micros or 0)


def _status(response: TimeStampResponse) -> str:
    known = {status.value: status.name.lower() for status in PKIStatus}
    return "; ".join([known.get(response.status, f"status {response.status}"), *response.status_string])


def _certificates(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except OSError as error:
        raise UsageError(
            f"reading the certificates in {path} failed: {error.strerror}; "
            "put the certificates that the authority publishes there, in PEM form"
        ) from error
    except ValueError as error:
        raise UsageError(f"{path} holds no certificates in PEM form: {error}") from error


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()
