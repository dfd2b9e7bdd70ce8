"""Populations of the AWS double over days, by `run --due` with a clock that is moved: each item once, none left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector import trace, windows
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.archive.verify import verify
from collector.cli.options import Providers
from collector.cli.run import run_due
from collector.config import ArchiveSettings, CollectSettings, Config, ScheduleSettings
from collector.connector import Connector
from collector.engine.pool import Pool
from collector.population import assembled
from collector.registry import load
from connectors.aws.settings import AwsSettings

if TYPE_CHECKING:
    from pathlib import Path

    from collector.population import Item
    from collector.run import Finished
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

CHANGES = "aws.cloudtrail.iam_events"
DAY = timedelta(days=1)
TODAY = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
"""The double remembers 90 days back from the real present: the story ends there."""


@dataclass
class Collecting:
    """An archive of one evidence type, due every hour; the clock is moved by `at`."""

    folder: Path
    double: AwsDouble
    account: str
    """The one that is collected from."""
    now: datetime = TODAY
    events: dict[str, datetime] = field(default_factory=dict)

    def at(self, now: datetime) -> Finished | None:
        self.now = now
        found, _ = load(["aws"])
        only = Connector("aws", settings=AwsSettings, sign_in=found["aws"].sign_in, policy=found["aws"].policy)
        only.types = {CHANGES: found["aws"].types[CHANGES]}
        config = Config(
            archive=ArchiveSettings(path=str(self.folder / "evidence")),
            collect=CollectSettings(threads=4),
            schedule=ScheduleSettings(default="hourly"),
        )
        with Pool(config.collect.threads) as pool:
            return run_due(
                config, Providers({"aws": only}, {"aws": AwsSettings(attempts=1)}, []), lambda: self.now, pool
            )

    def happens(self, name: str, at: datetime) -> None:
        """An event that can be read from now on."""
        self.events[name] = at
        told = {"EventId": name, "EventName": "CreateUser", "EventSource": "iam.amazonaws.com"}
        self.double.add_seeded(
            "cloudtrail:events", self.account, "us-east-1", [told | {"EventTime": at.isoformat(), "Resources": []}]
        )

    @property
    def reader(self) -> Reader:
        return Reader(LocalStore(self.folder / "evidence"))

    def leaves(self) -> list[tuple[int, dict[str, Any]]]:
        found = (leaf for leaf in self.reader.leaves() if leaf.body["kind"] == "evidence")
        return [(leaf.index, leaf.body) for leaf in found if leaf.body["type"] == CHANGES]

    def items(self) -> dict[str, Item]:
        reader = self.reader
        found = assembled(self.leaves(), lambda body: trace.lines(reader, body["records"]))
        return {str(item.row["source_id"]): item for item in found}

    def readings(self) -> list[str]:
        return [one.reading.value for one in windows.history(self.leaves())]

    def sound(self) -> bool:
        key = (self.folder / "evidence.keys" / "log.pub").read_text().strip()
        return verify(LocalStore(self.folder / "evidence"), key).sound


@pytest.fixture
def collecting(tmp_path: Path, aws: AwsDouble, manifest: dict[str, Any]) -> Collecting:
    return Collecting(tmp_path, aws, manifest["management"])


@pytest.mark.parametrize("days", [1, 40, 100])
def test_downtime_is_back_filled_as_far_as_cloudtrail_remembers(collecting: Collecting, days: int) -> None:
    stopped = TODAY - days * DAY
    collecting.at(stopped - timedelta(hours=1))
    collecting.at(stopped)
    for back in (0.5, 30, 80, 89.5, 95):
        if back < days:
            collecting.happens(f"down-{days}-{back}", TODAY - back * DAY)
    finished = collecting.at(TODAY)
    assert finished
    (snapshot,) = (one for one in finished.snapshots if one.evidence_type == CHANGES)
    assert snapshot.complete
    expected = {name for name, at in collecting.events.items() if at >= TODAY - 90 * DAY}
    found = {name: item for name, item in collecting.items().items() if name in collecting.events}
    assert set(found) == expected
    assert {item.first_collected for item in found.values()} == {TODAY.isoformat().replace("+00:00", "Z")}
    assert collecting.readings() == (["read", "lost", "read"] if days > 90 else ["read", "read"])
    assert collecting.sound()


def test_five_days_of_refusals_are_made_up_for_and_a_broken_list_moves_nothing(collecting: Collecting) -> None:
    before = TODAY - 6 * DAY
    collecting.at(before - timedelta(hours=1))
    collecting.at(before)
    collecting.happens("denied", before + DAY)
    collecting.double.fault("deny", match={"operation": "LookupEvents"})
    for day in range(1, 6):
        collecting.at(before + day * DAY)
    assert collecting.readings() == ["read", "open"]
    assert "denied" not in collecting.items()
    collecting.double.clear_faults()
    collecting.double.fault("throttle", match={"operation": "LookupEvents", "region": "eu-west-1"})
    partly = before + 5 * DAY + timedelta(hours=1)
    collecting.at(partly)
    assert collecting.items()["denied"].first_collected.startswith(f"{partly:%Y-%m-%dT%H}"), "what was read is kept"
    assert collecting.readings() == ["read", "open"], "though the answer was not whole"
    collecting.double.clear_faults()
    collecting.at(TODAY)
    _, newest = collecting.leaves()[-1]
    assert newest["complete"]
    assert newest["window"]["from"] == (before - DAY).isoformat().replace("+00:00", "Z")
    assert collecting.readings() == ["read", "read"]
    item = collecting.items()["denied"]
    assert item.snapshots == 2
    assert item.first_collected.startswith(f"{partly:%Y-%m-%dT%H}")
    assert collecting.sound()


def test_an_event_that_shows_up_late_is_found_once(collecting: Collecting) -> None:
    before = TODAY - timedelta(hours=4)
    collecting.at(before - timedelta(hours=1))
    collecting.at(before)
    collecting.happens("late", before - timedelta(minutes=30))
    for hour in (1, 2, 3):
        collecting.at(before + timedelta(hours=hour))
    item = collecting.items()["late"]
    assert item.snapshots == 3
    assert item.first_collected.startswith(f"{before + timedelta(hours=1):%Y-%m-%dT%H}")
    assert collecting.readings() == ["read"] * 4


def test_a_clock_that_is_wrong_is_a_finding_and_no_gap(
    collecting: Collecting, capsys: pytest.CaptureFixture[str]
) -> None:
    collecting.at(TODAY - timedelta(hours=2))
    finished = collecting.at(TODAY - timedelta(hours=1))
    assert finished
    assert finished.complete
    seconds = finished.clock.beyond["aws"]
    assert seconds > 3_500, "by how much depends on the minute"
    assert (
        f"clock: that of aws is {seconds} s ahead of the collector's, and they may differ by 300 s"
        in capsys.readouterr().out
    )
    (run,) = (leaf.body for leaf in collecting.reader.leaves() if leaf.body["kind"] == "run")
    assert run["clock"] == {"limit": 300, "ahead": {"aws": seconds}}


def test_a_clock_that_is_ahead_claims_no_future(gather: Gather, manifest: dict[str, Any]) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=5)
    (found,) = gather(CHANGES, only=manifest["management"], now=ahead)
    assert found.snapshot.window
    assert found.snapshot.skew
    assert -18_000 <= found.snapshot.skew <= -17_900
    assert found.snapshot.window.end <= datetime.now(UTC) + timedelta(seconds=2)


def test_a_clock_that_is_right_is_no_finding(gather: Gather, manifest: dict[str, Any]) -> None:
    (found,) = gather(CHANGES, only=manifest["management"])
    assert found.snapshot.skew == 0
