"""Which classes of events a rule of AWS waits for, as its pattern says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ANY = None
"""It names no kind of event, and may wait for any."""
OTHER = "other"
_ACTIONS = (
    (
        "identity",
        (
            "consolelogin", "user", "group", "role", "accesskey", "loginprofile", "mfadevice", "samlprovider",
            "openidconnectprovider", "accountassignment", "permissionset",
        ),
    ),
    ("policy", ("policy", "policies")),
    (
        "network",
        (
            "securitygroup", "networkacl", "route", "vpc", "internetgateway", "customergateway", "natgateway", "subnet",
            "networkinterface",
        ),
    ),
    ("key", ("disablekey", "schedulekeydeletion", "deleteimportedkeymaterial", "keypolicy", "keyrotation")),
    (
        "logging",
        (
            "trail", "stoplogging", "startlogging", "eventselectors", "insightselectors", "configurationrecorder",
            "deliverychannel", "flowlogs", "loggroup",
        ),
    ),
    ("security", ("detector", "securityhub")),
)  # fmt: skip
"""Words in AWS's names of what is done, by the class of event that it is."""
_NO_IDENTITY = re.compile(r"(security|log|subnet|parameter|target|resource|placement|autoscaling|option)group|userpool")
"""What else has the words "group" and "user" in it."""
_TOLD_BY = {
    "identity": {"iam", "identitystore", "signin", "sso", "sso-directory", "sts"},
    "network": {"ec2"},
    "key": {"kms"},
    "logging": {"cloudtrail", "config", "ec2", "logs"},
}
"""Who tells of such an event: where a rule names services, an action of another one is none of it."""
_SERVICES = {
    "cloudtrail": ("logging",),
    "config": ("logging",),
    "guardduty": ("security",),
    "iam": ("identity", "policy"),
    "inspector2": ("security",),
    "kms": ("key",),
    "organizations": ("policy",),
    "securityhub": ("security",),
    "signin": ("identity",),
    "sso": ("identity",),
}
"""Classes of everything that a service tells, where no single action is named."""
_READING = ("get", "list", "describe", "lookup")
GLOBAL_SERVICES = frozenset({"iam", "organizations"})
"""Their events show up in one region, whatever region is worked from."""

_CLAUSE = re.compile(
    r'\$\.([\w.\[\]*-]+)\s*(!=|>=|<=|=|>|<|\bNOT\b|\bEXISTS\b|\bIS\b)\s*("[^"]*"|%[^%]*%|[^\s()&|{}]*)'
)
_KNOWN = frozenset({
    "additionalEventData.MFAUsed", "errorCode", "errorMessage", "eventName", "eventSource", "eventType",
    "responseElements.ConsoleLogin", "sessionCredentialFromConsole", "userIdentity.invokedBy",
    "userIdentity.sessionContext.attributes.mfaAuthenticated", "userIdentity.type",
})  # fmt: skip
"""What tells kinds of events apart. Asking for anything else leaves some events of a kind out: a user, an address."""


class Waits(NamedTuple):
    """What a rule waits for: `whole` is false where it leaves some events of these classes out, or may."""

    classes: tuple[str | None, ...]
    whole: bool
    services: frozenset[str] = frozenset()
    """All the services that the events can come from; empty where it does not say."""


def of_filter(pattern: str) -> Waits:
    """A metric filter's pattern. Text that is no condition on fields may fit any event that has the words in it."""
    clauses = _CLAUSE.findall(pattern)
    if not clauses:
        return Waits((ANY,), whole=not pattern.strip())
    wanted = [(field, value.strip('"%')) for field, relation, value in clauses if relation == "="]
    names = [value for field, value in wanted if field == "eventName"]
    sources = [value for field, value in wanted if field == "eventSource"]
    root = ("userIdentity.type", "Root") in wanted
    failed = any(field in {"errorCode", "errorMessage"} for field, _ in wanted)
    classes = _classes(names, sources, root=root)
    # Events that failed, of any kind: no change of any class is among them.
    classes = (OTHER,) if classes == (ANY,) and failed else classes
    # A sign-in that failed, or one by a user, is trouble of its own; of a change, such a condition shows a part alone.
    of_some = failed or any(field == "userIdentity.type" for field, _ in wanted)
    part = of_some and bool(names or sources) and set(names) != {"ConsoleLogin"}
    shut_out = any(
        relation == "!=" and field in {"eventName", "eventSource"} and not value.strip('"').lower().startswith(_READING)
        for field, relation, value in clauses
    )
    # A condition that is not understood may leave out anything.
    understood = len(clauses) == pattern.count("$.") and all(field in _KNOWN for field, _, _ in clauses)
    return Waits(classes, whole=understood and not part and not shut_out)


def of_event_pattern(text: str) -> Waits:
    """An event pattern of EventBridge."""
    try:
        pattern = json.loads(text)
    except ValueError:
        return Waits((ANY,), whole=False)
    if not isinstance(pattern, dict):
        return Waits((ANY,), whole=False)
    detail = pattern.get("detail") or {}
    detail = detail if isinstance(detail, dict) else {"": detail}
    sources = list(_named([*_listed(pattern.get("source")), *_listed(detail.get("eventSource"))]))
    names = list(_named(_listed(detail.get("eventName"))))
    signing_in = any("Sign In" in str(one) for one in _listed(pattern.get("detail-type")))
    return Waits(
        _classes([*names, *(["ConsoleLogin"] if signing_in else [])], sources, root=False),
        whole=not set(pattern) - {"source", "detail-type", "detail", "version"}
        and not set(detail) - {"eventSource", "eventName"}
        and not _excludes(detail.get("eventName"))
        and not _excludes(detail.get("eventSource"))
        and not _excludes(pattern.get("source")),
        services=frozenset(map(_service, sources)),
    )


def _classes(names: list[str], sources: list[str], *, root: bool) -> tuple[str | None, ...]:
    """By what is done; where that is not named, by the services that tell it."""
    if names:
        services = set(map(_service, sources))
        found = {one for name in names for one in _of_action(name)}
        found = {one for one in found if not services or services & _TOLD_BY.get(one, services)}
        if not found and any("*" in name or not name for name in names):
            return (ANY,)
    elif sources:
        found = {one for source in sources for one in _SERVICES.get(_service(source), ())}
        if not found and any("*" in source for source in sources):
            return (ANY,)
    else:
        found = set()
        if not root:
            return (ANY,)
    found |= {"identity"} if root else set()
    return tuple(sorted(found)) or (OTHER,)


def _of_action(name: str) -> Iterator[str]:
    plain = name.lower()
    if plain.startswith(_READING):
        return
    for found, words in _ACTIONS:
        text = _NO_IDENTITY.sub("", plain) if found == "identity" else plain
        if any(word in text for word in words):
            yield found


def _service(source: str) -> str:
    """`aws.iam` of EventBridge and `iam.amazonaws.com` of CloudTrail are one."""
    return source.removeprefix("aws.").partition(".amazonaws.")[0].lower()


def _listed(given: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return given if isinstance(given, list) else [] if given is None else [given]


def _named(values: Iterable[Any]) -> Iterator[str]:
    """The values that are asked for. A beginning stands for all that begins so, as `*` says in a metric filter."""
    for one in values:
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            yield from (f"{found}*" for name, found in one.items() if name == "prefix" and isinstance(found, str))


def _excludes(values: Any) -> bool:  # noqa: ANN401 - any JSON
    return any(isinstance(one, dict) and set(one) - {"prefix"} for one in _listed(values))
