"""What the org's policies demand of whoever signs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import Setting
from connectors.okta import okta
from connectors.okta.operations import ORGANISATION, POLICIES, RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_TYPES = {"v1": ("OKTA_SIGN_ON", "PASSWORD", "MFA_ENROLL")}
_ENGINE = ("OKTA_SIGN_ON", "ACCESS_POLICY", "PASSWORD", "MFA_ENROLL")
"""Identity Engine decides at each application, by its access policy; the classic engine at the org's door alone."""


@okta.evidence("okta.policies", yields=Setting, needs=[ORGANISATION, POLICIES, RULES])
def policies(source: RestSource) -> Iterator[Setting]:
    """Sign-on, password and enrolment policies.

    Every policy of these types that is switched on, with every rule of it that is: whether a sign-in takes a second
    factor, how long a session may be idle, how long a password must be, which factors must be enrolled. Where Identity
    Engine runs, the access policies of the applications decide about the second factor; elsewhere the org's sign-on
    policy does. A rule that denies asks for nothing and is left out.

    The least length of a password is that of the weakest password policy. Whole when every type, and the rules of every
    policy, were read.
    """
    pipeline = source.get(ORGANISATION)["pipeline"]
    found: dict[str, list[Answer]] = {}
    for kind, listed in source.each(_TYPES.get(pipeline, _ENGINE), lambda one: list(source.list(POLICIES, type=one))):
        found[kind] = [policy for policy in listed if policy.get("status") == "ACTIVE"]
    yield from _passwords(found.get("PASSWORD"))
    decides = "OKTA_SIGN_ON" if pipeline == "v1" else "ACCESS_POLICY"
    asked = [policy for kind in ("OKTA_SIGN_ON", "ACCESS_POLICY") for policy in found.get(kind, ())]
    for policy, rules in source.each(asked, lambda one: list(source.list(RULES, policyId=one["id"]))):
        for rule in rules:
            if rule.get("status") == "ACTIVE":
                yield from _sign_on(policy, rule, second_factor=policy.get("type") == decides)
    for policy in found.get("MFA_ENROLL", ()):
        yield from _enrolment(policy)


def _passwords(policies: list[Answer] | None) -> Iterator[Setting]:
    """The weakest of all, and each by itself; nothing where they could not be read."""
    if policies is None:
        return
    present = "present" if policies else "absent"
    yield Setting(key="password_policy", seen=policies, name="password_policy", value=present)
    lengths = [_deep(policy, "settings", "password", "complexity", "minLength") for policy in policies]
    if policies:
        known = None if None in lengths else str(min(lengths))
        name = "password_policy.minimum_length"
        yield Setting(key=name, seen=policies, name=name, value=known)
    for policy in policies:
        rules = _deep(policy, "settings", "password") or {}
        for part, name in (
            ("complexity", "minLength"),
            ("age", "maxAgeDays"),
            ("age", "historyCount"),
            ("lockout", "maxAttempts"),
        ):
            yield _setting(policy, f"password.{name}", (rules.get(part) or {}).get(name), [policy])


def _sign_on(policy: Answer, rule: Answer, *, second_factor: bool) -> Iterator[Setting]:
    """What one rule demands of those it lets in."""
    actions: Mapping[str, Any] = rule.get("actions") or {}
    door, application = actions.get("signon") or {}, actions.get("appSignOn") or {}
    if (door or application).get("access") == "DENY":
        return
    seen = [policy, rule]
    if second_factor:
        demanded = door.get("requireFactor") if policy.get("type") == "OKTA_SIGN_ON" else _two(application)
        value = None if demanded is None else "required" if demanded else "not_required"
        yield _setting(policy, "sign_on.second_factor", value, seen, rule)
    if policy.get("type") == "OKTA_SIGN_ON":
        session: Mapping[str, Any] = door.get("session") or {}
        yield _setting(policy, "session.idle_minutes", session.get("maxSessionIdleMinutes"), seen, rule)
        yield _setting(policy, "session.lifetime_minutes", session.get("maxSessionLifetimeMinutes"), seen, rule)
    else:
        demands = _resistant(application)
        yield _setting(policy, "sign_on.phishing_resistant", demands, seen, rule)


def _two(application: Mapping[str, Any]) -> bool | None:
    """Whether an access rule takes two factors; None for a chain of methods, which may or may not come to two."""
    mode = (application.get("verificationMethod") or {}).get("factorMode")
    return None if mode is None else mode == "2FA"


def _resistant(application: Mapping[str, Any]) -> str | None:
    """Whether every way that an access rule allows takes a factor that cannot be phished."""
    method: Mapping[str, Any] = application.get("verificationMethod") or {}
    if method.get("type") != "ASSURANCE":
        return None
    ways = [(one.get("possession") or {}).get("phishingResistant") for one in method.get("constraints") or ()]
    return "required" if ways and all(way == "REQUIRED" for way in ways) else "not_required"


def _enrolment(policy: Answer) -> Iterator[Setting]:
    """Which authenticators must, may or cannot be enrolled: `okta_password:REQUIRED, webauthn:OPTIONAL`."""
    told: Iterable[Mapping[str, Any]] = _deep(policy, "settings", "authenticators") or ()
    named = sorted(f"{one.get('key')}:{(one.get('enroll') or {}).get('self')}" for one in told)
    yield _setting(policy, "enrolment.authenticators", ", ".join(named) or None, [policy])


def _setting(policy: Answer, name: str, value: object, seen: list[Answer], rule: Answer | None = None) -> Setting:
    priority = policy.get("priority")
    where = f"policy {policy.get('name')}" if priority is None else f"policy {policy.get('name')} ({priority})"
    if rule is not None:
        where += f", rule {rule.get('name')} ({rule.get('priority')})"
    key = f"{policy['id']} {rule['id'] if rule is not None else '-'} {name}"
    return Setting(key=key, seen=seen, name=name, value=None if value is None else str(value), applies_to=where)


def _deep(answer: Mapping[str, Any], *names: str) -> Any:  # noqa: ANN401 - any JSON value
    found: Any = answer
    for name in names:
        found = (found or {}).get(name)
    return found
