"""The whole way in a Google bucket and in an Azure container: init, snapshot, verify, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.archive.clouds import azurite_missing, gcs_bucket, running_azurite
from tests.doubles.gcs.server import running_gcs

if TYPE_CHECKING:
    from tests.conftest import Program

CHEAP = ("--only", "aws.backup.jobs")


def assert_whole_way(program: Program, url: str, keys: str, told: str, *init: str, **environment: str) -> None:
    made = program("init", "--archive", url, *init, **environment)
    assert made.code == 0, made.text
    assert f'path = "{url}"' in (program.folder / "collector.toml").read_text()
    assert (program.folder / keys / "log.pub").is_file()
    collected = program("snapshot", *CHEAP, **environment)
    assert collected.code == 0, collected.text
    assert told in collected.out
    checked = program("verify", **environment)
    assert checked.code == 0, checked.text
    assert told in checked.out
    (program.folder / "collector.toml").unlink()
    reported = program("report", "--archive", url, **environment)
    assert reported.code == 0, reported.text
    assert told.removeprefix("the archive is ").split(":")[0] in reported.text + "".join(
        path.read_text() for path in program.folder.rglob("*.html")
    )


def test_in_a_google_bucket(bare: Program) -> None:
    with running_gcs() as gcs:
        url = gcs_bucket(gcs, lock="object")
        assert_whole_way(bare, url, f"{url.split('/')[2]}.keys", "the archive is locked: ")


def test_a_google_bucket_without_a_lock_is_not_used_unless_told_so(bare: Program) -> None:
    with running_gcs() as gcs:
        refused = bare("init", "--archive", gcs_bucket(gcs))
        assert refused.code == 1, refused.text
        assert "--retention-period=822d" in refused.out
        assert list(bare.folder.iterdir()) == []


def test_a_server_that_ignores_the_condition_is_refused(bare: Program) -> None:
    with running_gcs() as gcs:
        gcs.service.ignores_conditions = True
        refused = bare("init", "--archive", gcs_bucket(gcs), "--without-lock")
    assert refused.code == 3, refused.text
    assert "the server ignores the condition that a name be free" in refused.err
    assert not (bare.folder / "collector.toml").exists()


@pytest.mark.azurite
@pytest.mark.skipif(bool(azurite_missing()), reason=azurite_missing())
def test_in_an_azure_container(bare: Program) -> None:
    with running_azurite() as azurite:
        told = "the archive is not locked: the container has no locked immutability policy"
        environment = azurite.environment
        assert_whole_way(bare, azurite.container(), "evidence.keys", told, "--without-lock", **environment)
        other = azurite.container()
        refused = bare("init", "--archive", other, **environment)
    assert refused.code == 1, refused.text
    assert "az storage container immutability-policy create" in refused.out
