"""The org and the token that Okta's own tools find in the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.connector import AtHand, Usual
from collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.connector import Outside

_TOKENS = ("OKTA_API_TOKEN", "OKTA_CLIENT_TOKEN")


def look(outside: Outside) -> AtHand | None:
    """The token and the address of its org."""
    known = outside.environment
    name = next((one for one in _TOKENS if known.get(one)), "")
    if not name:
        return None
    address = _address(known)
    if not address:
        raise UsageError(f"{name} is set, but not whose it is: set OKTA_CLIENT_ORGURL=https://ORG.okta.com")
    return AtHand(f"{name}, {address}", {"base_url": address, "token": f"env:{name}"})


def _address(known: Mapping[str, str]) -> str:
    """Okta's libraries have the whole address in one variable, its Terraform provider has it in two."""
    if whole := known.get("OKTA_CLIENT_ORGURL") or known.get("OKTA_ORG_URL"):
        return whole.rstrip("/")
    org = known.get("OKTA_ORG_NAME")
    return f"https://{org}.{known.get('OKTA_BASE_URL') or 'okta.com'}" if org else ""


USUAL = Usual("OKTA_API_TOKEN with OKTA_CLIENT_ORGURL", look)
