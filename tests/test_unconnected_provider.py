"""A company with three identity providers, one of which is not connected: by the commands, over the real connectors."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from click.testing import CliRunner

from collector.cli.main import cli
from tests.cli.oracle import Archive
from tests.doubles.graph.tenant import TOKEN as GRAPH_TOKEN
from tests.doubles.graph.tenant import running_tenant
from tests.doubles.okta.estate import build
from tests.doubles.okta.server import running_okta
from tests.doubles.okta.signing_in import TOKEN as OKTA_TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

READ = ("okta.users", "okta.factors", "okta.policies", "okta.admin_roles", "entra.users", "entra.auth_methods")
"""All lists of accounts of the two that are connected, but for that of Entra's guests."""
ROSTER = (
    "person_id,work_email,start_date,end_date\n1,person00001@northwind.example,2020-01-01,\n"
    "2,gone@northwind.example,2020-01-01,2026-01-31\n"
)


def test_what_rests_on_all_three_cannot_be_told_and_nothing_of_it_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    now = datetime.now(UTC).replace(microsecond=0)
    environment = {"OKTA_API_TOKEN": OKTA_TOKEN, "ENTRA_TOKEN": GRAPH_TOKEN}
    (tmp_path / "roster.csv").write_text(ROSTER)
    with running_okta(build(10, end=now)) as okta, running_tenant(20, now=now) as entra:
        (tmp_path / "collector.toml").write_text(
            f'[okta]\nbase_url = "{okta.url}"\n[entra]\nbase_url = "{entra.double.url}"\nsign_in = "token"\n'
            '[hris]\ncompany = "northwind"\n[people]\naccounts_at = ["okta", "entra", "gws"]\n'
        )

        def run(*arguments: str) -> tuple[int, str]:
            ended = CliRunner().invoke(cli, list(arguments), env=environment, catch_exceptions=False)
            return ended.exit_code, ended.output

        given = ("--covers", f"2026-01-01..{now:%Y-%m-%d}", "--owner", "people", "--approved-by", "cfo")
        assert run("attach", "hris.roster", "roster.csv", *given)[0] == 0
        code, said = run("snapshot", *(word for one in READ for word in ("--only", one)))
    assert code == 1, said
    assert "there is no [gws] table" in said
    archive = Archive(tmp_path)
    (mapped,) = (one for one in archive.of_kind("evidence") if one["type"] == "agent.identity_map")
    assert not mapped["complete"]
    for control in ("IAM-07", "IAM-08"):
        outcomes = archive.outcomes(control)
        assert {one["outcome"] for one in outcomes} == {"cannot_tell"}, control
        assert any(one["seen"] for one in outcomes), "what was seen is kept beside it"
        (lacks,) = (one["because"] for one in outcomes if one["item"] == "the whole of the control")
        assert "there is no [gws] table" in lacks
        assert "entra.guests: the map rests on it, and it was not collected" in lacks
    (leaver,) = (one for one in archive.outcomes("IAM-07") if one["item"] == "leaver 2")
    assert "not read from a source; owner people, approved by cfo" in leaver["because"]
    for control in ("IAM-01", "IAM-02"):
        (whole,) = (one for one in archive.outcomes(control) if one["item"] == "the whole of gws")
        assert whole["outcome"] == "cannot_tell"
    assert run("verify")[0] == 0
    assert run("report")[0] == 0
    page = (tmp_path / "report" / "index.html").read_text()
    assert "there is no [gws] table" in page
    told = "people who sign in through an identity provider that is not collected from, where no source lists it"
    pages = "".join(path.read_text() for path in (tmp_path / "report").glob("*.html"))
    assert f'{told} <span class="quiet">nothing that is collected tells it</span>' in pages
    assert json.loads(run("verify", "--json")[1])["verdict"] == "sound"
