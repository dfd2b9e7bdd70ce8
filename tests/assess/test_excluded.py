"""AQ-06, in the small: which rows an entry takes out and for which time, and what a scope that is out still lacks."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from collector.export import export
from collector.model import Cause, Gap
from collector.records import AccessGrant, Account, Change, ChangeReview, IdentityLink, Person, Resource, ScopeUnit
from tests.assess.sealed import CONTROLS, ESTATE, NOW, OTHER, UNIT, Sealed, ago
from tests.assess.test_scope_register import entry

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from collector.assess.outcomes import Outcome
    from collector.records import Record, ScopeDecision

STORES, REGISTER, PULLS, SSO = (
    "aws.s3.public_access", "records.scope_register", "github.pulls.merged", "aws.sso.assignments",
)  # fmt: skip
STORAGE, ENCRYPTION, REVIEW = CONTROLS["IAM-15"], CONTROLS["IAM-16"], CONTROLS["CHG-02"]


def store(name: str, **columns: Any) -> Resource:
    return Resource(key=name, seen=(), resource_id=name, type="bucket", public=True, **columns)


def register(sealed: Sealed, *entries: ScopeDecision, gaps: tuple[Gap, ...] = ()) -> None:
    sealed.add(REGISTER, entries, gaps=gaps, unit="northwind")


def stores(*entries: ScopeDecision, gaps: tuple[Gap, ...] = (), **columns: Any) -> dict[str, Outcome]:
    """What IAM-15 says of a public store in each of two accounts."""
    sealed = Sealed()
    sealed.add(STORES, [store("ours")])
    sealed.add(STORES, [store("theirs", **columns)], unit=OTHER)
    register(sealed, *entries, gaps=gaps)
    (assessment,) = sealed.judge(STORAGE)
    return {one.item: one for one in assessment.outcomes if not one.item.startswith("part: ")}


def deviating(told: dict[str, Outcome]) -> set[str]:
    return {row.rpartition(" ")[2] for row, one in told.items() if one.seen == "deviation"}


def test_aq_06_an_excluded_account_is_no_item_and_is_named_with_its_entry() -> None:
    assert deviating(stores()) == {"ours", "theirs"}
    told = stores(entry(OTHER, valid_to=ago(days=-30)))
    assert deviating(told) == {"ours"}
    out = told[f"out of scope: {OTHER}"]
    assert (out.outcome, out.seen, out.rows) == ("not_applicable", None, ())
    assert out.because.startswith("1 rows do not count (aws.s3.public_access 1): out of scope by entry ")
    assert f"to {ago(days=-30):%Y-%m-%d %H:%M} UTC, approved by CFO: sold in March" in out.because
    assert not [one for one in told if one.startswith("the whole of")], "its evidence is not asked to be whole"


@pytest.mark.parametrize(
    "columns",
    [
        {"decision": "in_scope"},
        {"decision": None},
        {"reason": " "},
        {"approved_by": None},
        {"valid_from": None},
        {"valid_from": ago(days=-1)},
        {"valid_to": ago(hours=1)},
        {"valid_to": NOW},
    ],
)
def test_aq_06_what_is_not_whole_or_not_in_force_takes_nothing_out(columns: dict[str, Any]) -> None:
    assert deviating(stores(entry(OTHER, **columns))) == {"ours", "theirs"}


def test_aq_06_what_nobody_can_tell_stays_counted() -> None:
    contradiction = [entry(OTHER), entry(OTHER, decision="in_scope")]
    assert deviating(stores(*contradiction)) == {"ours", "theirs"}
    half_read = (Gap(Cause.TRUNCATED, "row 7", "not read"),)
    assert deviating(stores(entry(OTHER), gaps=half_read)) == {"ours", "theirs"}
    assert deviating(stores(entry(OTHER), within="another unit")) == {"ours", "theirs"}, "it names no unit beside it"


def test_aq_06_a_scope_that_is_out_lacks_nothing_and_proves_nothing() -> None:
    sealed = Sealed()
    sealed.add(STORES, [store("ours")])
    sealed.add(STORES, [], unit=OTHER, gaps=(Gap(Cause.DENIED, "s3:ListAllMyBuckets", "refused"),))
    (before,) = sealed.judge(STORAGE)
    assert f"the whole of aws {OTHER}" in {one.item for one in before.outcomes}
    register(sealed, entry(OTHER))
    (after,) = sealed.judge(STORAGE)
    mine = {one.item for one in after.outcomes if one.unit == OTHER}
    assert mine == {f"out of scope: {OTHER}"}, "neither gaps nor parts of what is out"
    assert set(after.leaves) == {0, 1, 2}, "what is out and the register that says so are cited all the same"


def test_aq_06_a_project_that_is_a_scope_by_itself_is_out_as_a_whole() -> None:
    """Its scope is called by its kind too, and the register knows its id."""
    buckets, instances = "gcp.storage.buckets", "gcp.sql.instances"
    for within in ("house", "projects/house", None):
        sealed = Sealed()
        sealed.add(buckets, [store("ours")], unit="projects/mill")
        sealed.add(buckets, [store("theirs", within=within)], unit="projects/house")
        sealed.add(instances, [], unit="projects/house", gaps=(Gap(Cause.DENIED, "sql.instances.list", "refused"),))
        register(sealed, entry("house"))
        (told,) = sealed.judge(STORAGE)
        mine = {one.item for one in told.outcomes if one.unit == "projects/house"}
        assert mine == {"out of scope: house"}, within
        assert [one.item for one in told.outcomes if one.outcome == "deviation"] == ["ours"]
        (rows,) = sealed.tables("SELECT list(DISTINCT scope_unit ORDER BY scope_unit) FROM sealed.snapshot")
        assert rows == [["northwind", "projects/mill"]]


def test_aq_06_only_the_kind_before_the_name_of_a_scope_is_left_out() -> None:
    for unit, named in (("projects/house", "projects/house"), ("folders/1", "1"), ("house", "projects/house")):
        sealed = Sealed()
        sealed.add("gcp.storage.buckets", [store("theirs")], unit=unit)
        register(sealed, entry(named))
        (told,) = sealed.judge(STORAGE)
        assert [one.item for one in told.outcomes if one.seen == "deviation"] == ["theirs"], (unit, named)


def test_aq_06_what_is_read_once_for_all_is_of_no_scope() -> None:
    """The directory is read in an account that is out: its people count, and grants go by their account."""
    sealed = Sealed()
    people = [Account(key="ada", seen=(), account_id="ada", kind="human", status="active", privileged=True)]
    grants: list[Record] = [
        AccessGrant(key=unit, seen=(), principal_id="ada", resource=unit, privileged=True, within=unit)
        for unit in (UNIT, OTHER)
    ]
    sealed.add(SSO, [*people, *grants], unit=OTHER)
    register(sealed, entry(OTHER))
    (rows,) = sealed.tables("SELECT count(*) FROM sealed.account", "SELECT list(within) FROM sealed.access_grant")
    assert rows == [1, [UNIT]]


def test_aq_06_a_list_of_units_stays_whole_for_the_rule_that_judges_the_register() -> None:
    sealed = Sealed()
    units = [
        ScopeUnit(key=one, seen=(), unit_id=one, status="active", joined_at=ago(days=300)) for one in (UNIT, OTHER)
    ]
    sealed.add("aws.org.accounts", units)
    register(sealed, entry(OTHER), entry(UNIT, decision="in_scope"))
    sealed.fill(CONTROLS["GOV-12"], providers=frozenset({"aws"}))
    (told,) = sealed.judge(CONTROLS["GOV-12"])
    assert {one.item: one.outcome for one in told.outcomes if one.item.startswith("unit ")} == {
        f"unit {UNIT}": "pass",
        f"unit {OTHER}": "pass",
    }
    (rows,) = sealed.tables("SELECT list(unit_id) FROM sealed.scope_unit")
    assert rows == [[UNIT]], "every other rule has those alone that count"


def change(number: int, merged: datetime, repo: str = "n/out") -> list[Record]:
    name = f"{repo}#{number}"
    return [
        Change(key=name, seen=(), change_id=name, repo=repo, merged_at=merged, author="ada", deployable=True),
        ChangeReview(key=f"r{name}", seen=(), review_id=f"r{name}", change_id=name, within=repo),
    ]


def test_aq_06_what_happened_counts_by_its_own_time_and_its_reviews_go_with_it() -> None:
    sealed = Sealed()
    sealed.add(PULLS, [*change(1, ago(days=101)), *change(2, ago(days=99)), *change(3, ago(days=99), "n/in")])
    register(sealed, entry("n/out", valid_from=ago(days=100), valid_to=ago(days=50)), entry("n"))
    changes = "SELECT list(change_id ORDER BY change_id) FROM sealed.change"
    (rows,) = sealed.tables(changes, "SELECT count(*) FROM sealed.change_review")
    assert rows == [["n/in#3", "n/out#1"], 3]
    (out,) = sealed.tables("SELECT list(change_id) FROM outside.change")
    assert out == [["n/out#2"]], "it is not lost"


def test_aq_06_an_account_that_is_out_is_nobodys_account() -> None:
    """Else what is taken out would look as if it had been removed in time."""
    sealed = Sealed()
    links = [
        IdentityLink(key=unit, seen=(), person_id="1", account_provider="aws", account_unit=unit, account_id="ada")
        for unit in (UNIT, OTHER)
    ]
    sealed.add("records.identity_map", links, unit="northwind")
    register(sealed, entry(OTHER))
    (rows,) = sealed.tables("SELECT list(account_unit) FROM sealed.identity_link")
    assert rows == [[UNIT]]


def test_aq_06_what_people_upload_is_of_no_unit_though_the_company_is_called_like_one() -> None:
    sealed = Sealed()
    sealed.add("hris.roster", [Person(key="1", seen=(), person_id="1")], unit="northwind")
    register(sealed, entry("northwind"))
    (rows,) = sealed.tables("SELECT count(*) FROM sealed.person", "SELECT count(*) FROM sealed.snapshot")
    assert rows == [1, 2]


def test_aq_06_an_export_keeps_what_is_out_apart_and_its_rules_do_not_count_it(tmp_path: Path) -> None:
    sealed = Sealed()
    sealed.add(STORES, [store("ours"), store("theirs", within="elsewhere")])
    register(sealed, entry("elsewhere"))
    export(tmp_path / "run", sealed.evidence, sealed.content, [STORAGE], ESTATE)
    run = "\n".join(
        (tmp_path / "run" / name).read_text() for name in ("views.sql", "use/IAM-15.sql", "rules/IAM-15.sql")
    )
    with duckdb.connect() as connection, contextlib.chdir(tmp_path / "run"):
        items = {row[2] for row in connection.execute(run).fetchall()}
        out = connection.execute("SELECT resource_id FROM outside.resource").fetchall()
    assert any("ours" in item for item in items)
    assert not any("theirs" in item for item in items)
    assert out == [("theirs",)]
