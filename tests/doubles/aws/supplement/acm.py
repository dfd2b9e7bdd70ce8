"""Certificate Manager: the list as AWS gives it, which leaves out most kinds of keys unless they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

_MOST = 1000
_BY_DEFAULT = ("RSA_1024", "RSA_2048")
_SUMMARY = ("CertificateArn", "DomainName", "Status", "Type", "KeyAlgorithm", "InUse", "Exported", "RenewalEligibility",
            "NotBefore", "NotAfter", "CreatedAt", "IssuedAt", "ImportedAt")  # fmt: skip
ACME = "acm:acme"
"""ARNs of certificates that came by ACME."""


def list_certificates(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's certificates that the filters, or what AWS takes in their place, let through."""
    size = int(asked.input.get("MaxItems") or _MOST)
    if not 1 <= size <= _MOST:
        raise RefusedError("ValidationException", "MaxItems must be between 1 and 1000")
    result = asked.moto_result()
    if not isinstance(result, dict):
        return result
    keys = (asked.input.get("Includes") or {}).get("keyTypes") or _BY_DEFAULT
    origins = asked.input.get("CertificateKeyPairOrigins") or ("AWS_MANAGED", "CUSTOMER_PROVIDED")
    acme = {item["CertificateArn"] for item in asked.items(ACME)}
    listed = [
        {name: value for name, value in one.items() if name in _SUMMARY}
        for one in result["CertificateSummaryList"]
        if one["KeyAlgorithm"] in keys and ("ACME" in origins or one["CertificateArn"] not in acme)
    ]
    return asked.page("CertificateSummaryList", listed, "NextToken", "MaxItems", size)
