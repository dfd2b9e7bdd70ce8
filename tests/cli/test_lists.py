"""`collector evidence`, `controls` and `permissions`: lists that are written from the declarations."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from collector.assess.controls import load_controls
from collector.kept import COLLECTION, IDENTITY_MAP
from collector.registry import installed, load
from connectors.aws.connection import SHARED
from connectors.aws.policy import actions
from tests.cli.oracle import Archive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from collector.connector import EvidenceType
    from tests.cli.oracle import Oracle
    from tests.conftest import Program

READS = re.compile(
    r"[a-z0-9-]+:((Get|List|Describe|BatchGet)[A-Z]\w*|LookupEvents|SelectResourceConfig"
    # Has AWS make a report of what it knows; nothing of the account changes, and AWS itself files it under "read".
    r"|GenerateCredentialReport)"
)

CADENCES = {f"okta.log.{name}": "hourly" for name in ("access", "admin", "lifecycle", "threat")} | {
    "aws.artifact.reports": "weekly on monday",
    "aws.jobs.runs": "hourly",
    "azure.jobs.runs": "hourly",
    "entra.directory_audits": "hourly",
    "entra.sign_ins": "hourly",
    "gcp.jobs.runs": "hourly",
    "gws.audit.admin": "hourly",
    "okta.certifications": "weekly on monday",
}
"""Of what is collected more or less often than the rest."""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Without credentials: what could be collected, judged and permitted needs none."""
    return Archive(tmp_path).program


@pytest.fixture(scope="module")
def types() -> Mapping[str, EvidenceType]:
    found, broken = load(installed())
    assert not broken
    return {name: one for connector in found.values() for name, one in connector.types.items()}


def table(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def test_evidence_lists_every_type_with_what_it_calls(program: Program, types: Mapping[str, EvidenceType]) -> None:
    ended = program("evidence")
    assert ended.code == 0, ended.text
    head, *rows = table(ended.out)
    assert head == ["evidence type", "title", "kind", "cadence", "source keeps (days)", "calls"]
    assert [row[0] for row in rows] == sorted(types)
    for name, title, kind, cadence, keeps, calls in rows:
        one = types[name]
        assert (title, kind, cadence) == (one.title, one.kind.value, CADENCES.get(name, "daily at 02:00 UTC"))
        assert title
        assert bool(keeps) == (kind == "population")
        assert tuple(calls.split(", ")) == one.needs


def test_evidence_shows_the_companys_own_cadence(program: Program) -> None:
    (program.folder / "collector.toml").write_text(
        '[[schedule.override]]\ntype = "aws.cloudtrail.*"\ncadence = "hourly"\n'
    )
    cadences = {row[0]: row[3] for row in table(program("evidence").out)}
    assert cadences["aws.cloudtrail.trails"] == "hourly"
    assert cadences["aws.kms.keys"] == "daily at 02:00 UTC"


def test_controls_lists_every_control_with_evidence_that_exists(
    program: Program, types: Mapping[str, EvidenceType]
) -> None:
    ended = program("controls")
    assert ended.code == 0, ended.text
    _, *rows = table(ended.out)
    assert [row[0] for row in rows] == [control.id for control in load_controls()]
    for row in rows:
        assert set(row[3].split()) <= types.keys() | {COLLECTION, IDENTITY_MAP}
        assert all(re.fullmatch(r"(CC\d|A1|C1|PI1|P\d)\.\d+", criterion) for criterion in row[2].split())


def test_controls_shows_the_companys_own_thresholds(program: Program) -> None:
    assert "max_age=90" in program("controls").out
    (program.folder / "collector.toml").write_text("[controls.IAM-10]\nmax_age = 30\n")
    assert "max_age=30" in program("controls").out


def test_permissions_are_what_the_types_declare_and_only_reads(
    program: Program, types: Mapping[str, EvidenceType]
) -> None:
    ended = program("permissions", "aws")
    assert ended.code == 0, ended.text
    policy = json.loads(ended.out)
    (statement,) = policy["Statement"]
    assert statement["Effect"] == "Allow"
    declared = {need for one in types.values() if one.provider == "aws" for need in one.needs} | SHARED
    # AWS lets everybody ask who they are.
    assert statement["Action"] == sorted(
        {right for one in declared for right in actions(one)} - {"sts:GetCallerIdentity"}
    )
    assert [one for one in statement["Action"] if not READS.fullmatch(one)] == []


def test_permissions_cover_what_was_really_asked(program: Program, oracle: Oracle) -> None:
    """By the double's own journal: a call that no permission names would be refused by AWS."""
    allowed = json.loads(program("permissions", "aws").out)["Statement"][0]["Action"]
    asked = {f"{one['service']}:{one['operation']}" for one in oracle.requests}
    # Taking the role is the trust policy's to allow.
    assert {right for one in asked for right in actions(one)} - set(allowed) == {
        "sts:GetCallerIdentity",
        "sts:AssumeRole",
    }


def test_permissions_for_some_types_alone(program: Program) -> None:
    actions = json.loads(program("permissions", "aws", "--only", "aws.backup.jobs").out)["Statement"][0]["Action"]
    assert actions == ["backup:ListBackupJobs", "ec2:DescribeRegions", "organizations:ListAccounts"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("nimbus",), "no such connector; installed are aws, "), (("aws", "--only", "aws.nothing"), "aws.nothing")],
)
def test_permissions_of_what_is_unknown(program: Program, arguments: tuple[str, ...], says: str) -> None:
    ended = program("permissions", *arguments)
    assert ended.code == 2, ended.text
    assert ended.out == ""
    (sentence,) = ended.err.splitlines()
    assert says in sentence
