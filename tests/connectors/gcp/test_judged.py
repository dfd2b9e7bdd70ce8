"""The rules of every provider over Google Cloud's rows: each planted deviation is found, and no other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.connectors.gcp.gathering import gather, gathered
from tests.connectors.github.judging import deviating, judged
from tests.doubles.gcp.server import GcpDouble, running_gcp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.connectors.gcp.gathering import Gathered

PLANTED = (
    "BCP-01",
    "BCP-03",
    "BCP-07",
    "IAM-10",
    "IAM-11",
    "IAM-14",
    "IAM-15",
    "IAM-16",
    "IAM-18",
    "LOG-01",
    "LOG-02",
    "LOG-06",
    "LOG-07",
    "LOG-08",
    "LOG-09",
)


@pytest.fixture(scope="module")
def organisation() -> Iterator[tuple[GcpDouble, list[Gathered]]]:
    with running_gcp() as double:
        yield double, gathered(double)


def test_everything_is_whole(organisation: tuple[GcpDouble, list[Gathered]]) -> None:
    _, found = organisation
    assert [str(gap) for one in found for gap in one.snapshot.gaps] == []
    assert [str(total) for one in found for total in one.snapshot.totals if not total.ties] == []
    assert all(one.snapshot.complete and one.snapshot.caller for one in found)


def test_no_secret_of_a_machine_a_channel_or_a_job_is_kept(organisation: tuple[GcpDouble, list[Gathered]]) -> None:
    _, found = organisation
    assert not any(b"hunter2" in body or b"ya29." in body for one in found for body in one.kept.values())


@pytest.mark.parametrize("control", PLANTED)
def test_every_planted_deviation_is_found_and_no_other(
    organisation: tuple[GcpDouble, list[Gathered]], control: str
) -> None:
    double, found = organisation
    outcomes = judged(found, control)[control]
    assert deviating(outcomes) == double.manifest["deviations"][control]
    told = {one.item: one.outcome for one in outcomes}
    near = {told.get(one) for one in double.manifest["near_misses"].get(control, ())}
    assert near <= {"pass", "not_applicable", None}


def test_owners_of_projects_are_items_and_the_deleted_are_not(organisation: tuple[GcpDouble, list[Gathered]]) -> None:
    double, found = organisation
    outcomes = judged(found, "IAM-04")["IAM-04"]
    people = {one.because.partition(",")[0] for one in outcomes if not one.item.startswith("number of")}
    assert people == double.manifest["owners"] | {"ada@northwind.example", "grace@northwind.example"}
    (count,) = (one for one in outcomes if one.item.startswith("number of"))
    assert count.outcome == "pass"


def test_the_log_of_administrators_works_everywhere(organisation: tuple[GcpDouble, list[Gathered]]) -> None:
    _, found = organisation
    (one,) = (one for one in judged(found, "LOG-01")["LOG-01"] if one.item == "audit log of the unit")
    assert one.outcome == "pass"
    assert "cloudaudit.googleapis.com%2Factivity (delivered" in one.because


def test_each_backup_that_failed_is_judged(organisation: tuple[GcpDouble, list[Gathered]]) -> None:
    double, found = organisation
    outcomes = {one.item: one for one in judged(found, "BCP-02")["BCP-02"]}
    failed = double.manifest["failed_backups"]
    assert failed
    assert all("run again with success" in outcomes[one].because for one in failed)


def test_a_project_without_an_environment_is_a_deviation(google: GcpDouble) -> None:
    google.estate.projects[1] = replace(google.estate.projects[1], environment="")
    read = ("gcp.org.projects", "gcp.asset.inventory")
    outcomes = judged(gathered(google, *read), "CHG-06")["CHG-06"]
    assert deviating(outcomes) == {"unit northwind-0001"}
    assert {one.outcome for one in outcomes if one.item == "unit northwind-0011"} == {"not_applicable"}
    named = {"environments": {"northwind-0001": "prod"}}
    assert not deviating(judged(gathered(google, *read, settings=named), "CHG-06")["CHG-06"])


def test_a_policy_that_one_index_leaves_out_does_not_tie(google: GcpDouble) -> None:
    google.estate.asset("projects/northwind-0002").found = False
    found = gather(google, "gcp.iam.policies")
    assert [total.name for total in found.snapshot.totals if not total.ties] == [
        "policies of cloudresourcemanager.googleapis.com/Project: found = listed"
    ]
