"""Any fault on any call of any evidence type: a gap that names the call, and no value that was not there before.

For every evidence type and every operation it declares, two kinds of fault, injected in one account. The double says
whether a fault was met: an operation that this estate never leads to is listed here by name.
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
"""Each operation meets two of them; which ones, goes round."""
OF_MANAGEMENT = {"aws.org.accounts", "aws.sso.assignments"}
"""Read where the organisation is; everything else in production, which has the most."""
UNMET = {("aws.iam.role_trusts", "organizations:DescribeOrganization")}
"""With a role configured the organisation's accounts are known, and this is not asked."""
CONNECTION = "sts:GetCallerIdentity"
BEFORE_ANYTHING = {CONNECTION, "organizations:ListAccounts"}
"""Asked in the management account before there is anything to collect: then nothing is collected at all."""
MOVING = {"delivered_at", "last_backup_at", "last_login_at"}
"""The double says that these are just now."""

UNREAD = ("action", "covers", "condition", "after_days", "from_day", "keeps_forever", "enabled")


def cases() -> Iterator[Any]:
    turn = count()
    found, broken = load(["aws"])
    assert not broken, broken
    for evidence in sorted(found["aws"].types.values(), key=lambda one: one.id):
        for need in (*evidence.needs, CONNECTION):
            start = next(turn) * 2
            faults = FAULTS[start % len(FAULTS)], FAULTS[(start + 1) % len(FAULTS)]
            yield pytest.param(evidence.id, need, faults, id=f"{evidence.id}-{need}-{'-'.join(faults)}")


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


@pytest.mark.parametrize(("evidence", "need", "faults"), list(cases()))
def test_any_fault_is_a_gap_and_never_a_value(
    aws: AwsDouble, healthy: Healthy, evidence: str, need: str, faults: tuple[str, str]
) -> None:
    before = healthy.of(evidence)
    assert before.snapshot.complete, before.snapshot.gaps
    first, other = faults
    # The first call meets one fault and the others another; where there is but one call, it meets them in turn.
    met_both = met(aws, healthy, evidence, need, [{"fault": first, "times": 1}, {"fault": other, "skip": 1}])
    if not met_both and (evidence, need) not in UNMET:
        met(aws, healthy, evidence, need, [{"fault": other}])


def met(aws: AwsDouble, healthy: Healthy, evidence: str, need: str, faults: list[dict[str, Any]]) -> bool:
    """Whether every one of the faults was met; each call that was spoilt has its gap, and no value is another one."""
    service, operation = need.split(":")
    aws.clear_faults()
    for fault in faults:
        aws.fault(**fault, match={"service": service, "operation": operation, "account": healthy.unit(evidence)})
    if evidence in OF_MANAGEMENT and need in BEFORE_ANYTHING:
        with pytest.raises(UsageError):
            healthy.gather(evidence)
        return False
    after, before = healthy.gather(evidence), healthy.of(evidence)
    fired = [rule["fired"] for rule in aws.faults()]
    assert bool(fired[0]) == ((evidence, need) not in UNMET), f"{need} was called {fired} times"
    if not fired[0]:
        assert after.rows == before.rows
        return False
    assert not after.snapshot.complete
    assert "defect" not in after.causes, after.snapshot.gaps
    named = [gap for gap in after.snapshot.gaps if gap.subject.split(" ")[0] == need]
    assert len(named) >= sum(fired), after.snapshot.gaps
    known = {row["row_id"]: row for row in before.rows}
    for row in after.rows:
        if row["row_id"] in known:
            assert false_values(known[row["row_id"]], row) == {}
        else:
            assert says_unknown(row), f"made up: {row}"
    return all(fired)


def says_unknown(row: dict[str, Any]) -> bool:
    """Rows that by their evidence type's own description stand in for what could not be read.

    A store whose backups could not be looked at; a group whose members could not be listed; a bucket of whose rules
    nothing is known.
    """
    if row["table"] == "retention_rule":
        return all(row[name] is None for name in UNREAD)
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
