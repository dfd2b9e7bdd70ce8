"""What a backup plan's selection selects: by ARN, by any of some tags, and by conditions that must all hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.aws.tags import Tags

_TAG_KEY = "aws:ResourceTag/"


def selects(selection: Mapping[str, Any], arn: str, tags: Tags | None) -> bool | None:
    """Whether a BackupSelection selects the resource; None when that hangs on tags that could not be read.

    As AWS Backup does: any of Resources or of ListOfTags brings it in, as does a selection that has neither; then
    NotResources takes out, and every one of Conditions must hold. A resource without the tag meets no condition.
    """
    if any(_matches(pattern, arn) for pattern in selection.get("NotResources") or ()):
        return False
    resources, any_tag = selection.get("Resources") or (), selection.get("ListOfTags") or ()
    conditions = selection.get("Conditions") or {}
    named = any(_matches(pattern, arn) for pattern in resources) or not (resources or any_tag)
    if tags is None:
        hangs_on_tags = any(conditions.values()) or (any_tag and not named)
        return None if hangs_on_tags else named
    tagged = any(_tag(tags, one["ConditionKey"]) == one["ConditionValue"] for one in any_tag)
    return (named or tagged) and all(
        _holds(operator, _tag(tags, one["ConditionKey"]), one["ConditionValue"])
        for operator, wanted in conditions.items()
        for one in wanted or ()
    )


def _tag(tags: Tags, key: str) -> str | None:
    return tags.get(key.removeprefix(_TAG_KEY))


def _holds(operator: str, value: str | None, wanted: str) -> bool:
    if value is None:
        return False
    match operator:
        case "StringEquals":
            return value == wanted
        case "StringNotEquals":
            return value != wanted
        case "StringLike":
            return _matches(wanted, value)
        case "StringNotLike":
            return not _matches(wanted, value)
        case _:
            raise ValueError(f"AWS Backup has a condition that is not known here: {operator}")


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None
