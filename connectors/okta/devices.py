"""The devices that are known to the org, and what it demands of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import Endpoint, Setting
from connectors.okta import okta
from connectors.okta.moments import moment
from connectors.okta.operations import ASSURANCES, DEVICES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_ENCRYPTED = {"FULL": True, "USER": True, "ALL_INTERNAL_VOLUMES": True, "NONE": False, "SYSTEM_VOLUME": False}
"""As Okta itself counts them."""
_STATUS = {"ACTIVE": "active", "UNSUSPENDED": "active", "SUSPENDED": "disabled", "DEACTIVATED": "disabled"}
_DEMANDS = ("diskEncryptionType", "screenLockType")


@okta.evidence("okta.devices", yields=(Endpoint, Setting), needs=[DEVICES, ASSURANCES])
def devices(source: RestSource) -> Iterator[Endpoint | Setting]:
    """Devices and assurance policies.

    Every device that is enrolled, with whose it is and whether its disk is encrypted; and what each device assurance
    policy demands. Okta judges a device when somebody signs in with it, and keeps no verdict: whether one complies is
    not given. An org without Identity Engine or without the feature has neither list, which is a gap. Whole when
    neither list names a next page.
    """
    for device in source.list(DEVICES):
        profile: Mapping[str, Any] = device.get("profile") or {}
        platform = profile.get("platform")
        yield Endpoint(
            key=device["id"],
            seen=[device],
            device_id=device["id"],
            owner=_owner(device),
            name=profile.get("displayName"),
            platform=None if platform is None else platform.lower(),
            encrypted=_ENCRYPTED.get(profile.get("diskEncryptionType") or ""),
            status=_STATUS.get(device.get("status") or ""),
            last_seen_at=moment(device.get("lastUpdated")),
        )
    for policy in source.list(ASSURANCES):
        for name in _DEMANDS:
            demanded = (policy.get(name) or {}).get("include") or ()
            yield Setting(
                key=f"{policy['id']} {name}",
                seen=[policy],
                name=f"device_assurance.{name}",
                value=", ".join(sorted(map(str, demanded))) or "none",
                applies_to=f"{policy.get('name')} ({policy.get('platform')})",
            )


def _owner(device: Answer) -> str | None:
    """The one user it belongs to; None where Okta names none, or several."""
    users = (device.get("_embedded") or {}).get("users") or ()
    ids = {(one.get("user") or {}).get("id") for one in users}
    return ids.pop() if len(ids) == 1 else None
