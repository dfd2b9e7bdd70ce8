"""What all policies in force come to: for everybody who signs in, for administrators, and for whom they leave out.

In the neutral names that rules are written in, beside Entra's own rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.answer import Answer

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
"""The role template of whoever may do everything, the same in every tenant."""
_RESISTANT_STRENGTH = "00000000-0000-0000-0000-000000000004"
"""The strength that Microsoft wrote for factors that cannot be phished."""
_RESISTANT = frozenset({"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"})
_NARROWING = ("platforms", "locations", "devices", "clientApplications", "authenticationFlows")
_RISKS = ("userRiskLevels", "signInRiskLevels", "servicePrincipalRiskLevels", "insiderRiskLevels")
_ROLLING_DAYS = 90
"""How long a session may go on where no policy says: Entra's own default."""
_MINUTES = {"hours": 60, "days": 24 * 60}


def demands(policies: Sequence[Answer], defaults: Answer) -> Iterator[Setting]:
    """What is demanded of everybody, and of administrators. `policies` are all of them, whole."""
    general = [one for one in policies if in_force(one) and _unconditional(one) and _includes(one, "All")]
    secured = _asks(defaults, general)
    yield _row("sign_on.second_factor", secured, "everybody", [*general, defaults])
    lasting = [minutes for one in general if (minutes := _minutes(one)) is not None]
    shortest = min(lasting, default=_ROLLING_DAYS * 24 * 60)
    yield _row("session.idle_minutes", str(shortest), "everybody", [*general, defaults])
    guarding = [one for one in policies if in_force(one) and _unconditional(one) and _administrators(one)]
    resistant = "required" if any(_resistant(one) for one in guarding) else "not_required"
    yield _row("sign_on.administrators_resistant", resistant, "administrators", [*guarding, defaults])


def in_force(policy: Answer) -> bool:
    """A policy that only reports demands nothing."""
    return policy.get("state") == "enabled"


def left_out(policy: Answer, account: str, seen: Answer, *, by_group: bool) -> Setting | None:
    """An account that a rule on how to sign in passes over, and whether it is named there itself."""
    if not in_force(policy) or not _demands_factor(policy):
        return None
    way = "by_group" if by_group else "by_name"
    return Setting(
        key=f"sign_on.excluded {policy['id']} {account} {seen['id']} {way}",
        seen=[policy, seen],
        name="sign_on.excluded",
        value=way,
        applies_to=account,
    )


def _asks(defaults: Answer, general: Sequence[Answer]) -> str | None:
    """Security defaults ask everybody for a second factor; so does one policy for all that leaves no other way."""
    if any(_demands_factor(one) for one in general):
        return "required"
    on = defaults.tell(lambda told: told["isEnabled"])
    return None if on is None else "required" if on else "not_required"


def _demands_factor(policy: Answer) -> bool:
    """Whether nobody gets by without a second factor: of several demands that are met by any one, each must be it."""
    controls = policy.get("grantControls") or {}
    wanted = [one == "mfa" for one in controls.get("builtInControls") or []]
    wanted += [False for _ in controls.get("customAuthenticationFactors") or []]
    wanted += [False for _ in controls.get("termsOfUse") or []]
    if strength := controls.get("authenticationStrength"):
        wanted.append(strength.get("requirementsSatisfied") != "none")
    return bool(wanted) and (any if controls.get("operator") == "AND" else all)(wanted)


def _resistant(policy: Answer) -> bool:
    controls = policy.get("grantControls") or {}
    strength = controls.get("authenticationStrength") or {}
    others = [*(controls.get("builtInControls") or []), *(controls.get("termsOfUse") or [])]
    if controls.get("operator") != "AND" and others:
        return False
    ways = strength.get("allowedCombinations") or []
    return strength.get("id") == _RESISTANT_STRENGTH or (bool(ways) and set(ways) <= _RESISTANT)


def _unconditional(policy: Answer) -> bool:
    """Whether it holds for every application, from everywhere, on every device and at every risk."""
    conditions: Mapping[str, Any] = policy.get("conditions") or {}
    applications = conditions.get("applications") or {}
    return (
        "All" in (applications.get("includeApplications") or [])
        and not (applications.get("excludeApplications") or applications.get("applicationFilter"))
        and set(conditions.get("clientAppTypes") or ["all"]) == {"all"}
        and not any(conditions.get(name) for name in (*_NARROWING, *_RISKS))
    )


def _includes(policy: Answer, whom: str) -> bool:
    """Whether it is for these, guests and every role with them; single accounts and groups may be left out."""
    users = (policy.get("conditions") or {}).get("users") or {}
    narrowed = users.get("excludeRoles") or users.get("excludeGuestsOrExternalUsers")
    return whom in (users.get("includeUsers") or []) and not narrowed


def _administrators(policy: Answer) -> bool:
    roles = ((policy.get("conditions") or {}).get("users") or {}).get("includeRoles") or []
    return GLOBAL_ADMINISTRATOR in roles or _includes(policy, "All")


def _minutes(policy: Answer) -> int | None:
    """After how long everybody must sign in anew, used or not; so no session is idle for longer."""
    given = (policy.get("sessionControls") or {}).get("signInFrequency") or {}
    if not given.get("isEnabled"):
        return None
    if given.get("frequencyInterval") == "everyTime":
        return 1
    unit = _MINUTES.get(given.get("type") or "")
    return None if unit is None or given.get("value") is None else int(given["value"]) * unit


def _row(name: str, value: str | None, applies_to: str, seen: Sequence[Answer]) -> Setting:
    return Setting(key=name, seen=[one for one in seen if one.seen], name=name, value=value, applies_to=applies_to)
