"""Which access to data is logged in each project, with what is inherited, and what LOG-01 says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.connectors.gcp.gathering import Gathered, gathered
from tests.connectors.github.judging import judged
from tests.doubles.gcp.server import GcpDouble, error, running_gcp

if TYPE_CHECKING:
    from collections.abc import Iterator

AUDIT, POLICIES = "gcp.audit.config", "gcp.iam.policies"
RULE = (AUDIT, "gcp.network.flow_logs")
"""All that LOG-01 reads of Google Cloud."""
DENIED = error(403, "PERMISSION_DENIED", "The caller does not have permission")
_ALL = {"ADMIN_READ", "DATA_READ", "DATA_WRITE"}
_EXEMPT = "NOT allServices DATA_READ of serviceAccount:scan@northwind-0001.iam.gserviceaccount.com"


@pytest.fixture(scope="module")
def found() -> Iterator[list[Gathered]]:
    with running_gcp() as double:
        yield gathered(double, *RULE)


def rows(found: list[Gathered]) -> dict[str, dict[str, Any]]:
    return {row["within"]: row for one in found for row in one.table("log_source") if row["kind"] == "data_access"}


def items(found: list[Gathered], *asked: str) -> dict[str, tuple[str, str]]:
    outcomes = judged(found, "LOG-01", parameters={"LOG-01": {"data_access": list(asked)}})["LOG-01"]
    return {
        one.item.rpartition(" ")[2]: (one.outcome, one.because) for one in outcomes if one.item.startswith("access")
    }


def test_each_active_project_has_what_is_set_on_it_and_above_it(found: list[Gathered]) -> None:
    told = rows(found)
    assert sorted(told) == [f"northwind-{index:04d}" for index in range(11)], "the last is waiting to be deleted"
    first, second, third = (set(told[f"northwind-000{index}"]["events"]) for index in (3, 1, 2))
    assert first == {f"allServices {kind}" for kind in _ALL}
    assert second == first | {_EXEMPT}
    assert third == second, "its folder sets nothing, and the folder above that one does"
    assert set(told["northwind-0000"]["events"]) == first | {"storage.googleapis.com DATA_READ"}
    assert [told[f"northwind-000{index}"]["whole"] for index in range(4)] == [True, False, False, True]
    assert {row["enabled"] for row in told.values()} == {True}


def test_log_01_shows_every_project_and_judges_those_that_the_company_names(found: list[Gathered]) -> None:
    shown, asked = items(found), items(found, "northwind-0000", "northwind-0001")
    assert {outcome for outcome, _ in shown.values()} == {"not_applicable"}
    assert len(shown) == 11
    assert _EXEMPT in shown["northwind-0001"][1]
    assert [asked[f"northwind-000{index}"][0] for index in range(3)] == ["pass", "deviation", "not_applicable"]
    everywhere = [outcome for outcome, _ in items(found, "*").values()]
    assert (everywhere.count("pass"), everywhere.count("deviation")) == (4, 7)


def test_nothing_set_anywhere_is_no_log(google: GcpDouble) -> None:
    for one in google.estate.assets:
        (one.policy or {}).pop("auditConfigs", None)
    told = gathered(google, *RULE)
    assert {(row["enabled"], row["whole"], tuple(row["events"])) for row in rows(told).values()} == {(False, False, ())}
    assert {outcome for outcome, _ in items(told, "*").values()} == {"deviation"}


def test_a_project_of_which_no_policy_is_known_is_unknown(google: GcpDouble) -> None:
    google.estate.asset("cloudresourcemanager.googleapis.com/projects/northwind-0003").policy = None
    told = gathered(google, *RULE)
    row = rows(told)["northwind-0003"]
    assert (row["enabled"], row["whole"], row["events"]) == (None, None, None)
    assert items(told, "*")["northwind-0003"][0] == "cannot_tell"


def test_what_a_single_project_inherits_is_not_seen(google: GcpDouble) -> None:
    told = gathered(google, *RULE, settings={"roots": ("projects/northwind-0003",)})
    (row,) = rows(told).values()
    assert (row["enabled"], row["whole"], row["events"]) == (None, None, None)


@pytest.mark.parametrize("kind", ["Folder", "Organization", "Project"])
def test_settings_that_are_refused_are_a_gap_and_no_setting(google: GcpDouble, kind: str) -> None:
    for mark in (f"{kind} IAM_POLICY", f"IAM_POLICY cloudresourcemanager.googleapis.com/{kind}"):
        google.answers.append((mark, DENIED))
    told = gathered(google, *RULE, judged=False)
    assert {cause for one in told for cause in one.causes} == {"denied"}
    assert {row["events"] for row in rows(told).values()} == {None}
    assert {outcome for outcome, _ in items(told, "*").values()} == {"cannot_tell"}


def test_it_costs_no_request_beside_the_policies_that_are_read_anyway(google: GcpDouble) -> None:
    gathered(google, POLICIES)
    alone = len(google.called)
    gathered(google, AUDIT)
    apart = len(google.called)
    gathered(google, POLICIES, AUDIT)
    both = len(google.called)
    shared = 3 + 5  # the three lists of policies; who we are, and the searches for projects and folders
    assert both - apart <= apart - shared, (alone, apart, both)
