"""A connector on the REST source, collected from as the product does: whole, in part, and with no secret kept."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from collector.connector import Outside
from tests.doubles.rest import Given
from tests.source.rest.conftest import TOKEN, Forge, Time
from tests.source.rest.forge import ForgeSettings, unusable
from tests.source.rest.forge import forge as connector
from tests.source.rest.gathering import gathered, serve

if TYPE_CHECKING:
    from pathlib import Path

MEMBERS = "/orgs/northwind/members"
FAULTS = {
    "denied": Given(403, {"message": "no"}),
    "throttled": Given(429, {}),
    "unavailable": Given(500, {}),
    "truncated": Given(200, {}, cut=True),
    "unlicensed": Given(403, {"message": "Upgrade your plan to see this"}),
}


def test_a_population_is_collected_whole(forge: Forge) -> None:
    serve(forge)
    found = gathered(forge, "forge.members")
    assert found.snapshot.complete, found.snapshot.gaps
    assert found.snapshot.caller == "auditor"
    assert [(row["account_id"], row["mfa_enrolled"]) for row in found.rows] == [
        ("user0", True),
        ("user1", False),
        ("user2", True),
        ("user3", True),
        ("user4", True),
    ]
    assert {exchange["caller"] for exchange in found.exchanges} == {"auditor"}
    assert not forge.double.complaints
    (total,) = found.snapshot.totals
    assert (total.expected, total.found) == (5, 5)


@pytest.mark.parametrize("cause", FAULTS)
@pytest.mark.parametrize("path", ["/user", f"{MEMBERS}", f"{MEMBERS}/user1"])
def test_any_fault_on_any_call_is_a_gap_and_never_a_value(forge: Forge, path: str, cause: str) -> None:
    serve(forge)
    before = {row["account_id"]: row for row in gathered(forge, "forge.members").rows}
    forge.double.fault(FAULTS[cause], path=path)
    found = gathered(forge, "forge.members")
    assert not found.snapshot.complete
    assert cause in found.causes
    assert "defect" not in found.causes
    for row in found.rows:
        assert row["mfa_enrolled"] in (None, before[row["account_id"]]["mfa_enrolled"])


def test_records_cite_the_place_in_the_raw_answer(forge: Forge) -> None:
    serve(forge)
    found = gathered(forge, "forge.members")
    last = found.rows[-1]
    (listed,) = (origin for origin in last["origins"] if origin[2])
    assert listed[1:] == [3, "/0"]
    assert (listed[0], 3) in {(exchange["request"], exchange["page"]) for exchange in found.exchanges}


def test_the_same_answers_give_the_same_records(forge: Forge) -> None:
    serve(forge)
    assert gathered(forge, "forge.members").snapshot.records == gathered(forge, "forge.members").snapshot.records


def test_no_secret_is_sealed_logged_or_said(forge: Forge, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    serve(forge)
    whole = gathered(forge, "forge.members")
    for given in (
        Given(500, {"message": f"bad {TOKEN}"}),
        Given(403, {"message": f"Bearer {TOKEN}"}),
        Given(reset=True),
    ):
        forge.double.fault(given, path=MEMBERS, times=4)
        broken = gathered(forge, "forge.members")
        assert not broken.snapshot.complete
        assert TOKEN.encode() not in broken.sealed
        assert TOKEN not in str(broken.snapshot)
    assert forge.double.asked[0].headers["authorization"] == f"Bearer {TOKEN}", "it was really sent"
    assert TOKEN.encode() not in whole.sealed
    assert b"s3cret-of-the-answer" not in whole.sealed
    assert TOKEN not in caplog.text
    time = Time()
    outside = Outside(time.now, time.sleep, {"FORGE_TOKEN": f"two {TOKEN}"})
    assert TOKEN not in unusable(ForgeSettings(), outside)
    assert "env:NAME" in unusable(ForgeSettings(token=TOKEN), outside)
    assert TOKEN not in unusable(ForgeSettings(token=TOKEN), outside)
    assert "file" in unusable(ForgeSettings(token=f"file:{tmp_path}/gone"), outside)


def test_a_probe_reads_little_and_says_what_would_be_lost(forge: Forge) -> None:
    serve(forge)
    assert gathered(forge, "forge.members", probe=True).snapshot.complete
    assert len(forge.double.asked) == 4
    forge.double.fault(FAULTS["denied"], path=f"{MEMBERS}/")
    assert gathered(forge, "forge.members", probe=True).causes == ["denied"]


def test_the_policy_is_read_off_the_declarations() -> None:
    assert connector.policy(connector.types.values()) == {"permissions": ["members: read", "organisation: read"]}
