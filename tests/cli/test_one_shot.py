"""One command with nothing prepared: from usual credentials to a package that an auditor can read."""

from __future__ import annotations

import json
import subprocess
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from collector.connector import Outside
from collector.errors import UsageError
from collector.registry import installed, load
from tests.cli.oracle import Archive
from tests.conftest import Program
from tests.doubles.github.process import running_github

if TYPE_CHECKING:
    from pathlib import Path

    from collector.connector import AtHand
    from tests.conftest import Estate

ELSEWHERE = (
    "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AZURE_CLIENT_ID", "AZURE_CONFIG_DIR", "CLOUDSDK_CONFIG", "GITHUB_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS", "OKTA_API_TOKEN", "OKTA_CLIENT_TOKEN",
)  # fmt: skip
"""What the person who runs the tests may have set."""


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program in an empty folder of a person with an empty home, and without any credentials."""
    for name in ELSEWHERE:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    return Program(tmp_path / "work", {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path / "home")})


@pytest.mark.slow
def test_one_command_makes_the_package_and_what_does_not_let_us_in_is_a_gap_in_it(
    newcomer: Program, estate: Estate
) -> None:
    """AWS and GitHub let us in, Okta does not know the token: its gap is in the package, and the exit code tells."""
    with running_github() as github:
        owner = github.manifest["organisation"]
        found = estate.double.environment | {"GITHUB_TOKEN": github.token, "GITHUB_OWNER": owner}
        found |= {"GITHUB_API_URL": github.url, "OKTA_API_TOKEN": "of-nobody", "OKTA_CLIENT_ORGURL": github.url}
        ended = newcomer("snapshot", "--package", "client", **found)
        del found["GITHUB_OWNER"], found["OKTA_API_TOKEN"]
        again = newcomer("snapshot", "--package", "client", "--only", "aws.logs.retention", **found)
    assert ended.code == 1, ended.text
    client = newcomer.folder / "client"
    assert [path.name for path in newcomer.folder.iterdir()] == ["client"], "nothing is written elsewhere"
    assert not any((newcomer.folder.parent / "home").iterdir())
    run, later = Archive(client).of_kind("run")
    package = client / f"package-{run['run']}"
    beside = client / f"package-{later['run']}"
    packages = {path.name for one in (package, beside) for path in (one, one.with_name(f"{one.name}.zip"))}
    assert {path.name for path in client.iterdir()} == {"evidence", "evidence.keys", *packages}

    told = ended.out.rpartition("items that cannot be told")[2].split("\n")
    assert told[2] == f"client/{package.name}/index.html: begin to read here"
    assert told[3] == f"client/{package.name}.zip: the same as one file"
    assert told[4].startswith((client / "evidence.keys" / "log.pub").read_text().strip())
    judged = [one["assessed"] for one in Archive(client).of_kind("outcome") if one["run"] == run["run"]]
    day = datetime.fromisoformat(max(judged)).date()
    assert told[5].startswith(f"This shows how things stood on {day} (UTC), and no more. It is no evidence that any")
    assert "GITHUB_TOKEN" in ended.err
    assert "not here, so not collected from: gcp: GOOGLE_APPLICATION_CREDENTIALS" in ended.err

    (gap,) = run["gaps"]
    assert (gap["cause"], gap["subject"]) == ("not_configured", "provider okta")
    assert "did not accept the credentials (HTTP 401)" in gap["detail"]
    assert {one["type"].split(".")[0] for one in Archive(client).of_kind("evidence")} == {"aws", "github"}
    cover = (package / "00-cover" / "index.html").read_text()
    assert "for a Type I examination" in cover
    assert str(day) in cover
    assert "nothing of whether any control operated over a period" in cover
    assert "over and over" not in cover
    for place in ("runs.csv", "index.html"):
        assert "provider okta" in (package / "05-coverage" / place).read_text()
    assert "of-nobody" not in "".join(path.read_text("latin-1") for path in client.rglob("*") if path.is_file())

    sums = subprocess.run(
        ["/usr/bin/env", "sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=package, capture_output=True, check=False
    )
    assert sums.returncode == 0, sums.stdout
    with zipfile.ZipFile(client / f"{package.name}.zip") as packed:
        assert packed.testzip() is None
        assert f"{package.name}/index.html" in packed.namelist()
    checked = newcomer("verify", "--archive", "client/evidence", "--json")
    assert json.loads(checked.out)["verdict"] == "sound"

    assert again.code == 1, again.text
    (unlisted,) = later["gaps"]
    assert unlisted["subject"] == "provider github"
    assert "the organisations cannot be listed" in unlisted["detail"]


def test_with_nothing_at_hand_nothing_is_done(newcomer: Program) -> None:
    ended = newcomer("snapshot", "--package", "client")
    assert ended.code == 2, ended.text
    for words in ("no provider's credentials are at hand", "GITHUB_TOKEN", "AWS_PROFILE", "az login", "OKTA_API_TOKEN"):
        assert words in ended.err
    assert not any(newcomer.folder.iterdir())


def test_when_nothing_lets_us_in_nothing_is_done(newcomer: Program) -> None:
    ended = newcomer("snapshot", "--package", "client", AWS_PROFILE="of-nobody", OKTA_API_TOKEN="x")  # noqa: S106 - no one's
    assert ended.code == 2, ended.text
    assert "The config profile (of-nobody) could not be found" in ended.err
    assert "OKTA_CLIENT_ORGURL" in ended.err
    assert "Traceback" not in ended.err
    assert not any(newcomer.folder.iterdir())


def test_a_profile_that_is_not_there_is_said_in_one_sentence(newcomer: Program) -> None:
    ended = newcomer("snapshot", AWS_PROFILE="of-nobody")
    assert ended.code == 2, ended.text
    (sentence,) = ended.err.splitlines()
    assert "of-nobody" in sentence


def test_a_shard_has_no_package(newcomer: Program) -> None:
    ended = newcomer("snapshot", "--package", "client", "--shard", "1/2", "--run", "one")
    assert ended.code == 2, ended.text
    assert "--package goes without --shard" in ended.err


def test_a_configuration_is_followed(newcomer: Program, estate: Estate) -> None:
    """Its tables say what is collected, and its archive is used: what else is at hand is left alone."""
    (newcomer.folder / "collector.toml").write_text('organisation = "Northwind"\n[archive]\npath = "kept"\n[aws]\n')
    only = ("--only", "aws.logs.retention")
    ended = newcomer("snapshot", "--package", "out", *only, **estate.double.environment, GITHUB_TOKEN="x")  # noqa: S106 - no one's
    assert ended.code == 0, ended.text
    assert "github" not in ended.err
    assert {path.name for path in newcomer.folder.iterdir()} == {"collector.toml", "kept", "kept.keys", "out"}
    (page,) = (newcomer.folder / "out").glob("package-*/index.html")
    assert "Northwind" in page.read_text()


def met(provider: str, environment: dict[str, str]) -> AtHand | None:
    usual = load([provider])[0][provider].usual
    assert usual is not None
    return usual.look(Outside(lambda: datetime.now(UTC), lambda _: None, environment))


def test_the_usual_places_of_each_provider(tmp_path: Path) -> None:
    assert met("github", {"GITHUB_TOKEN": ""}) is None
    github = met(
        "github", {"GITHUB_TOKEN": "t", "GITHUB_OWNER": "one, two", "GITHUB_API_URL": "https://ghe.example/api/v3"}
    )
    assert github is not None
    assert github.table == {"organisations": ["one", "two"], "base_url": "https://ghe.example/api/v3"}

    assert met("gcp", {"HOME": str(tmp_path)}) is None
    named = met("gcp", {"GOOGLE_APPLICATION_CREDENTIALS": "key.json"})
    assert named is not None
    (tmp_path / ".config" / "gcloud").mkdir(parents=True)
    (tmp_path / ".config" / "gcloud" / "application_default_credentials.json").touch()
    left = met("gcp", {"HOME": str(tmp_path)})
    assert left is not None
    assert "gcloud" in left.where

    for provider in ("azure", "entra"):
        assert met(provider, {"HOME": str(tmp_path), "AZURE_CLIENT_ID": "a", "AZURE_TENANT_ID": "t"}) is None, (
            "nothing proves it"
        )
        china = {"AZURE_AUTHORITY_HOST": "https://login.chinacloudapi.cn/"}
        application = met(
            provider, {"AZURE_CLIENT_ID": "a", "AZURE_TENANT_ID": "t", "AZURE_CLIENT_SECRET": "secret", **china}
        )
        assert application is not None
        assert application.table == {"cloud": "china"}
        assert "secret" not in repr(application)
        (tmp_path / ".azure").mkdir(exist_ok=True)
        (tmp_path / ".azure" / "azureProfile.json").touch()
        assert met(provider, {"HOME": str(tmp_path)}) is not None
        (tmp_path / ".azure" / "azureProfile.json").unlink()

    assert met("okta", {"OKTA_CLIENT_ORGURL": "https://x.okta.com"}) is None
    with pytest.raises(UsageError, match=r"OKTA_CLIENT_ORGURL=https"):
        met("okta", {"OKTA_API_TOKEN": "t"})
    split = met("okta", {"OKTA_CLIENT_TOKEN": "t", "OKTA_ORG_NAME": "acme", "OKTA_BASE_URL": "oktapreview.com"})
    assert split is not None
    assert split.table == {"base_url": "https://acme.oktapreview.com", "token": "env:OKTA_CLIENT_TOKEN"}


def test_whoever_needs_more_than_credentials_takes_its_table() -> None:
    found, broken = load(installed())
    assert not broken
    assert {name for name, one in found.items() if one.usual is None} == {"gws", "scim", "hris", "records"}
