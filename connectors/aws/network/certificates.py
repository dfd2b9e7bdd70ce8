"""Certificates that Certificate Manager keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import Credential

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

CERTIFICATES = ("acm:ListCertificates", "acm:DescribeCertificate")
KEY_TYPES = ("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")
ORIGINS = ("AWS_MANAGED", "ACME", "CUSTOMER_PROVIDED")
"""Unless all of both are asked for, Certificate Manager lists certificates with short RSA keys, and none of ACME."""
_NEVER_ISSUED = frozenset({"PENDING_VALIDATION", "VALIDATION_TIMED_OUT", "FAILED"})
_STATES = {"ISSUED": "active", "EXPIRED": "active", "REVOKED": "disabled", "INACTIVE": "disabled"}
"""One that expired is still shown by whatever uses it."""


def certificates(source: AwsSource) -> Iterator[Credential]:
    """Every certificate of a region that was issued; of one in use also what uses it."""
    listed = list(
        source.list(
            "acm",
            "ListCertificates",
            "CertificateSummaryList",
            Includes={"keyTypes": list(KEY_TYPES)},
            CertificateKeyPairOrigins=list(ORIGINS),
            MaxItems=1000,
        )
    )
    issued = [one for one in listed if one.get("Status") not in _NEVER_ISSUED]
    rows = 0
    for one, detail in source.each(issued, lambda one: _detail(source, one)):
        rows += 1
        # Of one in use that could not be read nobody knows when it expires: the list is of another moment.
        told = detail.get("Certificate", {}) if one.get("InUse") is not False else one
        yield Credential(
            key=one["CertificateArn"],
            seen=[one] if detail is one else [one, detail],
            credential_id=one["CertificateArn"],
            principal_id=", ".join(sorted(told.get("InUseBy") or ())) or None,
            kind="certificate",
            status=_STATES.get(told.get("Status", "")),
            created_at=told.get("CreatedAt") or told.get("ImportedAt"),
            expires_at=told.get("NotAfter"),
        )
    source.total(
        f"certificates listed = with a row + never issued, in {source.place}",
        expected=len(listed),
        found=rows + len(listed) - len(issued),
    )


def _detail(source: AwsSource, certificate: Answer) -> Answer:
    if certificate.get("InUse") is False:
        return certificate
    return source.look("acm", "DescribeCertificate", "Certificate", CertificateArn=certificate["CertificateArn"])
