"""What people reach the organisation with: phones, Chromebooks, and computers with endpoint management."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import Endpoint
from connectors.workspace import workspace
from connectors.workspace.cloud_operations import DEVICE_USERS, DEVICES
from connectors.workspace.directory_operations import CHROME, MOBILE
from connectors.workspace.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_VIEWS = ("USER_ASSIGNED_DEVICES", "COMPANY_INVENTORY")
_PLATFORMS = {"WINDOWS": "windows", "MAC_OS": "macos", "LINUX": "linux", "GOOGLEBOOK": "googlebook"}
_ELSEWHERE = frozenset({"ANDROID", "IOS", "GOOGLE_SYNC", "CHROME_OS"})
"""Kinds of devices that the Directory API lists, and says more of."""
_ENCRYPTED = {"ENCRYPTED": True, "NOT_ENCRYPTED": False}
_COMPROMISED = {"COMPROMISED": True, "UNCOMPROMISED": False}
_MANAGED = {
    "APPROVED": True,
    "ACTIVE": True,
    "DELINQUENT": True,
    "BLOCKED": False,
    "PENDING": False,
    "UNPROVISIONED": False,
    "WIPING": False,
    "WIPED": False,
    "DEPROVISIONED": False,
    "DISABLED": False,
}
_OWNERS = {"COMPANY": "company", "BYOD": "personal"}
_PHONE_ENCRYPTED = {"Encrypted": True, "Not Encrypted": False}
_PHONE_LOCKED = {"On": True, "Off": False}
_PHONE_COMPROMISED = {"Undetected": False, "No compromise detected": False, "Compromised": True}
_LOCKED = {"PASSWORD_SET": True, "PASSWORD_NOT_SET": False}


@workspace.evidence("gws.devices", yields=Endpoint, needs=[DEVICES, DEVICE_USERS, MOBILE, CHROME])
def devices(source: RestSource) -> Iterator[Endpoint]:
    """Endpoints.

    Every phone and tablet, every Chromebook, and every computer that Google manages or verifies, with who uses it, as
    far as Google says so; each device once, from the interface that knows it best. A device of several users is one row
    for each. Computers that nobody enrolled are unknown to Google: who has no device here may still have one.

    Whole when all lists are read to their end: computers are listed by both views, that of users and that of the
    company's inventory, since neither has all.
    """
    for _, phones in source.each((MOBILE,), lambda operation: list(source.list(operation))):
        for phone in phones:
            yield _phone(phone)
    for _, books in source.each((CHROME,), lambda operation: list(source.list(operation))):
        for book in books:
            yield _chromebook(book)
    yield from _computers(source)


def _computers(source: RestSource) -> Iterator[Endpoint]:
    of_device: dict[str, list[Answer]] = {}
    for user in source.list(DEVICE_USERS, device="-"):
        of_device.setdefault(user["name"].partition("/deviceUsers/")[0], []).append(user)
    seen: dict[str, Answer] = {}
    for _, listed in source.each(_VIEWS, lambda view: list(source.list(DEVICES, view=view))):
        for device in listed:
            seen.setdefault(device["name"], device)
    for name, device in seen.items():
        if device.get("deviceType") not in _ELSEWHERE:
            yield from _computer(device, of_device.get(name, ()))


def _computer(device: Answer, users: Sequence[Answer]) -> Iterator[Endpoint]:
    for user in users or (None,):
        yield Endpoint(
            key=user["name"] if user else device["name"],
            seen=[device, *([user] if user else [])],
            device_id=device["name"],
            name=device.get("model"),
            owner=user.get("userEmail") if user else None,
            platform=_PLATFORMS.get(device.get("deviceType", "")),
            version=device.get("osVersion"),
            encrypted=_ENCRYPTED.get(device.get("encryptionState", "")),
            locked=_LOCKED.get(user.get("passwordState", "")) if user else None,
            compromised=_COMPROMISED.get(device.get("compromisedState", "")),
            managed=_MANAGED.get(device.get("managementState", "")),
            ownership=_OWNERS.get(device.get("ownerType", "")),
            enrolled_at=moment(device.get("createTime")),
            last_seen_at=moment(device.get("lastSyncTime")),
        )


def _phone(phone: Answer) -> Endpoint:
    system = phone.get("os") or ""
    return Endpoint(
        key=f"mobile {phone['resourceId']}",
        seen=[phone],
        device_id=f"mobile {phone['resourceId']}",
        name=phone.get("model"),
        owner=next(iter(phone.get("email") or ()), None),
        platform=_platform(phone.get("type"), system),
        version=system or None,
        encrypted=_PHONE_ENCRYPTED.get(phone.get("encryptionStatus", "")),
        locked=_PHONE_LOCKED.get(phone.get("devicePasswordStatus", "")),
        compromised=_PHONE_COMPROMISED.get(phone.get("deviceCompromisedStatus", "")),
        managed=_MANAGED.get(phone.get("status", "")),
        enrolled_at=moment(phone.get("firstSync")),
        last_seen_at=moment(phone.get("lastSync")),
    )


def _chromebook(book: Answer) -> Endpoint:
    recent = next((one.get("email") for one in book.get("recentUsers") or () if one.get("email")), None)
    return Endpoint(
        key=f"chromeos {book['deviceId']}",
        seen=[book],
        device_id=f"chromeos {book['deviceId']}",
        name=book.get("model"),
        owner=recent or book.get("annotatedUser"),
        platform="chromeos",
        version=book.get("osVersion"),
        managed=_MANAGED.get(book.get("status", "")),
        ownership="company",
        enrolled_at=moment(book.get("lastEnrollmentTime")),
        last_seen_at=moment(book.get("lastSync")),
    )


def _platform(kind: str | None, system: str) -> str | None:
    told = f"{kind or ''} {system}".lower()
    return next((name for name in ("android", "ios", "ipad") if name in told), None)
