"""The image as a customer runs it: unprivileged, its root read-only, the collector its first process."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from collector.archive.reader import Reader
from tests.archive.buckets import running_moto, store_in
from tests.image.building import USER, Image, built, first_process

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from tests.archive.buckets import Server
    from tests.conftest import Estate

pytestmark = [pytest.mark.first, pytest.mark.slow, pytest.mark.image, pytest.mark.timeout(900)]
PATIENCE = 120


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return built(tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_moto() as running:
        yield running


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def python(image: Image, state: Path, program: str) -> tuple[int, str, str]:
    return ended(image.start(state, "/opt/collector/bin/python", "-c", program))


def test_it_starts_quickly_and_is_not_large(image: Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    code, out, err = ended(image.start(tmp_path, "collector", "--version"))
    with capsys.disabled():
        print(f"\nimage {image.size}, its base {image.base_size}; started in {time.monotonic() - began:.1f} s")  # noqa: T201 - figures are asked for
    assert (code, err) == (0, "")
    assert out.startswith("collector, version ")


def test_it_is_nobody_and_can_write_nowhere_but_in_its_volume(image: Image, tmp_path: Path) -> None:
    program = (
        "import os, pathlib\n"
        "assert os.getpid() == 1\n"
        "for place in ('/', '/opt/collector', '/etc', '/usr/bin', '/var/lib'):\n"
        "    try: pathlib.Path(place, 'x').write_text('')\n"
        "    except OSError as error: print(place, error.errno)\n"
        "pathlib.Path('x').write_text(str(os.getuid()))\n"
    )
    code, out, err = python(image, tmp_path, program)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 5
    assert (tmp_path / "x").read_text() == str(USER)


def test_it_says_what_it_is_made_of_and_has_no_tools_of_the_build(image: Image) -> None:
    bill = json.loads((image.root / "opt/collector/sbom.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    names = {one["name"] for one in bill["components"]}
    assert {"boto3", "httpx", "structlog", "APScheduler", "evidence-collector"} <= names
    assert not {"pip", "hatchling", "pytest", "moto", "google-auth", "azure-core"} & names


def test_it_collects_into_a_locked_bucket_and_ends_well(
    image: Image, estate: Estate, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.bucket(locked=True)
    # One environment names both servers: the archive's endpoint stands in its URL.
    (tmp_path / "collector.toml").write_text(
        f'[archive]\npath = "{url}"\nkeys = "keys"\n[aws]\nrole = "{estate.manifest["role"]}"\n'
    )
    started = image.start(
        tmp_path, "collector", "snapshot", "--only", "aws.iam.*", environment=estate.double.environment
    )
    code, out, err = ended(started)
    assert code == 0, out + err
    server.use(monkeypatch)
    leaves = [leaf.body for leaf in Reader(store_in(url)).leaves()]
    assert [leaf["outcome"] for leaf in leaves if leaf["kind"] == "run"] == ["ok"]
    assert [leaf["state"] for leaf in leaves if leaf["kind"] == "storage"] == ["locked"]
    assert (tmp_path / "keys").stat().st_uid == USER


def test_one_command_with_nothing_prepared_leaves_the_package_in_its_volume(
    image: Image, estate: Estate, tmp_path: Path
) -> None:
    """An image without the libraries of other clouds: what it cannot sign in to for that is a gap like any other."""
    others = {"AZURE_CLIENT_ID": "x", "AZURE_TENANT_ID": "x", "AZURE_CLIENT_SECRET": "x"}
    command = ("collector", "snapshot", "--package", "client", "--only", "aws.iam.account_summary")
    code, out, err = ended(image.start(tmp_path, *command, environment=estate.double.environment | others))
    assert code == 1, out + err
    assert [line.split("pip install ")[1] for line in err.splitlines() if line.startswith("GAP")] == ["'.[azure]'"] * 2
    (page,) = (tmp_path / "client").glob("package-*/index.html")
    assert f"{page.relative_to(tmp_path)}: begin to read here" in out
    assert page.stat().st_uid == USER
    assert page.parent.with_name(f"{page.parent.name}.zip").is_file()


def test_the_service_in_it_is_well_and_ends_when_told(image: Image, estate: Estate, tmp_path: Path) -> None:
    (tmp_path / "collector.toml").write_text('[serve]\nlisten = "127.0.0.1:0"\n')
    service = image.start(tmp_path, "collector", "serve", environment=estate.double.environment)
    assert service.stderr
    lines: list[str] = []
    while not any("listening" in line for line in lines):
        lines.append(service.stderr.readline())
        assert lines[-1], "".join(lines)
    port = json.loads(lines[-1])["port"]
    code, out, err = ended(image.start(tmp_path, "collector", "health", "--listen", f"127.0.0.1:{port}"))
    assert (code, json.loads(out)["ok"]) == (0, True), err
    os.kill(first_process(service), signal.SIGTERM)
    code, _, err = ended(service)
    assert code == 0, err
    assert '"ended"' in err


def test_told_to_stop_in_the_middle_it_seals_what_it_has(image: Image, estate: Estate, tmp_path: Path) -> None:
    (tmp_path / "collector.toml").write_text("[serve]\ngrace_seconds = 1\n")
    estate.double.fault("timeout", match={"operation": "GetAccountPasswordPolicy"}, seconds=60)
    run = image.start(tmp_path, "collector", "snapshot", "--only", "aws.iam.*", environment=estate.double.environment)
    assert run.stderr
    while "complete" not in run.stderr.readline():
        pass
    os.kill(first_process(run), signal.SIGTERM)
    code, _, err = ended(run)
    assert code == 1
    assert "told to stop" in err
    assert ended(image.start(tmp_path, "collector", "verify"))[0] == 0
