"""Whether a key's policy lets everyone use the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPERATORS = {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"}
_ANY_VALUE = "ForAnyValue:"
_ACCOUNT_KEYS = {
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceowner",
    "kms:calleraccount",
}
_PATH_KEYS = {"aws:principalorgpaths", "aws:sourceorgpaths"}
_ARN_KEYS = {"aws:principalarn", "aws:sourcearn"}
_ACCOUNT_OF_ARN = 4


def policy_open(policy: Mapping[str, Any]) -> bool:
    """Whether any statement allows everyone something, without a condition that holds it to accounts by name.

    Such a condition names accounts, an organisation or identities, of the caller or of the source a service acts for.
    Statements that deny are not weighed: what they take away again is not counted.
    """
    return any(
        statement.get("Effect") == "Allow" and _everyone(statement) and not _limited(statement.get("Condition") or {})
        for statement in _many(policy.get("Statement"))
    )


def _everyone(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    named = _many(principal.get("AWS")) if isinstance(principal, dict) else _many(principal)
    return "*" in named


def _limited(condition: Mapping[str, Any]) -> bool:
    """Whether one of the parts, which must all hold, names who may come. `…IfExists` lets in who has no such trait."""
    return any(
        operator.removeprefix(_ANY_VALUE) in _OPERATORS
        and any(_names(key.lower(), _many(values)) for key, values in wanted.items())
        for operator, wanted in condition.items()
    )


def _names(key: str, values: list[Any]) -> bool:
    texts = [str(value) for value in values]
    if key in _ACCOUNT_KEYS:
        return bool(texts) and not any("*" in text or "?" in text for text in texts)
    if key in _PATH_KEYS:
        return bool(texts) and all(_literal(text.split("/")[0]) for text in texts)
    if key in _ARN_KEYS:
        return bool(texts) and all(_literal((text.split(":") + [""] * 5)[_ACCOUNT_OF_ARN]) for text in texts)
    return False


def _literal(text: str) -> bool:
    return bool(text) and "*" not in text and "?" not in text


def _many(value: Any) -> list[Any]:  # noqa: ANN401 - a policy writes one thing bare and several as a list
    return value if isinstance(value, list) else [] if value is None else [value]
