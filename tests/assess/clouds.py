"""Judges what the connectors' own normalisers made of the doubles' answers, beside what people uploaded.

In a double each case is a project or a subscription of its own, so one collection is enough for all of them.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from collector.assess.completeness import Evidence
from collector.assess.controls import with_parameters
from collector.assess.judge import assess
from collector.seal import evidence_leaf
from tests.assess.sealed import CONTROLS, Sealed
from tests.doubles.arm.ids import subscription_id
from tests.doubles.arm.tenant import running_tenant
from tests.doubles.gcp.server import running_gcp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from collector.model import Snapshot
    from collector.records import Record
    from tests.doubles.arm.tenant import Tenant
    from tests.doubles.gcp.server import GcpDouble

FIRST, SECOND = "northwind-0000", "northwind-0001"
CASE = tuple[dict[str, Any], str]
"""What is changed, and what the rule must then say."""
ESTATE = frozenset({"aws.org.accounts", "azure.subscriptions"})
"""Read once, where the whole organisation is known."""


class Gathered(Protocol):
    """One snapshot, and every byte that was kept."""

    @property
    def snapshot(self) -> Snapshot: ...
    @property
    def kept(self) -> Mapping[str, bytes]: ...


def told(
    control: str,
    found: Sequence[Gathered],
    uploaded: Mapping[str, Sequence[Record]] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> dict[str, tuple[str, str]]:
    """Each item's outcome and why; items of several scopes by one name must have one outcome."""
    rule = with_parameters([CONTROLS[control]], {control: parameters or {}})[0]
    sealed = Sealed()
    for evidence_type, records in (uploaded or {}).items():
        sealed.add(evidence_type, records)
    read = [one for one in found if one.snapshot.evidence_type in rule.evidence]
    assert read, "none of it is evidence of this control"
    contents = {**sealed.documents, **{digest: body for one in read for digest, body in one.kept.items()}}
    leaves = [*(one.body for one in sealed.evidence), *(evidence_leaf(one.snapshot, "run") for one in read)]
    evidence = [Evidence(index, leaf) for index, leaf in enumerate(leaves)]
    (assessment,) = assess([rule], evidence, contents.__getitem__, [], ESTATE)
    parts = {f"part: {one.part}" for one in rule.header.unseen}
    outcomes = [one for one in assessment.outcomes if one.item not in parts]
    assert "the rule itself" not in {one.item for one in outcomes}, outcomes
    return {one.item: (one.outcome.value, one.because) for one in outcomes}


def ending(outcomes: Mapping[str, tuple[str, str]], end: str) -> str:
    """The outcome of the one item whose name ends so."""
    (outcome,) = (outcome for item, (outcome, _) in outcomes.items() if item.endswith(end))
    return outcome


@contextmanager
def google(cases: Collection[Any] = (1, 2)) -> Iterator[GcpDouble]:
    """As many projects as cases, and a last one that waits to be deleted."""
    with running_gcp(len(cases) + 1) as double:
        yield double


@contextmanager
def azure(cases: Collection[Any] = (1,)) -> Iterator[Tenant]:
    """As many subscriptions as cases, in which nothing is wrong."""
    with running_tenant(len(cases), planted=False) as tenant:
        yield tenant
        assert tenant.double.complaints == []


def path(number: int) -> str:
    return f"/subscriptions/{subscription_id(number)}"


def shown(tenant: Tenant, number: int, end: str) -> dict[str, Any]:
    """The settings of one resource of a subscription, as Resource Graph shows them."""
    (row,) = (
        one
        for one in tenant.estate.tables["resources"]
        if one["id"].startswith(path(number)) and one["id"].lower().endswith(end.lower())
    )
    known: dict[str, Any] = row["properties"]
    return known


def listed(tenant: Tenant, number: int, end: str) -> list[dict[str, Any]]:
    """A list that a subscription answers with."""
    return tenant.estate.lists[f"{path(number)}/{end}".lower()]


def project(number: int) -> str:
    return f"northwind-{number:04d}"


def outcomes(found: dict[str, tuple[str, str]], items: Sequence[str]) -> list[str]:
    return [ending(found, one) for one in items]
