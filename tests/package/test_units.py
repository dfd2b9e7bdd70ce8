"""AQ-06: every unit that a provider shows stands against the scope register, the sums tie, and changes are told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector import canonical, normalise, registry
from collector.answer import Answer
from collector.model import Cause, Gap, Kind, Origin, Scope
from collector.package.binder.build import put_all
from collector.package.binder.log import Version
from collector.package.binder.scope_register import REGISTER, register_of
from collector.package.binder.shelf import Memory
from collector.package.binder.units import LISTS
from collector.records import Repository, ScopeDecision, ScopeUnit
from tests.assess.sealed import NOW, ago, judged
from tests.package.estate import START, Making, Reading, begin
from tests.package.test_package import gathered, table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from collector.records import Record

ACCOUNTS, REPOSITORIES = "aws.org.accounts", "github.repos"
AWS, GITHUB, COMPANY = Scope("aws", "organisation"), Scope("github", "northwind"), Scope("records", "northwind")
DAY = timedelta(days=1)
# Northwind's units over the week that ends with the day of START: the period of `gathered`.
BEFORE, FIRST, THIRD, LAST = START - 9 * DAY, START - 5 * DAY, START - 3 * DAY, START - DAY


def account(name: str, **columns: Any) -> ScopeUnit:
    return ScopeUnit(key=name, seen=(), unit_id=name, **{"status": "active", **columns})


def repository(name: str) -> Repository:
    return Repository(key=name, seen=(), repo=name, archived=False)


def entry(unit_id: str, decision: str, **columns: Any) -> ScopeDecision:
    usual: dict[str, Any] = {"reason": "sold in March", "approved_by": "CFO", "valid_from": START - 100 * DAY}
    return ScopeDecision(
        key=f"{unit_id} {columns.get('valid_from')}", seen=(), unit_id=unit_id, decision=decision, **usual | columns
    )


def put(
    making: Making, evidence: str, scope: Scope, at: datetime, records: Iterable[Record], *, gap: bool = False
) -> None:
    """Seal a list, or an upload, as it was read at a moment."""
    reading = Reading(evidence, scope, Kind.RECORD if evidence == REGISTER else Kind.CONFIGURATION)
    asked = making.ask(reading, "read", f"{evidence} at {at}".encode())
    seen = [Answer({}, Origin(asked.request, 1, ""))]
    for record in records:
        object.__setattr__(record, "seen", seen)
        reading.records.append(record)
    if gap:
        reading.gaps.append(Gap(Cause.TRUNCATED, evidence, "the second page did not come"))
    making.add(reading)
    making.leaves[-1] |= {"started": normalise.timestamp(at), "ended": normalise.timestamp(at)}


def packed(folder: Path, *steps: tuple[Any, ...], **known: Any) -> Memory:
    making, reader = begin(folder)
    for step in steps:
        put(making, *step, **known.get(step[0], {}))
    making.commit()
    shelf = Memory()
    put_all(gathered(folder, making, reader, shelf))
    return shelf


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Memory:
    """An account comes, one goes, one is excluded in the middle; a repository's exclusion runs out."""
    return packed(
        tmp_path_factory.mktemp("week"),
        (REGISTER, COMPANY, BEFORE, [entry("prod", "in_scope"), entry("gone", "in_scope"), entry("typo", "in_scope"),
                                     entry("northwind/attic", "excluded", valid_to=THIRD)]),
        (ACCOUNTS, AWS, BEFORE, [account(name) for name in ("prod", "gone", "lab")]),
        (REPOSITORIES, GITHUB, FIRST, [repository("northwind/attic"), repository("northwind/api")]),
        (ACCOUNTS, AWS, FIRST, [account(name) for name in ("prod", "lab", "shadow")]),
        (REGISTER, COMPANY, THIRD, [entry("prod", "in_scope"), entry("typo", "in_scope"),
                                    entry("northwind/attic", "excluded", valid_to=THIRD),
                                    entry("lab", "excluded", reason="no customer data", approved_by="Head of Security"),
                                    entry("shadow", "excluded", approved_by=None)]),
        (ACCOUNTS, AWS, LAST, [account("prod"), account("lab"), account("shadow", status="suspended")]),
    )  # fmt: skip


def test_aq_06_each_unit_is_in_scope_excluded_by_somebody_or_unclassified(week: Memory) -> None:
    units = {row["unit"]: row for row in table(week.get("02-scope/units.csv"))}
    assert {name: row["standing"] for name, row in units.items()} == {
        "prod": "in scope",
        "lab": "excluded",
        "shadow": "being closed",
        "gone": "no longer shown",
        "northwind/attic": "unclassified",  # its exclusion has run out
        "northwind/api": "unclassified",
    }
    lab = units["lab"]
    assert (lab["reason"], lab["approved_by"]) == ("no customer data", "Head of Security")
    assert lab["valid_from"]
    assert (lab["at_the_beginning"], units["shadow"]["at_the_beginning"]) == ("unclassified", "")
    assert units["gone"]["gone_by"].startswith(f"{FIRST:%Y-%m-%d}")
    assert all(row["leaf"] and row["row_id"] and row["row_sha256"] for row in units.values())


def test_aq_06_the_sums_tie_and_are_those_of_the_lists_themselves(week: Memory) -> None:
    accounts, repositories = table(week.get("02-scope/lists.csv"))
    names = ("at_the_beginning", "found", "no_longer_shown", "at_the_end", "unclassified", "excluded", "in_scope",
             "being_closed", "ties")  # fmt: skip
    assert [accounts[name] for name in names] == ["3", "1", "1", "3", "0", "1", "1", "1", "true"]
    assert [repositories[name] for name in names] == ["2", "0", "0", "2", "2", "0", "0", "0", "true"]
    assert repositories["first_read_in_the_period"] == "true", "what it showed first is no change"


def test_aq_06_the_cover_counts_the_units_that_nobody_decided_on(week: Memory) -> None:
    undecided = [row for row in table(week.get("02-scope/units.csv")) if row["standing"] == "unclassified"]
    cover = " ".join((week.get("00-cover/index.html") or b"").decode().split())
    figure = cover.partition("Units that nobody put in or out of scope")[2].partition("</tr>")[0]
    assert f'<a href="../02-scope/index.html">{len(undecided)}</a>' in figure


def test_what_changed_in_the_period_is_told_with_the_list_or_upload_that_shows_it(week: Memory) -> None:
    changes = [(row["at"][:10], row["unit"], row["what"]) for row in table(week.get("02-scope/changes.csv"))]
    first, third, last = (f"{at:%Y-%m-%d}" for at in (FIRST, THIRD, LAST))
    assert sorted(changes) == sorted(
        [
            (first, "shadow", "found"),
            (first, "gone", "no longer shown"),
            (third, "northwind/attic", "decided"),
            *((third, name, what) for name in ("shadow", "lab") for what in ("entry added", "decided")),
            (third, "gone", "entry taken out"),
            (last, "shadow", "decided"),
        ]
    )
    rows = table(week.get("02-scope/changes.csv"))
    # By its own date, which no list and no upload shows.
    (attic,) = (row for row in rows if row["unit"] == "northwind/attic")
    assert (attic["leaf"], attic["after"]) == ("", "unclassified: no entry in force names it")
    assert all(row["leaf"] for row in rows if row is not attic)


def test_the_register_names_what_no_list_shows_and_the_page_what_is_missing(week: Memory) -> None:
    rows = {row["unit"]: row for row in table(week.get("02-scope/register.csv"))}
    assert {name for name, row in rows.items() if not row["shown_by"]} == {"typo"}
    assert rows["shadow"]["lacks"] == "an approver"
    page = (week.get("02-scope/index.html") or b"").decode()
    assert "Entries about units that no list showed" in page
    assert "Both sums tie" in page
    assert "No scope register was uploaded" not in page


def test_aq_06_without_a_register_and_with_half_a_list_nothing_is_called_whole(tmp_path: Path) -> None:
    steps = [(ACCOUNTS, AWS, BEFORE, [account("prod"), account("lab")]), (ACCOUNTS, AWS, FIRST, [account("prod")])]
    shelf = packed(tmp_path, *steps, **{ACCOUNTS: {"gap": True}})
    units = {row["unit"]: row["standing"] for row in table(shelf.get("02-scope/units.csv"))}
    assert units == {"prod": "no register", "lab": "no register"}, "half a list takes nothing away"
    (row,) = table(shelf.get("02-scope/lists.csv"))
    assert (row["last_is_whole"], row["not_whole"], row["at_the_end"]) == ("false", "1", "2")
    page = (shelf.get("02-scope/index.html") or b"").decode()
    assert "No scope register was uploaded" in page
    assert "not whole: there may be more" in page
    other = packed(tmp_path / "other", (REPOSITORIES, GITHUB, FIRST, [repository("northwind/api")]),
                   ("aws.iam.users", AWS, FIRST, []))  # fmt: skip
    assert "aws.org.accounts" in (other.get("02-scope/index.html") or b"").decode(), "never read, so nobody knows"


@pytest.mark.parametrize(
    "columns",
    [
        [{}],
        [{"decision": "in_scope", "reason": None, "approved_by": None}],
        [{"reason": " "}],
        [{"approved_by": None}],
        [{"valid_from": None}],
        [{"decision": None}],
        [{"valid_from": ago(days=-3)}],
        [{"valid_to": ago(days=1)}],
        [{"valid_to": ago(days=-1)}],
        [{}, {"decision": "in_scope"}],
        [{"decision": "in_scope", "valid_to": ago(days=1)}, {}],
        [{"approved_by": None}, {"valid_from": None, "decision": "in_scope"}],
    ],
)
@pytest.mark.parametrize("status", ["active", "suspended", None])
def test_the_page_decides_as_the_rule_of_gov_12_does(columns: list[dict[str, Any]], status: str | None) -> None:
    usual = {"decision": "excluded", "reason": "sold", "approved_by": "CFO", "valid_from": ago(days=100)}
    entries = [
        ScopeDecision(key=str(number), seen=(), unit_id="prod", **{**usual, **given})
        for number, given in enumerate(columns)
    ]
    found = account("prod", status=status, joined_at=ago(days=300))
    outcome, because = judged("GOV-12", {ACCOUNTS: [found], REGISTER: entries})["unit prod"]
    lines = [normalise.line(REGISTER, COMPANY, one)[1] for one in entries]
    register = register_of(1, [Version(1, line, canonical.decode(line)) for line in lines], whole=True)
    said = {
        "in scope": ("pass", "In scope"),
        "excluded": ("pass", "Excluded"),
        "unclassified": ("deviation", "Unclassified"),
        "in scope and excluded": ("cannot_tell", "both"),
        "being closed": ("not_applicable", "Its state is"),
    }[register.decision("prod", status, NOW).standing.value]
    assert outcome == said[0]
    assert said[1] in because


def test_every_evidence_type_that_lists_units_is_known_here() -> None:
    connectors, broken = registry.load(registry.installed())
    assert not broken
    listing = {
        one.id
        for connector in connectors.values()
        for one in connector.types.values()
        if {ScopeUnit, Repository} & set(one.yields)
    }
    assert listing == set(LISTS)
