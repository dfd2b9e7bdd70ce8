"""KMS: rotation of a key as AWS tells it, and the use of a key, which moto leaves out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.kms.models import kms_backends

from tests.doubles.aws.refusals import RefusedError
from tests.doubles.aws.wire import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

_ERRORS_FROM = 300
_ROTATED_EVERY = 365


def describe_key(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's key with a use, a multi-region mark and the manager it really has."""
    result = asked.moto_result()
    if isinstance(result, dict):
        usual = {"KeyUsage": "ENCRYPT_DECRYPT", "MultiRegion": False}
        manager = {"KeyManager": "AWS"} if _is_managed_by_aws(_key(asked)) else {}
        result["KeyMetadata"] = {**usual, **result["KeyMetadata"], **manager}
    return result


def get_key_rotation_status(asked: Asked) -> Mapping[str, Any] | Answer:
    """Whether a key rotates; AWS's own always do, and of asymmetric and HMAC keys it may not be asked."""
    answer = asked.ask_moto()
    if answer.status >= _ERRORS_FROM:
        return answer
    key = _key(asked)
    if key.key_spec != "SYMMETRIC_DEFAULT":
        message = f"{key.arn} is not a symmetric encryption key"
        raise RefusedError("UnsupportedOperationException", message)
    status = {**decode(asked.call, answer), "KeyId": key.id}
    status["KeyRotationEnabled"] |= _is_managed_by_aws(key)
    if status["KeyRotationEnabled"]:
        period = int(status.get("RotationPeriodInDays") or _ROTATED_EVERY)
        made = datetime.fromtimestamp(key.creation_date, UTC)
        status |= {"RotationPeriodInDays": period, "NextRotationDate": made + timedelta(days=period)}
    return status


def list_aliases(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's aliases; those of AWS's own keys that nobody has used yet point at nothing."""
    result = asked.moto_result()
    if isinstance(result, dict):
        known = kms_backends[asked.call.account][asked.call.region].keys
        for alias in result["Aliases"]:
            if alias.get("TargetKeyId") not in known:
                alias.pop("TargetKeyId", None)
    return result


def _is_managed_by_aws(key: Any) -> bool:
    aliases = kms_backends[key.account_id][key.region].list_aliases(key_id=key.id)
    return any(alias.alias_name.startswith("alias/aws/") for alias in aliases)


def _key(asked: Asked) -> Any:
    backend = kms_backends[asked.call.account][asked.call.region]
    return backend.keys[backend.any_id_to_key_id(asked.input["KeyId"])]
