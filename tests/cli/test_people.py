"""People from an uploaded list to the page: attached, mapped to what a run finds, judged, and shown as uploaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.oracle import Archive

if TYPE_CHECKING:
    from tests.conftest import Program

COVERS = ("--covers", "2026-01-01..2026-03-31", "--owner", "people operations", "--approved-by", "cfo")


@pytest.mark.slow
def test_a_leaver_of_the_list_is_found_in_a_cloud_and_the_page_says_what_that_rests_on(collector: Program) -> None:
    configured = (collector.folder / "collector.toml").read_text()
    (collector.folder / "collector.toml").write_text(f'{configured}[hris]\ncompany = "northwind"\n')
    only = ("--only", "aws.iam.credential_report")
    assert collector("snapshot", *only).code in {0, 1}
    archive = Archive(collector.folder)
    units = [body["unit"] for body in archive.of_kind("evidence")]
    rows = [row for unit in units for row in archive.rows("aws.iam.credential_report", unit)]
    users = [row for row in rows if row["table"] == "account" and row["kind"] == "human" and row["status"] == "active"]
    leaver, worker = users[:2]
    (collector.folder / "roster.csv").write_text(
        "person_id,work_email,start_date,end_date\n1,one@northwind.example,2019-01-01,2026-02-27\n"
        "2,two@northwind.example,2019-01-01,\n3,three@northwind.example,2019-01-01,\n"
    )
    (collector.folder / "map.csv").write_text(
        f"account,account_provider,kind,person_id\n{leaver['account_id']},aws,person,1\n{worker['name']},aws,person,2\n"
    )
    for evidence, name in (("hris.roster", "roster.csv"), ("hris.account_map", "map.csv")):
        ended = collector("attach", evidence, name, *COVERS)
        assert ended.code == 0, ended.text
    ended = collector("snapshot", *only)
    assert ended.code == 1, "the map rests on all lists of accounts, and only one was read"
    archive = Archive(collector.folder)
    (leaf,) = (one for one in archive.of_kind("evidence") if one["type"] == "agent.identity_map")
    assert not leaf["complete"]
    mapped = {
        row["account_id"]: row for row in archive.rows("agent.identity_map", leaf["unit"]) if row.get("account_id")
    }
    assert mapped[leaver["account_id"]]["person_id"] == "1"
    assert mapped[worker["account_id"]]["method"] == "claim"
    found = {one["item"]: one for one in archive.outcomes("IAM-07")}
    assert found["leaver 1"]["outcome"] == "cannot_tell"
    assert found["leaver 1"]["seen"] == "deviation", "what was seen is kept beside it"
    assert "not read from a source; owner people operations" in found["leaver 1"]["because"]
    assert "aws.sso.assignments" in found["the whole of the control"]["because"]
    assert collector("verify").code == 0
    assert collector("report").code == 0
    page = "".join(path.read_text() for path in (collector.folder / "report").glob("*.html"))
    assert "weaker provenance" in page
    assert "uploaded by" in page
