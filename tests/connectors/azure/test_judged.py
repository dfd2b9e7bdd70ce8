"""The same rules as on every other cloud judge Azure: what is planted is all found, and nothing is invented."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.azure.gathering import gathered
from tests.connectors.azure.judging import items, judged
from tests.doubles.arm.plants import PLANTS
from tests.doubles.arm.services import SECRET
from tests.doubles.arm.tenant import running_tenant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.connectors.azure.gathering import Gathered
    from tests.doubles.arm.tenant import Tenant

JUDGED = sorted({*PLANTS.values(), "CHG-06", "IAM-04", "LOG-08"})
SUBSCRIPTIONS = 4
COUNT = "audit log of the unit"


@pytest.fixture(scope="module")
def everything() -> Iterator[tuple[Tenant, Sequence[Gathered]]]:
    with running_tenant(SUBSCRIPTIONS) as tenant:
        found = gathered(tenant)
        assert tenant.double.complaints == []
        yield tenant, found


def test_every_evidence_type_is_read_whole(everything: tuple[Tenant, Sequence[Gathered]]) -> None:
    incomplete = [(one.snapshot.evidence_type, one.snapshot.gaps) for one in everything[1] if not one.snapshot.complete]
    assert incomplete == []
    assert len({one.snapshot.evidence_type for one in everything[1]}) == 24
    # In one subscription no rule of configuration is evaluated; that is planted.
    assert [one.snapshot.evidence_type for one in everything[1] if not one.rows] == ["azure.policy.states"]


@pytest.mark.parametrize("control", JUDGED)
def test_what_is_planted_is_found_and_nothing_is_invented(
    everything: tuple[Tenant, Sequence[Gathered]], control: str
) -> None:
    tenant, found = everything
    planted = {item for name, items_ in tenant.planted.items() if PLANTS[name] == control for item in items_}
    if control == "LOG-01":
        verdicts = judged(found, control)
        assert {unit for (unit, _), (outcome, _) in verdicts.items() if outcome == "deviation"} == planted
        # Azure does not tell when it last delivered: where there is an export, that is all that is missing.
        others = {outcome for (unit, item), (outcome, _) in verdicts.items() if unit not in planted and item == COUNT}
        assert others == {"cannot_tell"}
        flows = [outcome for (_, item), (outcome, _) in verdicts.items() if item.startswith("network flows of ")]
        assert flows == ["pass"] * SUBSCRIPTIONS
        return
    verdicts = judged(found, control)
    assert items(verdicts, "deviation") == planted
    # A deviation is in the one subscription that it was planted in.
    assert sum(outcome == "deviation" for outcome, _ in verdicts.values()) == len(planted)


def test_what_is_right_passes(everything: tuple[Tenant, Sequence[Gathered]]) -> None:
    _, found = everything
    for control in ("IAM-14", "IAM-15", "IAM-16", "IAM-17", "IAM-18", "LOG-04", "LOG-06", "BCP-01", "BCP-02"):
        outcomes = {outcome for outcome, _ in judged(found, control).values()}
        assert "pass" in outcomes, control
        assert "cannot_tell" not in outcomes, (control, judged(found, control))


def test_no_secret_is_kept(everything: tuple[Tenant, Sequence[Gathered]]) -> None:
    kept = b"".join(body for one in everything[1] for body in one.kept.values())
    assert b"redacted:" in kept
    assert SECRET.encode() not in kept


def test_a_restore_is_told_apart_from_a_backup(everything: tuple[Tenant, Sequence[Gathered]]) -> None:
    _, found = everything
    restores = [row for one in found for row in one.table("restore_test")]
    assert {row["test_id"] for row in restores} == {f"restore-{index}" for index in range(SUBSCRIPTIONS)}
    assert {row["restored_ok"] for row in restores} == {True}
    assert not [row for one in found for row in one.table("backup_job") if "restore" in row["job_id"]]


def test_an_administrator_is_one_over_a_subscription_or_more(
    everything: tuple[Tenant, Sequence[Gathered]],
) -> None:
    _, found = everything
    grants = [row for one in found for row in one.table("access_grant")]
    held = {row["resource"] for row in grants if row["privileged"]}
    assert len(held) == SUBSCRIPTIONS
    assert all(one.count("/") == 2 for one in held)
    assert {row["privileged"] for row in grants if "/resourceGroups/" in row["resource"]} == {False}
    assert {row["via"] for row in grants} == {"direct", "eligible direct"}
    assert sum(row["expires_at"] is not None for row in grants) == SUBSCRIPTIONS
