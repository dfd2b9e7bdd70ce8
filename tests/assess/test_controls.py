from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from collector import canonical, registry
from collector.assess.controls import catalogue, load_controls, parse_control, with_parameters
from collector.assess.schema import every_table
from collector.errors import UsageError
from collector.kept import COLLECTION, IDENTITY_MAP
from collector.records import CollectionSlot, Headcount, IdentityLink
from tests.assess.sealed import CONTROLS, Sealed

if TYPE_CHECKING:
    from collector.assess.controls import Control

CRITERIA = {
    *(f"CC1.{n}" for n in range(1, 6)),
    *(f"CC2.{n}" for n in range(1, 4)),
    *(f"CC3.{n}" for n in range(1, 5)),
    *(f"CC4.{n}" for n in range(1, 3)),
    *(f"CC5.{n}" for n in range(1, 4)),
    *(f"CC6.{n}" for n in range(1, 9)),
    *(f"CC7.{n}" for n in range(1, 6)),
    "CC8.1",
    *(f"CC9.{n}" for n in range(1, 3)),
    *(f"A1.{n}" for n in range(1, 4)),
    *(f"C1.{n}" for n in range(1, 3)),
    *(f"PI1.{n}" for n in range(1, 6)),
    *(f"P{p}.{n}" for p, most in enumerate((1, 1, 2, 3, 2, 7, 1, 1), 1) for n in range(1, most + 1)),
}
CONNECTORS, BROKEN = registry.load(registry.installed())
YIELDED = {
    evidence.id: {record.table for record in evidence.yields}
    for connector in CONNECTORS.values()
    for evidence in connector.types.values()
} | {COLLECTION: {CollectionSlot.table}, IDENTITY_MAP: {IdentityLink.table, Headcount.table}}
COLLECTED = set(YIELDED)
UPLOADED = {name for name in COLLECTED if name.startswith(("hris.", "records."))}
TOLD_BY_NOTHING = {
    "BCP-03": {"buckets and containers to which people themselves copy backups are locked"},
    "BCP-07": {"services in Google Cloud and Azure run in at least two zones, and scale with their load"},
    "CHG-05": {"deployments seen at the cloud's side are as many as those recorded at the pipeline"},
    "CHG-08": {"container images in registries of Google Cloud and Azure are scanned when they are pushed"},
    "IAM-01": {"people who sign in through an identity provider that is not collected from, where no source lists it"},
    "IAM-03": {"what owners of an organisation of repositories did by that right"},
    "INC-05": {"no detector was archived or muted without a reason"},
    "LOG-02": {"attempts to delete a log or its store in Google Cloud and Azure are none or explained"},
    "LOG-07": {
        "which images run, also those of other registries than the cloud's own, and that each of them is scanned"
    },
    "VEN-05": {"applications of others hold no role in a subscription that was not approved"},
    "IAM-11": {"access from outside and rights that nobody uses, where no analyzer that is on looks for them"},
    "IAM-14": {"public addresses of single machines are approved, and other entry points have a web firewall"},
    "IAM-17": {"listeners of classic load balancers and API gateways, and certificates that are kept elsewhere"},
    "IAM-15": {"public links to classified files, also those made before the logs begin, are none or approved"},
}
"""Parts of which no evidence type of any connector speaks: which those are is decided here, one by one."""
DOMAINS = {
    "access_identity",
    "awareness_training",
    "change_management",
    "continuity_dr",
    "governance_risk",
    "incident_breach",
    "logging_monitoring",
    "vendor_third_party",
}
THREE_CLOUDS = (
    "IAM-03", "IAM-04", "IAM-10", "IAM-11", "IAM-14", "IAM-15", "IAM-16", "IAM-17", "IAM-18",
    "CHG-06", "CHG-07", "GOV-12", "INC-05", "VEN-05",
    "LOG-01", "LOG-02", "LOG-03", "LOG-04", "LOG-05", "LOG-06", "LOG-07", "LOG-08", "LOG-09",
    "BCP-01", "BCP-02", "BCP-03", "BCP-04", "BCP-07",
)  # fmt: skip
"""What happens in AWS, Google Cloud and Azure alike: one rule each, over records that name no provider."""
PROVIDERS = re.compile(r"\b(aws|amazon|iam|s3|gcp|azure|github|okta|entra)\b", re.IGNORECASE)

each = pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS)


def test_the_controls_there_are() -> None:
    assert len(CRITERIA) == 61
    assert list(CONTROLS) == sorted(CONTROLS)
    assert list(CONTROLS) == [
        "BCP-01", "BCP-02", "BCP-03", "BCP-04", "BCP-07",
        "CHG-01", "CHG-02", "CHG-03", "CHG-04", "CHG-05", "CHG-06", "CHG-07", "CHG-08",
        "GOV-04", "GOV-05", "GOV-06", "GOV-12",
        "IAM-01", "IAM-02", "IAM-03", "IAM-04", "IAM-05", "IAM-06", "IAM-07", "IAM-08", "IAM-09", "IAM-10", "IAM-11",
        "IAM-12", "IAM-13", "IAM-14", "IAM-15", "IAM-16", "IAM-17", "IAM-18", "IAM-19",
        "INC-05",
        "LOG-01", "LOG-02", "LOG-03", "LOG-04", "LOG-05", "LOG-06", "LOG-07", "LOG-08", "LOG-09", "LOG-11",
        "TRN-01", "TRN-03",
        "VEN-01", "VEN-05",
    ]  # fmt: skip


@each
def test_header_refers_to_what_exists(control: Control) -> None:
    header = control.header
    assert control.domain in DOMAINS
    assert header.criteria
    assert set(header.criteria) <= CRITERIA
    assert header.evidence
    assert len(set(control.evidence)) == len(control.evidence)
    assert set(control.evidence) <= COLLECTED
    assert set(header.across) <= set(header.evidence)
    # What people upload is there for every rule that will read it; anything else that is collected must be read.
    assert all((COLLECTED - UPLOADED).isdisjoint(one.needs) for one in header.unseen)
    assert {one.part for one in header.unseen if not one.needs} == TOLD_BY_NOTHING.get(header.id, set())
    assert all(one.meaning.endswith(".") for one in header.parameters.values())


@each
def test_rule_names_no_provider_and_looks_around_no_view(control: Control) -> None:
    query = re.sub(r"--.*", "", control.query)
    assert not PROVIDERS.search(query)
    assert "sealed." not in query
    assert not re.search(
        r"\b(now|today|get_current_timestamp)\(|\bcurrent_(timestamp|date|time)\b", query, re.IGNORECASE
    )


@pytest.mark.parametrize("control", THREE_CLOUDS)
def test_one_rule_reads_three_clouds(control: str) -> None:
    assert {"aws", "gcp", "azure"} <= {name.partition(".")[0] for name in CONTROLS[control].evidence}


@each
def test_rule_uses_every_evidence_type_it_names_and_no_table_that_none_of_them_fills(control: Control) -> None:
    query = re.sub(r"--.*", "", control.query)
    read = {table for table in every_table() if re.search(rf"\b(FROM|JOIN) {table}\b", query)}
    filled = set[str]().union(*(YIELDED[name] for name in control.evidence))
    assert read - {"snapshot"} <= filled
    assert all(YIELDED[name] & read for name in control.evidence)


def test_every_connector_can_be_loaded() -> None:
    assert not BROKEN


def test_every_table_has_a_name_of_its_own() -> None:
    assert "snapshot" in every_table()
    assert {"account", "backup_job", "key", "scope_unit"} <= every_table().keys()


HEADER = """/*
id = "X-01"
title = "t"
statement = "s"
criteria = ["CC6.1"]
frequency = "daily"
nature = "automated"
severity = "low"
deviation_unit = "u"
evidence = ["p.t"]

[maps]
iso27001_2022 = []
hipaa = []
gdpr = []
eu_ai_act = []
*/
SELECT 1;
"""


def test_the_smallest_control() -> None:
    control = parse_control(HEADER, domain="d", where="x.sql")
    assert (control.id, control.domain, control.query) == ("X-01", "d", "SELECT 1;")
    assert control.text == HEADER
    assert len(control.sha256) == 64


def test_a_part_that_nothing_tells_is_told_as_such_and_never_passes() -> None:
    sealed = Sealed()
    sealed.add("scim.users")
    (assessment,) = sealed.judge(CONTROLS["IAM-01"])
    (part,) = (one for one in assessment.outcomes if one.item.startswith("part: "))
    assert (part.outcome, part.because) == ("cannot_tell", "nothing that is collected tells it")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "X-01"', 'ident = "X-01"\nid = "X-01"', "unknown field `ident`"),
        ("hipaa = []", "hippa = []", "unknown field `hippa`"),
        ('severity = "low"', 'severity = "mild"', "severity"),
        ('title = "t"\n', "", "missing required field `title`"),
        ('criteria = ["CC6.1"]', 'criteria = "CC6.1"', "criteria"),
        ('id = "X-01"', "id = X-01", "header cannot be used"),
        ("/*", "", "must begin with its header"),
        ("SELECT 1;", "SELECT getvariable('days');", "uses the parameters ['days'], but the header declares []"),
        ("SELECT 1;", "SELECT 1; SELECT 2;", "one query"),
        ("SELECT 1;", "DROP TABLE account;", "one query"),
        ("SELECT 1;", "SELECT FROM WHERE;", "not SQL"),
        ("*/", '[parameters.d]\ndefault = 1.5\nunit = ""\nmeaning = ""\n*/', "parameters"),
        ("*/", '[parameters.d]\ndefault = 1\nunit = ""\nmeaning = ""\n*/', "declares ['d']"),
        ("*/", '[[unseen]]\npart = "p"\nneed = ["x"]\n*/', "unknown field `need`"),
    ],
)
def test_a_header_that_is_wrong_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(UsageError, match=r"x\.sql") as caught:
        parse_control(HEADER.replace(old, new, 1), domain="d", where="x.sql")
    assert said in str(caught.value)


def test_parameters_in_force() -> None:
    controls = with_parameters(load_controls(), {"IAM-10": {"max_age": 30}})
    changed = next(one for one in controls if one.id == "IAM-10")
    assert changed.parameters == {"max_age": 30, "unused_days": 90}
    assert changed.text == CONTROLS["IAM-10"].text
    assert CONTROLS["IAM-10"].parameters["max_age"] == 90
    assert [one.id for one in controls] == list(CONTROLS)


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"IAM-1": {}}, "unknown control 'IAM-1'; did you mean 'IAM-1"),
        ({"ZZZ": {}}, "unknown control 'ZZZ'; known are: BCP-01"),
        ({"IAM-10": {"maxage": 30}}, "[controls.IAM-10]: unknown parameter 'maxage'; did you mean 'max_age'?"),
        ({"LOG-02": {"hours": 1}}, "unknown parameter 'hours'; known are: none"),
        ({"IAM-10": {"max_age": "30"}}, "max_age: must be a whole number, such as 90, not '30'"),
        ({"IAM-10": {"max_age": True}}, "must be a whole number"),
        ({"IAM-14": {"ports": 22}}, "must be a text"),
        ({"IAM-10": {"approved_by": 7}}, "[controls.IAM-10] approved_by: must be a text"),
        ({"IAM-14": {"non_production": "dev"}}, "must be a list of texts"),
        ({"IAM-14": {"non_production": [1]}}, "must be a list of texts"),
    ],
)
def test_parameters_that_are_wrong_are_refused(overrides: dict[str, dict[str, object]], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_parameters(load_controls(), overrides)
    assert said in str(caught.value)


def test_who_approved_a_threshold_is_no_parameter_of_the_rule() -> None:
    (plain,) = with_parameters([one for one in load_controls() if one.id == "IAM-10"], {})
    (said,) = with_parameters([plain], {"IAM-10": {"max_age": 30, "approved_by": "CISO"}})
    assert said.parameters == {**plain.parameters, "max_age": 30}
    lines = [canonical.decode(line) for line in catalogue([said]).splitlines()]
    assert lines == [{"control": "IAM-10", "rule": plain.sha256, "parameters": said.parameters}]
