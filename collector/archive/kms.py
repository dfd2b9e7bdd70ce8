"""Signing with a key that never leaves a key management service.

A place is `aws-kms:<key id, ARN or alias>?region=…&endpoint=…` or
`gcp-kms:projects/…/cryptoKeyVersions/1?endpoint=…`. Credentials come from the environment, by the provider's own rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from collector.archive.notes import signable, signed
from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collector.archive.notes import VerifierKey

TRIES = 5
"""How often one request is sent at most."""
TIMEOUT_SECONDS = 10

_AWS, _GOOGLE = "aws-kms", "gcp-kms"
_OPTIONS = {_AWS: {"region", "endpoint"}, _GOOGLE: {"endpoint"}}
_FORM = f"{_AWS}:KEY?region=… or {_GOOGLE}:projects/…/cryptoKeyVersions/1"


class Service(Protocol):
    """One key of one KMS. Errors are ArchiveError, and UsageError for a key of another kind."""

    def public_key(self) -> bytes:
        """The 32 bytes of the Ed25519 public key, as the service says it now."""

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature over the message itself, in one request."""


@dataclass(frozen=True)
class KmsSigner:
    """The key at a place in a KMS, under the public key that was pinned when it was taken into use."""

    place: str
    verifier_key: VerifierKey

    @property
    def name(self) -> str:
        """The name the signatures carry."""
        return self.verifier_key.name

    def sign(self, text: str) -> bytes:
        """The note over `text`, by one request; ArchiveError when the service fails or holds another key by now."""
        signature = self._service.sign(signable(text))
        try:
            self.verifier_key.check(text, signature)
        except ValueError as error:
            raise ArchiveError(
                f"{self.place} signs with another key than {self.verifier_key}, which was pinned here: the key behind "
                "that name was exchanged. Put the old one back; without it nothing can be added to this archive"
            ) from error
        return signed(text, self.verifier_key, signature)

    def check(self) -> None:
        """ArchiveError unless the service can be reached and still holds the pinned key. Signs nothing."""
        if self._service.public_key() != self.verifier_key.public:
            raise ArchiveError(
                f"{self.place} holds another key than {self.verifier_key}, which was pinned here; "
                "put the old one back; without it nothing can be added to this archive"
            )

    @cached_property
    def _service(self) -> Service:
        return service_at(self.place)


def is_place(text: str) -> bool:
    """Whether the text names a key in a KMS."""
    return text.partition(":")[0] in _OPTIONS


def service_at(place: str) -> Service:
    """The key's service; UsageError when the place is not understood. Asks nothing yet."""
    scheme, _, rest = place.partition(":")
    key, _, query = rest.partition("?")
    options = dict(parse_qsl(query))
    if scheme not in _OPTIONS or not key or any(mark.isspace() for mark in place):
        raise UsageError(f"{place!r} names no key in a KMS: write {_FORM}")
    if unknown := options.keys() - _OPTIONS[scheme]:
        raise UsageError(f"{place}: unknown option {min(unknown)!r}; known: {', '.join(sorted(_OPTIONS[scheme]))}")
    # Each costs half a second to import; keys in files need neither.
    if scheme == _AWS:
        from collector.archive.kms_aws import AwsKms  # noqa: PLC0415 - see above

        return AwsKms(place, key, **options)
    from collector.archive.kms_google import GoogleKms  # noqa: PLC0415 - see above

    return GoogleKms(place, key, **options)


def ed25519_in(place: str, encoded: bytes) -> bytes:
    """The raw key in a SubjectPublicKeyInfo (DER, or PEM); UsageError when it is of another kind."""
    load = load_pem_public_key if encoded.startswith(b"-----") else load_der_public_key
    try:
        public = load(encoded)
    except ValueError as error:
        raise ArchiveError(f"{place}: the service's public key cannot be read: {error}") from error
    if not isinstance(public, Ed25519PublicKey):
        raise UsageError(f"{place} is not an Ed25519 key; make one for signing with Ed25519")
    return public.public_bytes_raw()
