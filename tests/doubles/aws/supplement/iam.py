"""IAM: a credential report with true dates and the root row, and central root access, which moto lacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

CREDENTIALS = "iam:credentials"
ORGANISATION_FEATURES = "iam:organisation_features"
REPORT = "iam:report"
_FRESH_FOR = timedelta(hours=4)
_GONE = 410

_COLUMNS = [
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    *(
        f"access_key_{number}_{column}"
        for number in (1, 2)
        for column in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
    ),
    *(f"cert_{number}_{column}" for number in (1, 2) for column in ("active", "last_rotated")),
]


def generate_credential_report(asked: Asked) -> Mapping[str, Any]:
    """Start a report, or say that the last one is younger than four hours and stands, as AWS does."""
    reports = asked.seeded.of(REPORT, asked.call.account)
    if reports and datetime.now(UTC) - datetime.fromisoformat(reports[-1]["GeneratedTime"]) < _FRESH_FOR:
        return {"State": "COMPLETE"}
    generated = datetime.now(UTC).isoformat()
    asked.seeded.replace(REPORT, asked.call.account, "", [{"GeneratedTime": generated}])
    return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}


def get_credential_report(asked: Asked) -> Mapping[str, Any]:
    """The report, with the moment it was made."""
    reports = asked.seeded.of(REPORT, asked.call.account)
    if not reports:
        raise RefusedError("ReportNotPresent", "Report is not generated yet.", _GONE)
    rows = [_COLUMNS, *_rows(asked)]
    return {
        "Content": "\n".join(",".join(row) for row in rows).encode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": datetime.fromisoformat(reports[-1]["GeneratedTime"]),
    }


def list_organizations_features(asked: Asked) -> Mapping[str, Any]:
    """Which parts of central root access are switched on; for the management account alone."""
    settings = asked.seeded.of(ORGANISATION_FEATURES, asked.call.account)
    if not settings:
        message = "The request was rejected because your account is not the management account."
        raise RefusedError("AccountNotManagementOrDelegatedAdministratorException", message)
    return settings[-1]


def list_virtual_mfa_devices(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's devices without their seeds, which AWS shows once, at creation."""
    result = asked.moto_result()
    if isinstance(result, dict):
        for device in result["VirtualMFADevices"]:
            device.pop("Base32StringSeed", None)
            device.pop("QRCodePNG", None)
    return result


def _rows(asked: Asked) -> list[list[str]]:
    account = asked.call.account
    backend = iam_backends[account]["aws"]
    known = {item["user"]: item for item in asked.seeded.of(CREDENTIALS, account)}
    root = {"user": "<root_account>", "arn": f"arn:aws:iam::{account}:root"}
    rows = [_row({**root, **_NOTHING, **_ROOT, **known.get("<root_account>", {})})]
    for user in backend.users.values():
        has_password = bool(user.password)
        created = _written(user.create_date)
        row = {
            **_NOTHING,
            "user": user.name,
            "arn": user.arn,
            "user_creation_time": created,
            "password_enabled": _truth(has_password),
            "password_last_used": _password_use(user) if has_password else "N/A",
            "password_last_changed": created if has_password else "N/A",
            "mfa_active": _truth(bool(user.mfa_devices)),
        }
        for number, key in enumerate(user.access_keys[:2], start=1):
            row |= _key_columns(number, key)
        rows.append(_row({**row, **known.get(user.name, {})}))
    return rows


def _key_columns(number: int, key: Any) -> dict[str, str]:
    used = key.last_used
    prefix = f"access_key_{number}"
    return {
        f"{prefix}_active": _truth(key.status == "Active"),
        f"{prefix}_last_rotated": _written(key.create_date),
        f"{prefix}_last_used_date": _written(used.timestamp) if used else "N/A",
        f"{prefix}_last_used_region": used.region if used else "N/A",
        f"{prefix}_last_used_service": used.service if used else "N/A",
    }


def _password_use(user: Any) -> str:
    return _written(user.password_last_used) if user.password_last_used else "no_information"


def _row(values: Mapping[str, str]) -> list[str]:
    return [values.get(column, "N/A") for column in _COLUMNS]


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _truth(value: object) -> str:
    return "true" if value else "false"


_NOTHING = {
    "access_key_1_active": "false",
    "access_key_2_active": "false",
    "cert_1_active": "false",
    "cert_2_active": "false",
}
_ROOT = {
    "user_creation_time": "2021-03-01T09:00:00+00:00",
    "password_enabled": "not_supported",
    "password_last_used": "no_information",
    "password_last_changed": "not_supported",
    "password_next_rotation": "not_supported",
    "mfa_active": "false",
}
