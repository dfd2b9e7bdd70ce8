"""What Okta's users are in the collector's words."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.okta.settings import OktaSettings

STATUS = {
    "ACTIVE": "active",
    "PASSWORD_EXPIRED": "active",
    "LOCKED_OUT": "active",
    "RECOVERY": "active",
    "STAGED": "invited",
    "PROVISIONED": "invited",
    "SUSPENDED": "suspended",
    "DEPROVISIONED": "disabled",
}
"""Who is locked out or must set a new password has lost nothing for good: such an account counts as active."""
ACTIVE = tuple(name for name, status in STATUS.items() if status == "active")


def kind(profile: Mapping[str, Any], settings: OktaSettings) -> str:
    """human, guest or service: by the login and the type of user that the configuration names."""
    if is_service(str(profile.get("login", "")), settings):
        return "service"
    return "guest" if profile.get("userType") in settings.guest_user_types else "human"


def is_service(login: str, settings: OktaSettings) -> bool:
    """Whether the configuration says that a program signs in by this login."""
    return any(fnmatchcase(login.lower(), pattern.lower()) for pattern in settings.service_users)


def email(profile: Mapping[str, Any]) -> str | None:
    """The main address, in lower case."""
    address = profile.get("email")
    return address.lower() if address else None
