"""`collector except` and `respond` in the life of an archive: the next run judges as before, and all verifies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.archive.local import LocalStore
from collector.archive.verify import verify
from collector.cli import options
from collector.cli.run import run_due
from collector.engine.pool import Pool
from collector.trace import lines
from tests.cli.test_attach import CONFIGURATION, ROSTER, Desk

if TYPE_CHECKING:
    from pathlib import Path

SAID = ("--reason", "moves in spring", "--approver", "CFO", "--expires", "2199-12-31")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def test_the_runs_after_a_statement_go_on_and_judge_the_item_as_before(desk: Desk) -> None:
    (desk.folder / "moves.csv").write_text("person_id,effective_date,from_role,to_role\n")
    watch = (
        '[[hris.watch]]\ntype = "hris.moves"\npath = "moves.csv"\nowner = "hr"\napproved_by = "cfo"\nfresh_hours = 0\n'
    )
    desk.configure(CONFIGURATION.replace("[records]", watch + "[records]"))
    assert desk.attach("hris.roster", "roster.csv", ROSTER).code == 0
    config, now = options.read_config(None), datetime.now(UTC)
    providers = options.providers(config)
    with Pool(1) as pool:
        for days in (0, 1):
            run_due(config, providers, lambda days=days: now + timedelta(days=days), pool)  # type: ignore[misc]
        before = [leaf.body for leaf in desk.reader.leaves() if leaf.body.get("control") == "GOV-04"][-1]
        item = lines(desk.reader, before["outcomes"])[0]["item"]
        assert desk("except", "GOV-04", item, *SAID).code == 0
        assert desk("respond", "GOV-04", item, "--owner", "ann").code == 0
        run_due(config, providers, lambda: now + timedelta(days=2), pool)
    after = [leaf.body for leaf in desk.reader.leaves() if leaf.body.get("control") == "GOV-04"][-1]
    assert after["run"] != before["run"]
    assert after["counts"] == before["counts"]
    kinds = [leaf.body["kind"] for leaf in desk.reader.leaves()]
    assert kinds.count("exception") == kinds.count("response") == 1
    key = (desk.folder / "evidence.keys" / "log.pub").read_text().strip()
    report = verify(LocalStore(desk.folder / "evidence"), key)
    assert report.sound, report.faults


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("except", "GOV-04", "x", *SAID[:-1], "2020-01-01"), "is over already"),
        (("except", "GOV-04", "x", *SAID), "no archive here"),
        (("respond", "GOV-04", "x"), "say at least one of"),
        (("respond", "GOV-04", "x", "--owner", " "), "--owner: says nothing"),
        (("sample", "GOV-04", "--from", "2026-01-01", "--to", "2026-01-02", "--seed", "s"), "say either"),
        (("register", "--from", "2026-01-02", "--to", "2026-01-01"), "cannot end"),
        (("gaps", "--from", "2026-01-01", "--to", "2026-01-01", "--zone", "Mars/Olympus"), "no time zone"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_made(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    ended = desk(*arguments)
    assert ended.code == 2
    assert said in ended.text
    assert not (desk.folder / "evidence").exists()
