"""Any fault on any call of any evidence type: a gap that names the call, and no value that was not there before.

For every evidence type and every operation it declares, faults of different kinds in turn, injected in one account. The
double says whether the fault was met: an operation that this estate never leads to is listed here by name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from collector.errors import UsageError
from collector.registry import load
from tests.connectors.aws.conftest import gathered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Estate
    from tests.connectors.aws.conftest import Gathered
    from tests.doubles.aws.process import AwsDouble

pytestmark = pytest.mark.slow

FAULTS = ("deny", "html", "truncate", "empty", "error500", "not_found_html", "throttle")
ROUNDS = 2
"""How many of the faults each operation meets; which ones, goes round."""
OF_MANAGEMENT = {"aws.org.accounts", "aws.sso.assignments"}
"""Read where the organisation is; everything else in production, which has the most."""
UNMET = {("aws.iam.role_trusts", "organizations:DescribeOrganization")}
"""With a role configured the organisation's accounts are known, and this is not asked."""
CONNECTION = "sts:GetCallerIdentity"
BEFORE_ANYTHING = {CONNECTION, "organizations:ListAccounts"}
"""Asked in the management account before there is anything to collect: then nothing is collected at all."""
MOVING = {"delivered_at", "last_backup_at", "last_login_at"}
"""The double says that these are just now."""


def cases() -> Iterator[Any]:
    turn = count()
    found, broken = load(["aws"])
    assert not broken, broken
    for evidence in sorted(found["aws"].types.values(), key=lambda one: one.id):
        for need in (*evidence.needs, CONNECTION):
            start = next(turn)
            faults = [FAULTS[(start * ROUNDS + number) % len(FAULTS)] for number in range(ROUNDS)]
            for fault in faults if need != CONNECTION else faults[:1]:
                yield pytest.param(evidence.id, need, fault, id=f"{evidence.id}-{need}-{fault}")


class Healthy:
    """What each evidence type reads when nothing is wrong; each is read once."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.now = datetime.now(UTC)
        self._read: dict[str, Gathered] = {}

    def unit(self, evidence: str) -> str:
        return self.estate.account("management" if evidence in OF_MANAGEMENT else "northwind-prod")

    def gather(self, evidence: str) -> Gathered:
        (found,) = gathered(evidence, only=self.unit(evidence), now=self.now, attempts=1, timeout_seconds=5)
        return found

    def of(self, evidence: str) -> Gathered:
        if evidence not in self._read:
            self._read[evidence] = self.gather(evidence)
        return self._read[evidence]


@pytest.fixture(scope="module")
def healthy(seeded: Estate) -> Healthy:
    return Healthy(seeded)


@pytest.mark.parametrize(("evidence", "need", "fault"), list(cases()))
def test_any_fault_is_a_gap_and_never_a_value(
    aws: AwsDouble, healthy: Healthy, evidence: str, need: str, fault: str
) -> None:
    before = healthy.of(evidence)
    assert before.snapshot.complete, before.snapshot.gaps
    service, operation = need.split(":")
    aws.fault(fault, match={"service": service, "operation": operation, "account": healthy.unit(evidence)})
    if evidence in OF_MANAGEMENT and need in BEFORE_ANYTHING:
        with pytest.raises(UsageError):
            healthy.gather(evidence)
        return
    after = healthy.gather(evidence)
    (rule,) = aws.faults()
    assert bool(rule["fired"]) == ((evidence, need) not in UNMET), f"{need} was called {rule['fired']} times"
    if not rule["fired"]:
        assert after.rows == before.rows
        return
    assert not after.snapshot.complete
    assert "defect" not in after.causes, after.snapshot.gaps
    named = [gap for gap in after.snapshot.gaps if gap.subject.split(" ")[0] == need]
    assert named, after.snapshot.gaps
    known = {row["row_id"]: row for row in before.rows}
    for row in after.rows:
        if row["row_id"] in known:
            assert false_values(known[row["row_id"]], row) == {}
        else:
            assert says_unknown(row), f"made up: {row}"


def says_unknown(row: dict[str, Any]) -> bool:
    """Rows that by their evidence type's own description stand in for what could not be read.

    A store whose backups could not be looked at; a group whose members could not be listed.
    """
    stand_ins = {("backup_plan", "source", "unknown"), ("access_grant", "principal_kind", "group")}
    return any(row["table"] == table and row[name] == value for table, name, value in stand_ins)


def false_values(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The fields that say something else than in the healthy run, other than that they do not know."""
    return {
        name: (before[name], value)
        for name, value in after.items()
        if name != "origins"
        and value is not None
        and value != before[name]
        and (name, value) != ("source", "unknown")
        and not (name in MOVING and before[name] is not None and value > before[name])
    }
