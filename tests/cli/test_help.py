"""Every command can be found, and says what it does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from collector.cli.main import COMMANDS, cli

ROOT = Path(__file__).parents[2]


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(cli, [*arguments, "--help"], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_modules_of_commands_are_the_commands() -> None:
    declaring = {
        path.stem
        for path in (ROOT / "collector" / "cli").glob("*.py")
        if re.search(r"(?m)^@click\.command\(", path.read_text()) and path.stem != "main"
    }
    assert declaring == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_listed_and_explained(command: str) -> None:
    (line,) = re.findall(rf"(?m)^  {command}  +(\S.*)$", shown())
    assert line.endswith(".")
    text = shown(command)
    assert f"Usage: cli {command}" in text
    for option, explained in re.findall(r"(?m)^  (--[a-z-]+)(?: [A-Z]+)?( .*)?$", text):
        assert option in text
        assert explained is None or explained.strip() or "\n     " in text


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_mentions_every_command(command: str) -> None:
    assert f"collector {command}" in (ROOT / "README.md").read_text()


def test_the_readme_shows_no_command_that_does_not_exist() -> None:
    named = set(re.findall(r"(?m)(?:^|[`$] ?)(?:\.venv/bin/)?collector ([a-z]+)\b", (ROOT / "README.md").read_text()))
    assert named <= set(COMMANDS)


def test_the_exit_codes_are_explained() -> None:
    assert re.search(r"Exit codes: 0 .* 1 .*\n +2 .* 3 ", shown())
