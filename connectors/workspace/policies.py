"""How security is set, unit by unit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from collector.records import Setting
from connectors.workspace import workspace
from connectors.workspace.cloud_operations import POLICIES
from connectors.workspace.directory_operations import UNITS
from connectors.workspace.units import bare, paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

PASSWORD = "security.password"  # noqa: S105 - Google's name for the settings of passwords
SHARING = "drive_and_docs.external_sharing"
_OUTSIDE = {"ALLOWED": "anyone", "ALLOWLISTED_DOMAINS": "listed", "DISALLOWED": "nobody"}


@workspace.evidence("gws.policies", yields=Setting, needs=[POLICIES, UNITS])
def policies(source: RestSource) -> Iterator[Setting]:
    """Security settings by org unit.

    Every setting of every policy, Google's own defaults and those of administrators, one row for each field, in
    Google's names (`security.two_step_verification_enforcement.enforcedFrom`) and with the unit or group that it is
    for. Where several are for the same one, that of the highest order is in force; what no policy says is Google's
    default, which is not given.

    Beside these, two in the neutral names that rules are written in: the length that passwords must have at least,
    wherever in the organisation it is shortest; and with whom files may be shared, for each unit where that is set.

    Whole when the list is read to its end. Google shows policies to super administrators only.
    """
    of_units = paths(source)
    listed = list(source.list(POLICIES))
    for policy in listed:
        applies_to = _target(policy, of_units)
        for name, value in (policy["setting"].get("value") or {}).items():
            yield Setting(
                key=f"{policy['name']} {name}",
                seen=[policy],
                name=f"{_type(policy)}.{name}",
                value=_text(value),
                applies_to=applies_to,
            )
    yield from _shortest(listed, of_units)
    for target, policy in _in_force(listed, SHARING, "externalSharingMode", of_units).items():
        mode = policy["setting"]["value"]["externalSharingMode"]
        yield Setting(
            key=f"sharing.outside {target}",
            seen=[policy],
            name="sharing.outside",
            value=_OUTSIDE.get(mode, mode),
            applies_to=target,
        )


def _shortest(listed: Sequence[Answer], of_units: Mapping[str, str]) -> Iterator[Setting]:
    """The least length of a password in the unit or group where it is least; nothing where no policy gives one."""
    in_force = _in_force(listed, PASSWORD, "minimumLength", of_units)
    if in_force:
        target, policy = min(in_force.items(), key=lambda pair: (_length(pair[1]), pair[0]))
        for name, value in (("password_policy", "present"), ("password_policy.minimum_length", str(_length(policy)))):
            yield Setting(key=name, seen=[policy], name=name, value=value, applies_to=target)


def _in_force(listed: Sequence[Answer], kind: str, field: str, of_units: Mapping[str, str]) -> Mapping[str, Answer]:
    """For each unit or group the policy that decides this field there: of several, that of the highest order."""
    return {
        _target(policy, of_units): policy
        for policy in sorted(listed, key=_order)
        if _type(policy) == kind and (policy["setting"].get("value") or {}).get(field) is not None
    }


def _type(policy: Answer) -> str:
    return str(policy["setting"]["type"]).removeprefix("settings/")


def _order(policy: Answer) -> float:
    """Google's defaults come first, whatever their order."""
    return -1.0 if policy.get("type") == "SYSTEM" else float((policy.get("policyQuery") or {}).get("sortOrder") or 0)


def _length(policy: Answer) -> int:
    return int(policy["setting"]["value"]["minimumLength"])


def _target(policy: Answer, of_units: Mapping[str, str]) -> str:
    """The unit, and the group or the condition where it is not for all of the unit."""
    query = policy.get("policyQuery") or {}
    unit = query.get("orgUnit") or ""
    parts = [
        f"unit {of_units.get(bare(unit), unit)}" if unit else "",
        query.get("group") and f"group {bare(query['group'])}",
    ]
    # The condition repeats unit and group; one about licences says more.
    narrower = query.get("query") if "licen" in (query.get("query") or "") else ""
    return ", ".join(filter(None, (*parts, narrower))) or "the whole organisation"


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
