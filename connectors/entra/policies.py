"""What the tenant demands of a sign-in (conditional access, methods, passwords), and with whom files may be shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import Setting
from connectors.entra import entra
from connectors.entra.demands import demands, left_out
from connectors.entra.directory_operations import (
    AUTHENTICATION_METHODS,
    CONDITIONAL_ACCESS,
    DOMAINS,
    GROUP_MEMBER_COUNT,
    GROUP_MEMBERS,
    GROUP_SETTINGS,
    NAMED_LOCATIONS,
    SECURITY_DEFAULTS,
    SHARING,
)
from connectors.entra.membership import members

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_FOREVER = 2_147_483_647
"""What Graph gives as the validity of passwords that never expire."""
_INVITING = frozenset({"externalUserSharingOnly", "externalUserAndGuestSharing"})
"""With somebody new, who signs in; or with whoever has the link."""


@entra.evidence(
    "entra.ca_policies",
    yields=Setting,
    needs=[
        CONDITIONAL_ACCESS,
        NAMED_LOCATIONS,
        SECURITY_DEFAULTS,
        AUTHENTICATION_METHODS,
        GROUP_MEMBERS,
        GROUP_MEMBER_COUNT,
    ],
)
def ca_policies(source: RestSource) -> Iterator[Setting]:
    """Conditional access and security defaults.

    Every conditional access policy, also those that only report or are switched off: to whom and what it applies, what
    it demands, and everyone who is excluded from it, through groups too. Named locations, security defaults, and which
    authentication methods are allowed. Conditional access needs a P1 licence: without one it is a gap.

    Beside these, what all that is in force comes to, in the neutral names that rules are written in: whether everybody
    needs a second factor for every application, after how many minutes everybody must sign in anew (90 days where no
    policy says), whether administrators need a factor that cannot be phished, and each account that a rule on how to
    sign in leaves out. A policy that only reports, or that is for some applications, places, devices or risks alone,
    demands nothing of everybody.

    Whole when every list was read to its end and every excluded group was expanded.
    """
    defaults = source.look(SECURITY_DEFAULTS)
    if defaults.seen:
        yield _setting(defaults, "security_defaults", str(defaults["isEnabled"]).lower())
    methods = source.look(AUTHENTICATION_METHODS)
    if methods.seen:
        for one in methods.parts("authenticationMethodConfigurations"):
            yield _setting(one, f"authentication_method.{one['id']}", one.get("state"))
    for operation, found in source.each((CONDITIONAL_ACCESS, NAMED_LOCATIONS), lambda name: list(source.list(name))):
        if operation == NAMED_LOCATIONS:
            for one in found:
                yield _setting(one, "named_location", _trusted(one), one.get("displayName"), one["id"])
            continue
        for one in found:
            yield from _policy(one)
        yield from demands(found, defaults)
        yield from _excluded(source, found)


_FEDERATED = {"Managed": "false", "Federated": "true"}


@entra.evidence("entra.password_policy", yields=Setting, needs=[DOMAINS, GROUP_SETTINGS])
def password_policy(source: RestSource) -> Iterator[Setting]:
    """Password and lockout settings.

    For every verified domain after how many days passwords expire, when people are warned, and whether another identity
    provider signs them in (`sign_in.federated`); by which is not said here. And the tenant's own rules on lockout and
    banned passwords, where it has set any. How short a password may be, Entra fixes itself and does not say here.

    Whole when both lists were read to their end.
    """
    for domain in source.list(DOMAINS):
        if domain.get("isVerified") is False:
            continue
        days = domain.get("passwordValidityPeriodInDays")
        text = None if days is None else "never" if days == _FOREVER else str(days)
        yield _setting(domain, "password.expires_after_days", text, domain["id"], domain["id"])
        federated = _FEDERATED.get(str(domain.get("authenticationType")))
        yield _setting(domain, "sign_in.federated", federated, domain["id"], domain["id"])
        warned = domain.get("passwordNotificationWindowInDays")
        yield _setting(
            domain, "password.warned_before_days", None if warned is None else str(warned), domain["id"], domain["id"]
        )
    for group in source.list(GROUP_SETTINGS):
        for one in group.parts("values"):
            name = f"{group.get('displayName')}.{one['name']}"
            yield _setting(one, name, one.get("value"), None, group["id"])


@entra.evidence("entra.sharing", yields=Setting, needs=[SHARING])
def sharing(source: RestSource) -> Iterator[Setting]:
    """SharePoint and OneDrive external sharing.

    With whom files may be shared, which domains are let in or kept out, and when idle sessions end: one answer for the
    whole tenant. In the neutral words of rules guests who are there already, and listed domains, count as `listed`;
    whoever can be invited anew as `anyone`.
    """
    found = source.get(SHARING)
    yield _setting(found, "sharing.outside", _outside(found), "the whole tenant")
    for name in (
        "sharingCapability",
        "sharingDomainRestrictionMode",
        "isResharingByExternalUsersEnabled",
        "isUnmanagedSyncAppForTenantRestricted",
        "isLegacyAuthProtocolsEnabled",
    ):
        value = found.get(name)
        yield _setting(found, f"sharing.{name}", str(value).lower() if isinstance(value, bool) else value)
    idle = found.get("idleSessionSignOut") or {}
    seconds = idle.get("signOutAfterInSeconds")
    text = None if "isEnabled" not in idle else str(seconds) if idle["isEnabled"] else "off"
    yield _setting(found, "sharing.idle_sign_out_seconds", text)


def _outside(found: Answer) -> str | None:
    """With whom files may be shared, in the words of every provider."""
    said = found.get("sharingCapability")
    if said in _INVITING and found.get("sharingDomainRestrictionMode") == "allowList":
        return "listed"
    return {"disabled": "nobody", "existingExternalUserSharingOnly": "listed"}.get(
        said or "", "anyone" if said in _INVITING else said
    )


def _policy(policy: Answer) -> Iterator[Setting]:
    title, conditions = policy.get("displayName"), policy.get("conditions") or {}
    demands, session = policy.get("grantControls") or {}, policy.get("sessionControls") or {}
    strength = (demands.get("authenticationStrength") or {}).get("displayName")
    wanted = [*(demands.get("builtInControls") or []), *([f"strength {strength}"] if strength else [])]
    for part, value in (
        ("state", policy.get("state")),
        ("users", _text(conditions.get("users"))),
        ("applications", _text(conditions.get("applications"))),
        ("client_apps", _joined(conditions.get("clientAppTypes"))),
        ("demands", f" {demands.get('operator') or 'OR'} ".join(wanted) or None),
        ("sign_in_frequency", _frequency(session.get("signInFrequency"))),
    ):
        yield _setting(policy, f"conditional_access.{part}", value, title, policy["id"])


def _excluded(source: RestSource, policies: Sequence[Answer]) -> Iterator[Setting]:
    """Each account that a policy leaves out, by id, and by which group."""
    wanted = {
        group: policy.get("displayName") or policy["id"]
        for policy in policies
        for group in (_users(policy).get("excludeGroups") or [])
    }
    inside = dict(source.each(sorted(wanted), lambda group: members(source, group, group)))
    for policy in policies:
        people = [(one, policy, "by name") for one in _users(policy).get("excludeUsers") or []]
        for group in _users(policy).get("excludeGroups") or []:
            people += [(one.answer["id"], one.answer, f"group {' > '.join(one.path)}") for one in inside.get(group, [])]
        for account, seen, via in people:
            if (neutral := left_out(policy, account, seen, by_group=via != "by name")) is not None:
                yield neutral
            yield Setting(
                key=f"conditional_access.excluded {policy['id']} {account} {via}",
                seen=[policy, seen],
                name="conditional_access.excluded",
                value=f"{account} {via}",
                applies_to=policy.get("displayName"),
            )


def _users(policy: Answer) -> dict[str, Any]:
    return (policy.get("conditions") or {}).get("users") or {}


def _trusted(location: Answer) -> str | None:
    if location.get("isTrusted") is None:
        return "countries" if "countriesAndRegions" in location else None
    return "trusted" if location["isTrusted"] else "not trusted"


def _text(condition: dict[str, Any] | None) -> str | None:
    """A condition in words: `includeUsers All; excludeGroups …`."""
    if condition is None:
        return None
    lists = ((name, value) for name, value in sorted(condition.items()) if isinstance(value, list) and value)
    return "; ".join(f"{name} {_joined(value)}" for name, value in lists) or None


def _joined(values: Sequence[str] | None) -> str | None:
    return None if values is None else ", ".join(values)


def _frequency(given: dict[str, Any] | None) -> str | None:
    if not given or not given.get("isEnabled"):
        return None
    if given.get("frequencyInterval") == "everyTime":
        return "every time"
    return f"{given.get('value')} {given.get('type')}"


def _setting(
    answer: Answer, name: str, value: str | None, applies_to: str | None = None, of: str | None = None
) -> Setting:
    return Setting(key=f"{name} {of}" if of else name, seen=[answer], name=name, value=value, applies_to=applies_to)
