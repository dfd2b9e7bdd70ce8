"""By what each user proves who they are, besides the password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import Authenticator
from connectors.okta import okta
from connectors.okta.moments import moment
from connectors.okta.operations import FACTORS, USERS_WHO_CAN_SIGN_IN
from connectors.okta.people import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_FACTORS = {
    "question": "security_question",
    "token:software:totp": "totp",
    "token:hotp": "hotp",
    "token:hardware": "hardware_token",
    "token": "other",
    "web": "other",
}
_RESISTANT = {"webauthn": True, "u2f": True, "signed_nonce": None, "other": None}
"""Okta FastPass can be either, by how it is set up; so can what another company's product does."""
_STATUS = {"ACTIVE": "active", "ENROLLED": "active", "PENDING_ACTIVATION": "pending", "NOT_SETUP": "pending"}
_OFF = {"DISABLED", "INACTIVE", "EXPIRED"}
SIGN_IN = " or ".join(f'status eq "{name}"' for name in ACTIVE)


@okta.evidence("okta.factors", yields=Authenticator, needs=[USERS_WHO_CAN_SIGN_IN, FACTORS])
def factors(source: RestSource) -> Iterator[Authenticator]:
    """Enrolled factors per user.

    For every user who can sign in, each factor that Okta shows for them, whatever its state. A user for whom Okta shows
    none has one row that says so. Okta shows the factors that the enrolment policy of the user allows. There is no
    list of all factors of an org, so each user is asked for by themselves, side by side; a user who cannot be read is
    a gap, and has no row.

    Whole when the factors of as many users were read as can sign in.
    """
    people = list(source.list(USERS_WHO_CAN_SIGN_IN, filter=SIGN_IN))
    answered = 0
    for user, found in source.each(people, lambda one: list(source.list(FACTORS, userId=one["id"]))):
        answered += 1
        yield from (_authenticator(user, factor) for factor in found)
        if not found:
            yield Authenticator(key=f"{user['id']} none", seen=[user], account_id=user["id"], factor="none")
    source.total("users whose factors were read", expected=len(people), found=answered)


def _authenticator(user: Answer, factor: Answer) -> Authenticator:
    kind = str(factor.get("factorType"))
    name = _FACTORS.get(kind, kind)
    status = factor.get("status") or ""
    return Authenticator(
        key=f"{user['id']} {factor['id']}",
        seen=[user, factor],
        account_id=user["id"],
        factor=name,
        phishing_resistant=_RESISTANT.get(name, False),
        status="disabled" if status in _OFF else _STATUS.get(status),
        enrolled_at=moment(factor.get("created")),
    )
