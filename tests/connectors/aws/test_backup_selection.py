from __future__ import annotations

from typing import Any

import pytest

from connectors.aws.continuity.backup_selection import selects

_DB = "arn:aws:rds:eu-central-1:111111111111:db:orders"
_ANY_DB = "arn:aws:rds:*:*:db:*"
_WEEKLY = {"ConditionType": "STRINGEQUALS", "ConditionKey": "Backup", "ConditionValue": "weekly"}


def _when(operator: str, value: str, key: str = "aws:ResourceTag/Backup") -> dict[str, Any]:
    return {"Conditions": {operator: [{"ConditionKey": key, "ConditionValue": value}]}}


@pytest.mark.parametrize(
    ("selection", "tags", "expected"),
    [
        ({"Resources": [_DB]}, {}, True),
        ({"Resources": [_DB]}, None, True),
        ({"Resources": [_DB + "-archive"]}, {}, False),
        ({"Resources": [_DB[:-1]]}, {}, False),
        ({"Resources": ["arn:aws:dynamodb:*:*:table/*", _ANY_DB]}, {}, True),
        ({"Resources": ["*"]}, {}, True),
        ({"Resources": ["*"], "NotResources": [_ANY_DB]}, {}, False),
        ({"Resources": ["*"], "NotResources": [_ANY_DB]}, None, False),
        ({}, {}, True),
        ({"ListOfTags": [_WEEKLY]}, {"Backup": "weekly"}, True),
        ({"ListOfTags": [_WEEKLY]}, {"backup": "weekly"}, False),
        ({"ListOfTags": [_WEEKLY]}, {}, False),
        ({"ListOfTags": [_WEEKLY]}, None, None),
        ({"ListOfTags": [_WEEKLY, {**_WEEKLY, "ConditionValue": "daily"}]}, {"Backup": "daily"}, True),
        ({"ListOfTags": [_WEEKLY], "Resources": [_DB]}, {}, True),
        ({"ListOfTags": [_WEEKLY], "Resources": [_DB]}, None, True),
        ({"Resources": ["*"], **_when("StringEquals", "yes")}, {"Backup": "yes"}, True),
        ({"Resources": ["*"], **_when("StringEquals", "yes")}, {"Backup": "no"}, False),
        ({"Resources": ["*"], **_when("StringEquals", "yes")}, None, None),
        ({"Resources": ["*"], **_when("StringLike", "y*")}, {"Backup": "yes"}, True),
        ({"Resources": ["*"], **_when("StringNotEquals", "no")}, {"Backup": "yes"}, True),
        ({"Resources": ["*"], **_when("StringNotEquals", "no")}, {}, False),
        ({"Resources": ["*"], **_when("StringNotLike", "n*")}, {"Backup": "no"}, False),
        (_when("StringEquals", "yes"), {"Backup": "yes"}, True),
        ({"Resources": [_DB], "Conditions": {"StringEquals": [], "StringLike": []}}, None, True),
        ({"Resources": ["arn:aws:rds:eu-central-1:111111111111:db:[a-z]*"]}, {}, False),
    ],
)
def test_a_selection_selects(*, selection: dict[str, Any], tags: dict[str, str] | None, expected: bool | None) -> None:
    assert selects(selection, _DB, tags) is expected


def test_all_conditions_must_hold() -> None:
    both = {"StringEquals": [{"ConditionKey": "aws:ResourceTag/a", "ConditionValue": "1"}]}
    both["StringLike"] = [{"ConditionKey": "aws:ResourceTag/b", "ConditionValue": "*"}]
    selection = {"Resources": ["*"], "Conditions": both}
    assert selects(selection, _DB, {"a": "1", "b": "2"}) is True
    assert selects(selection, _DB, {"a": "1"}) is False


def test_a_condition_that_is_not_known_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="NumericEquals"):
        selects(_when("NumericEquals", "1"), _DB, {"Backup": "1"})
