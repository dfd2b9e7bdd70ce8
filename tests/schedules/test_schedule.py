"""Which cadence rules what, and which configurations are refused."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector import config as configuration
from collector import registry
from collector.config import Config, Override, ScheduleSettings
from collector.errors import UsageError
from collector.model import Scope
from collector.plan import plan
from collector.schedule import Memory, check_types, entries, merged, strangers
from collector.slots import entries_document, read_entries
from schedules import shipped
from tests.schedules.toy import Toy, connector

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SCOPES = [Scope("toy", "1", "prod"), Scope("toy", "2", "test")]
TASKS = plan(connector(Toy()).types.values(), SCOPES, {"toy": SCOPES[0]}, NOW)
SHIPPED = ScheduleSettings(default="daily at 02:00 UTC")
TYPES = ["toy.events", "toy.things", "toy.units"]


def cadences(own: ScheduleSettings, shipped: ScheduleSettings = SHIPPED) -> dict[tuple[str, str], str]:
    return {(one.series.type, one.series.unit): one.cadence for one in entries(TASKS, merged(shipped, own), {})}


def read(folder: Path, text: str) -> Config:
    file = folder / "collector.toml"
    file.write_text(text)
    return configuration.read(file, ["toy"])


def test_everything_has_the_default_and_estate_wide_types_one_scope() -> None:
    assert cadences(ScheduleSettings()) == {
        ("toy.events", "1"): "daily at 02:00 UTC",
        ("toy.events", "2"): "daily at 02:00 UTC",
        ("toy.things", "1"): "daily at 02:00 UTC",
        ("toy.things", "2"): "daily at 02:00 UTC",
        ("toy.units", "1"): "daily at 02:00 UTC",
    }


def test_the_last_rule_that_matches_type_and_scope_wins() -> None:
    own = ScheduleSettings(
        default="weekly on monday",
        override=[
            Override(type="toy.*", scope="prod", cadence="hourly"),
            Override(type="toy.events", cadence="every 30 minutes"),
            Override(type="toy.events", scope="2", cadence="daily"),
        ],
    )
    assert cadences(own) == {
        ("toy.events", "1"): "every 30 minutes",
        ("toy.events", "2"): "daily",
        ("toy.things", "1"): "hourly",
        ("toy.things", "2"): "weekly on monday",
        ("toy.units", "1"): "hourly",
    }


def test_what_the_company_wrote_comes_after_what_is_shipped() -> None:
    ours = ScheduleSettings(default="daily", override=[Override(type="toy.events", cadence="hourly")])
    assert cadences(ScheduleSettings(default="quarterly"), ours)["toy.events", "1"] == "hourly"
    assert cadences(ScheduleSettings(default="quarterly"), ours)["toy.things", "1"] == "quarterly"
    own = ScheduleSettings(override=[Override(cadence="monthly on 1")])
    assert set(cadences(own, ours).values()) == {"monthly on 1"}


def test_the_schedule_is_read_from_the_configuration(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '[schedule]\ndefault = "daily at 03:00 Europe/Berlin"\nclaim_minutes = 30\n'
        '[[schedule.override]]\ntype = "toy.*"\nscope = "prod"\ncadence = "hourly"\n',
    )
    assert found.schedule == ScheduleSettings(
        default="daily at 03:00 Europe/Berlin",
        claim_minutes=30,
        override=[Override(type="toy.*", scope="prod", cadence="hourly")],
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[schedule]\ndefualt = "daily"\n', ("[schedule]", "did you mean 'default'?")),
        ('[schedule]\ndefault = "dialy"\n', ("'dialy' is no cadence", "hourly")),
        ("[schedule]\nclaim_minutes = 0\n", ("claim_minutes must be from 1 to 10080",)),
        ('[[schedule.override]]\ntype = "toy.*"\n', ("cadence", "override")),
        ('[[schedule.override]]\ncadence = "hourly"\nscopes = "x"\n', ("[[override]]", "did you mean 'scope'?")),
        ('[[schedule.override]]\ncadence = "daily at 26:00"\n', ("'26:00' is no time of day",)),
        (
            '[[schedule.skip]]\nfirst = "2026-02-30"\nlast = "2026-03-01"\nby = "x"\nbecause = "y"\n',
            ("day is out of range",),
        ),
        (
            '[[schedule.skip]]\nfirst = "2026-03-02"\nlast = "2026-03-01"\nby = "x"\nbecause = "y"\n',
            ("is after last",),
        ),
        (
            '[[schedule.skip]]\nfirst = "2026-03-01"\nlast = "2026-03-01"\nby = " "\nbecause = "y"\n',
            ("who decided it",),
        ),
        ("[schedule]\noverride = 3\n", ("override", "array")),
    ],
)
def test_a_schedule_with_a_mistake_is_refused(tmp_path: Path, text: str, says: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as refused:
        read(tmp_path, text)
    for part in says:
        assert part in str(refused.value)


def test_a_pattern_that_no_type_has_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'toy.thing': no evidence type has that name; did you mean 'toy.things'\?"):
        check_types(ScheduleSettings(override=[Override(type="toy.thing", cadence="daily")]), TYPES, [])
    with pytest.raises(UsageError, match="`collector evidence` lists them"):
        check_types(ScheduleSettings(override=[Override(type="zz*", cadence="daily")]), TYPES, [])
    check_types(ScheduleSettings(override=[Override(type="toy.th*", cadence="daily")]), TYPES, [])
    # Whose connector could not be loaded has no types that one could compare with.
    check_types(ScheduleSettings(override=[Override(type="okta.log.*", cadence="daily")]), TYPES, ["okta"])


def test_a_scope_pattern_that_matches_nothing_is_told() -> None:
    own = ScheduleSettings(override=[Override(scope="pord", cadence="daily"), Override(scope="t*", cadence="daily")])
    assert strangers(own, SCOPES) == ["pord"]


def test_a_cadence_slower_than_the_source_remembers_is_refused_with_the_reason() -> None:
    memories = {"toy.events": Memory(keeps_days=30, apart_days=10)}
    with pytest.raises(UsageError) as refused:
        entries(TASKS, merged(SHIPPED, ScheduleSettings(default="quarterly")), memories)
    for part in ("toy.events", "'quarterly'", "up to 92 days", "remembers 30 days", "at most 10 days"):
        assert part in str(refused.value)
    entries(TASKS, merged(SHIPPED, ScheduleSettings(default="weekly on monday")), memories)


def test_the_shipped_data_are_about_evidence_types_that_exist_and_agree_with_them() -> None:
    """A population without its line, or with another memory than its declaration, fails here."""
    connectors, broken = registry.load(registry.installed())
    assert not broken
    declared = {
        one.id: one.keeps_days for found in connectors.values() for one in found.types.values() if one.keeps_days
    }
    memories = shipped.memories()
    assert {name: memory.keeps_days for name, memory in memories.items()} == declared
    assert all(memory.apart_days == memory.keeps_days // 3 for memory in memories.values())
    assert shipped.schedule().default == "daily at 02:00 UTC"
    with (ROOT / "schedules" / "source_retention.csv").open() as file:
        assert {row["checked"] for row in csv.DictReader(file)} <= {"docs", "unchecked"}


def test_the_sealed_entries_are_read_as_they_were_written() -> None:
    found = entries(TASKS, merged(SHIPPED, ScheduleSettings()), {})
    document = entries_document(found)
    assert list(read_entries(document)) == found == sorted(found)
    assert entries_document(reversed(found)) == document
