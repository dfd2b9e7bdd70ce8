"""A run that is told to stop seals what it has read; the health check asks the service."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.cli.main import cli
from schedules.port import Answer, Port

if TYPE_CHECKING:
    from tests.conftest import Estate, Program


def test_told_to_stop_a_run_seals_what_it_has_read_and_names_what_it_has_not(
    estate: Estate, collector: Program
) -> None:
    (collector.folder / "collector.toml").write_text("[serve]\ngrace_seconds = 1\n")
    estate.double.fault("timeout", match={"operation": "GetAccountPasswordPolicy"}, seconds=60)
    with subprocess.Popen(
        [sys.executable, "-m", "collector", "snapshot", "--only", "aws.iam.*"],
        cwd=collector.folder,
        env={**os.environ, **collector.environment},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stderr
        while "complete" not in process.stderr.readline():  # a snapshot is done, and another hangs
            pass
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read()
        assert process.wait(30) == 1
    assert "told to stop" in said
    leaves = [leaf.body for leaf in Reader(LocalStore(collector.folder / "evidence")).leaves()]
    found = {leaf["type"]: leaf for leaf in leaves if leaf["kind"] == "evidence"}
    assert found["aws.iam.account_summary"]["gaps"] == {"timeout": 1}
    assert any(leaf["complete"] for leaf in found.values())
    assert [leaf["outcome"] for leaf in leaves if leaf["kind"] == "run"] == ["partial"]
    assert collector("verify").code == 0


@pytest.mark.parametrize(("status", "code"), [(HTTPStatus.OK, 0), (HTTPStatus.SERVICE_UNAVAILABLE, 1)])
@pytest.mark.parametrize(("path", "options"), [("/healthz", []), ("/readyz", ["--ready"])])
def test_health_is_what_the_service_says(status: HTTPStatus, code: int, path: str, options: list[str]) -> None:
    with Port(("127.0.0.1", 0), {path: lambda: Answer(b'{"ok": "so"}', status=status)}) as port:
        ended = CliRunner().invoke(cli, ["health", "--listen", f"127.0.0.1:{port.address[1]}", *options])
        everywhere = CliRunner().invoke(cli, ["health", "--listen", f"0.0.0.0:{port.address[1]}", *options])
    assert (ended.exit_code, ended.output) == (code, '{"ok": "so"}\n')
    assert everywhere.exit_code == code


def test_nobody_there_is_not_well() -> None:
    ended = CliRunner().invoke(cli, ["health", "--listen", "127.0.0.1:9"])
    assert ended.exit_code == 1
    assert "127.0.0.1:9" in ended.stderr
