"""AQ-11: how people are matched to accounts, and whether leavers reconcile with the people list.

One leaver with four accounts at three providers, each found by another method, over the real connectors and commands.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from click.testing import CliRunner

from collector.cli.main import cli
from tests.cli.oracle import Archive
from tests.conftest import Ended
from tests.doubles.aws.process import AwsDouble, running_aws
from tests.doubles.github.estate.nouns import AuditEvent, Person
from tests.doubles.github.estate.size import SIZES
from tests.doubles.github.server import serve
from tests.doubles.github.tokens import TOKEN as GITHUB_TOKEN
from tests.doubles.okta.org import Org
from tests.doubles.okta.server import running_okta
from tests.doubles.okta.signing_in import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.doubles.github.estate.nouns import Organisation

NOW = datetime.now(UTC).replace(microsecond=0)
LAST_DAY = (NOW - timedelta(days=10)).date()
LOST = datetime.combine(LAST_DAY, datetime.min.time(), UTC) + timedelta(days=1, hours=2)
"""Two hours after the end of the last day."""
READ = (
    "okta.users",
    "okta.log.lifecycle",
    "aws.iam.credential_report",
    "aws.iam.authorization_details",
    "aws.sso.assignments",
    "github.org.members",
    "github.outside_collaborators",
    "github.audit.membership",
)


@dataclass
class Company:
    """Three providers, and the program in a folder whose configuration names them."""

    folder: Path
    aws: AwsDouble
    okta: Org
    github: Organisation
    environment: dict[str, str]

    def __call__(self, *arguments: str) -> Ended:
        result = CliRunner().invoke(cli, list(arguments), env=self.environment, catch_exceptions=False)
        return Ended(result.exit_code, result.stdout, result.stderr)

    def attach(self, evidence: str, text: str, last: datetime) -> None:
        (self.folder / "list.csv").write_text(text)
        covers = f"{last - timedelta(days=90):%Y-%m-%d}..{last:%Y-%m-%d}"
        given = ("--covers", covers, "--owner", "people operations", "--approved-by", "cfo")
        ended = self("attach", evidence, "list.csv", *given)
        assert ended.code == 0, ended.text

    def collect(self) -> Archive:
        ended = self("snapshot", *(word for one in READ for word in ("--only", one)))
        assert ended.code in {0, 1}, ended.text
        assert self("verify").code == 0
        return Archive(self.folder)


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    org = Org(NOW)
    server = serve(SIZES["small"], end=NOW, plan="enterprise")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    github = server.front.world.org
    with running_okta(org) as okta, running_aws() as aws:
        (tmp_path / "collector.toml").write_text(
            f'[aws]\nattempts = 2\n[okta]\nbase_url = "{okta.url}"\nattempts = 2\n'
            f'[github]\nbase_url = "{server.url}"\norganisations = ["{github.login}"]\nattempts = 2\n'
            '[hris]\ncompany = "northwind"\n'
        )
        monkeypatch.chdir(tmp_path)
        environment = {**aws.environment, "OKTA_API_TOKEN": TOKEN, "GITHUB_TOKEN": GITHUB_TOKEN}
        yield Company(tmp_path, aws, org, github, environment)
    server.shutdown()
    server.server_close()


JOINED = f"{NOW - timedelta(days=5):%Y-%m-%d}"
HEADER = "person_id,name,work_email,start_date,end_date\n"
BEFORE = (
    "7,Lea Lang,lea@northwind.example,2020-01-01,\n8,Will Work,will@northwind.example,2020-01-01,\n"
    "9,Nora None,nora@northwind.example,2021-05-01,\n"
)
AFTER = (
    f"7,Lea Lang,lea@northwind.example,2020-01-01,{LAST_DAY}\n8,Will Work,will@northwind.example,2020-01-01,\n"
    f"9,Nora None,nora@northwind.example,2021-05-01,\n10,Jo Join,jo@northwind.example,{JOINED},\n"
)
LEA = "lea@northwind.example"
CLAIMS = "account,account_provider,kind,person_id\nlea-nightly,github,person,7\n"


def seed(company: Company) -> None:
    """Lea at three providers, four times, at one of them no more; and Will, who stays."""
    day = timedelta(days=1)
    lea = company.okta.add_user("l.lang@northwind.example", "ACTIVE", NOW - 800 * day, employeeNumber="7")
    company.okta.change_status(lea, "DEPROVISIONED", LOST)
    company.okta.add_user("will@northwind.example", "ACTIVE", NOW - 800 * day, last=NOW - day)
    people = company.github.people
    people["nightowl"] = Person(
        991,
        "nightowl",
        "",
        "owl@mail.example",
        "member",
        saml_name_id="lea@northwind.example",
        joined_at=NOW - 700 * day,
    )
    people["lea-nightly"] = Person(992, "lea-nightly", "", "", "outside")
    iam(company).create_user(UserName=LEA)
    iam(company).create_login_profile(UserName=LEA, Password="Only-here-1")  # noqa: S106 - of a made-up user


def iam(company: Company) -> Any:
    given = company.aws.environment
    return boto3.client(
        "iam",
        endpoint_url=given["AWS_ENDPOINT_URL"],
        region_name=given["AWS_DEFAULT_REGION"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )


def told(archive: Archive, control: str) -> dict[str, dict[str, Any]]:
    return {one["item"]: one for one in archive.outcomes(control)}


def links(archive: Archive) -> dict[tuple[str, str], dict[str, Any]]:
    (unit,) = {one["unit"] for one in archive.of_kind("evidence") if one["type"] == "agent.identity_map"}
    rows = archive.rows("agent.identity_map", unit)
    return {(one["account_provider"], one["account_name"] or one["account_id"]): one for one in rows if "method" in one}


@pytest.mark.slow
def test_aq_11_four_accounts_of_a_leaver_are_found_and_the_last_one_removed_decides(company: Company) -> None:
    seed(company)
    company.attach("hris.roster", HEADER + BEFORE, NOW - timedelta(days=30))
    company.attach("hris.account_map", CLAIMS, NOW)
    first = company.collect()
    assert told(first, "IAM-08")[BALANCE]["outcome"] == "cannot_tell", "a first list has none before it"

    # Her last day was ten days ago. One account went in time; two more go only now, and the last one later still.
    company.attach("hris.roster", HEADER + AFTER, NOW)
    iam(company).delete_login_profile(UserName=LEA)
    iam(company).delete_user(UserName=LEA)
    leaves(company, "nightowl", "org.remove_member")
    found = company.collect()
    known = {place: (one["person_id"], one["method"]) for place, one in links(found).items()}
    assert known["okta", "l.lang@northwind.example"] == ("7", "verified")
    assert known["aws", LEA] == ("7", "email")
    assert known["github", "nightowl"] == ("7", "verified"), "its address is a private one"
    assert known["github", "lea-nightly"] == ("7", "claim")
    leaver = told(found, "IAM-07")["leaver 7"]
    assert leaver["outcome"] == "deviation", (leaver["because"], told(found, "IAM-07"))
    assert accounts_of(leaver)[0].startswith("4 accounts, the last one first: github northwind lea-nightly (claim: ")
    assert accounts_of(leaver)[0].endswith(": still active")

    last = leaves(company, "lea-nightly", "org.remove_outside_collaborator")
    found = company.collect()
    leaver = told(found, "IAM-07")["leaver 7"]
    assert leaver["outcome"] == "deviation"
    first_told, *others = accounts_of(leaver)
    assert "lea-nightly (claim: the company's map says so)" in first_told
    assert first_told.endswith(f"lost {last:%Y-%m-%d %H:%M} as its provider says"), "which decides"
    assert [one for one in others if "nightowl (verified: saml links it to lea@northwind.example)" in one]
    assert [one for one in others if "lea@northwind.example (email: its address" in one and "by the lists" in one]
    assert others[-1].startswith("okta ")
    assert "(verified: employee number links it to 7)" in others[-1]
    assert f"lost {LOST:%Y-%m-%d %H:%M} as its provider says" in others[-1], "in time, and no help"

    everyone = links(found)
    states = {one["state"] for one in everyone.values()}
    assert {"linked", "unmapped", "no_account"} <= states
    unmapped = {place for place, one in everyone.items() if one["state"] == "unmapped"}
    assert {name for provider, name in unmapped if provider == "github"} >= {"contractor-lin", "pentester-max"}
    reconciled = told(found, "IAM-08")
    assert reconciled["person 9"]["outcome"] == "not_applicable", "Nora has no account anywhere"
    assert reconciled[BALANCE]["outcome"] == "pass"
    assert "3 + 1 - 1 = 3" in reconciled[BALANCE]["because"]
    assert company("report").code == 0
    page = "".join(path.read_text() for path in (company.folder / "report").glob("*.html"))
    for words in ("3 + 1 - 1 = 3", "4 accounts, the last one first", "lea-nightly", "weaker provenance", "uploaded by"):
        assert words in page


BALANCE = "people list: opening + joiners - leavers = closing"


def accounts_of(leaver: dict[str, Any]) -> list[str]:
    words: str = leaver["because"]
    return words.partition(". ")[2].partition(". Rests on")[0].rstrip(".").split("; ")


def leaves(company: Company, login: str, action: str) -> datetime:
    """GitHub lets them go now, and its log says so."""
    del company.github.people[login]
    at, owner = datetime.now(UTC), company.github.with_role("admin")[0].login
    company.github.audit.append(AuditEvent(f"gone-{login}", action, owner, at, {"user": login}))
    company.github.audit.sort(key=lambda one: (one.at, one.id), reverse=True)
    return at
