"""FORMAT.md's worked example is real: the archive is made here, and its commands are run on it."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import collector.archive
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from collector.archive.notes import LocalSigner
from collector.archive.verify import verify

FORMAT = Path(collector.archive.__file__).with_name("FORMAT.md")
CONSOLE = re.compile(r"(?<=```console\n).*?(?=```\n)", re.DOTALL)
ORIGIN = "example.com/evidence"
AT = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)


def example(root: Path) -> Keys:
    """The archive of the example, from keys and times that never change."""
    (root / "keys").mkdir()
    collector, log = (Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)) for number in (1, 2))
    keys = Keys(
        root / "keys", LocalSigner(f"{ORIGIN}/collector", collector), LocalSigner(ORIGIN, log), redaction=bytes(32)
    )
    archive = Archive.create(LocalStore(root / "evidence"), keys, AT)
    with archive.stage(AT) as staging:
        members = staging.put(b'{"login":"ada"}\n{"login":"grace"}\n')
        answer = staging.put(b'[{"login":"grace"},{"login":"ada"}]\n')
        leaf = {"kind": "example", "records": {"sha256": members, "count": 2}, "answer": {"sha256": answer}}
        archive.append([leaf], staging)
    (root / "log.pub").write_text(f"{keys.log.verifier_key}\n")
    return keys


def played(page: str, directory: Path) -> str:
    """The page with what its commands really say, run in `directory`."""

    def play(block: re.Match[str]) -> str:
        commands = [line for line in block[0].splitlines() if line.startswith("$ ")]
        return "".join(f"{command}\n{_output(command[2:], directory)}" for command in commands)

    return CONSOLE.sub(play, page)


def _output(command: str, directory: Path) -> str:
    shell = ["bash", "-e", "-o", "pipefail", "-c", command]
    return subprocess.run(shell, cwd=directory, check=True, capture_output=True, text=True).stdout  # noqa: S603 - from our own page


@pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "sed", "sha256sum", "zstd", "openssl"))),
    reason="the page's programs are not all here",
)
def test_the_worked_example_says_what_its_commands_say(tmp_path: Path) -> None:
    example(tmp_path)
    page = FORMAT.read_text()
    assert len(CONSOLE.findall(page)) == 6
    assert "Signature Verified Successfully" in page
    assert played(page, tmp_path / "evidence") == page


def test_the_worked_example_is_a_sound_archive(tmp_path: Path) -> None:
    keys = example(tmp_path)
    report = verify(LocalStore(tmp_path / "evidence"), (tmp_path / "log.pub").read_text().strip(), keys.pin())
    assert report.faults == []
    assert (report.segments, report.leaves, report.contents) == (2, 2, 2)


def test_the_page_numbers_the_steps_that_the_code_repeats() -> None:
    section = FORMAT.read_text().split("## Verification")[1].split("\n## ")[0]
    steps = [int(step) for step in re.findall(r"^(\d+)\. ", section, re.MULTILINE)]
    names = ("log", "leaves", "contents", "time", "slots")
    files = [*(f"verify_{name}.py" for name in names), "statements.py"]
    code = "".join(FORMAT.with_name(name).read_text() for name in files)
    assert steps == sorted({int(step) for step in re.findall(r'"""Step (\d+):', code)}) == list(range(1, 14))
