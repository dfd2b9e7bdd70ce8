"""What Okta must grant: a service app's scopes, and the role behind them, written from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.okta.api import API, OWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.connector import EvidenceType

_READER = "READ_ONLY_ADMIN"
_WIDER = {"okta.governance.accessCertifications.read": "ACCESS_CERTIFICATIONS_ADMIN"}
"""Scopes that Okta answers only to a role which may also change things; nothing the collector sends can."""


def policy(types: Iterable[EvidenceType]) -> dict[str, Any]:
    """The scopes for these evidence types, each of them to read alone, and the role of whoever holds the token.

    What Okta shows only to a role that may also write is named apart, with the evidence it costs to leave it out.
    """
    wanted = list(types)
    needed = {name: API.operation(name).needs for one in wanted for name in API.reached(one.needs)}
    needed |= {name: API.operation(name).needs for name in OWN}
    scopes = sorted({scope for scope in needed.values() if scope})
    return {
        "service_app": {
            "grant_type": "client_credentials",
            "token_endpoint_auth_method": "private_key_jwt",
            "dpop_bound_access_tokens": False,
            "scopes": scopes,
            "admin_role": _READER,
        },
        "api_token": {"made_by": f"an account that holds {_READER} and no other role"},
        "wider_role": [
            {
                "scope": scope,
                "admin_role": _WIDER[scope],
                "evidence": sorted(
                    one.id for one in wanted if any(API.operation(name).needs == scope for name in one.needs)
                ),
            }
            for scope in scopes
            if scope in _WIDER
        ],
    }


def beyond_reading(types: Iterable[EvidenceType]) -> list[tuple[str, str]]:
    """The administrator's roles that may do more than look."""
    why = "Okta shows this to no role that only reads; the scope of the token only reads"
    return [(one["admin_role"], why) for one in policy(types)["wider_role"]]
