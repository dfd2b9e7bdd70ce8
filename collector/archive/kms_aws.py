"""AWS KMS: KeySpec ECC_NIST_EDWARDS25519, SigningAlgorithm ED25519_SHA_512 over the raw message."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from collector.archive.kms import TIMEOUT_SECONDS, TRIES, ed25519_in
from collector.errors import ArchiveError, UsageError

_SPEC = "ECC_NIST_EDWARDS25519"
_ALGORITHM = "ED25519_SHA_512"
_MAKE_ONE = f"make one with: aws kms create-key --key-usage SIGN_VERIFY --key-spec {_SPEC}"
_ALLOW = "let the identity of the collector do kms:GetPublicKey and kms:Sign on this key"
_ENABLE = "enable the key again: aws kms enable-key"
_ADVICE = {
    "AccessDeniedException": _ALLOW,
    "DisabledException": _ENABLE,
    "KMSInvalidStateException": "cancel its deletion and enable it: aws kms cancel-key-deletion, aws kms enable-key",
    "NotFoundException": "see that key, region and account are the right ones",
    "InvalidArnException": "see that key, region and account are the right ones",
    "UnrecognizedClientException": "give valid credentials",
    "ExpiredTokenException": "give valid credentials",
}
_OF_ANOTHER_KIND = {"InvalidKeyUsageException", "UnsupportedOperationException", "ValidationException"}
_OTHER_ADVICE = "see that the endpoint can be reached and the credentials are the right ones, then run again"


class AwsKms:
    """One key, by its id, ARN or alias."""

    def __init__(self, place: str, key: str, region: str | None = None, endpoint: str | None = None) -> None:
        self._place = place
        self._key = key
        try:
            self._client = boto3.session.Session().client(
                "kms",
                region_name=region or _region_in(key),
                endpoint_url=endpoint,
                config=Config(
                    retries={"mode": "standard", "total_max_attempts": TRIES},
                    connect_timeout=TIMEOUT_SECONDS,
                    read_timeout=TIMEOUT_SECONDS,
                ),
            )
        except (BotoCoreError, ValueError) as error:
            raise UsageError(f"{place} cannot be used: {error}") from error

    def public_key(self) -> bytes:
        """kms:GetPublicKey."""
        answer = self._asked("GetPublicKey", self._client.get_public_key, {})
        public = ed25519_in(self._place, answer["PublicKey"])
        if _ALGORITHM not in answer.get("SigningAlgorithms", []):
            raise UsageError(f"{self._place} is not for signing with {_ALGORITHM}; {_MAKE_ONE}")
        return public

    def sign(self, message: bytes) -> bytes:
        """kms:Sign."""
        wanted = {"Message": message, "MessageType": "RAW", "SigningAlgorithm": _ALGORITHM}
        signature: bytes = self._asked("Sign", self._client.sign, wanted)["Signature"]
        return signature

    def _asked(self, operation: str, call: Any, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - made by botocore at run time
        try:
            answer: dict[str, Any] = call(KeyId=self._key, **arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            problem = f"{self._place}: {operation} answered {code}: {error.response['Error'].get('Message', '')}"
            if code in _OF_ANOTHER_KIND:
                raise UsageError(f"{problem}; the key must be an Ed25519 signing key: {_MAKE_ONE}") from error
            raise ArchiveError(f"{problem}; {_ADVICE.get(code, _OTHER_ADVICE)}") from error
        except BotoCoreError as error:
            raise ArchiveError(f"{self._place}: {operation} failed: {error}; {_OTHER_ADVICE}") from error
        return answer


def _region_in(key: str) -> str | None:
    """An ARN says where its key is; a plain id or alias does not, and the environment must."""
    parts = key.split(":")
    return parts[3] if parts[0] == "arn" and len(parts) > 3 else None  # noqa: PLR2004 - arn:partition:service:region:…
