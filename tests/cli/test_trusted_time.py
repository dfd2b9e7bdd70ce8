"""Trusted time and witnesses, as a user turns them on and an auditor checks them."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from collector.archive.notes import VerifierKey
from collector.cli import vouchers
from collector.config import ArchiveSettings, WitnessSettings
from tests.cli.oracle import Archive
from tests.doubles.tsa import running_tsa
from tests.doubles.witness import WitnessDouble, running_witness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Ended, Program
    from tests.doubles.tsa import TsaDouble

CHEAP = ("--only", "aws.backup.jobs")


@dataclass(frozen=True)
class Outside:
    """The program with an authority and a witness in its configuration, and both of them running."""

    program: Program
    authority: TsaDouble
    witness: WitnessDouble

    def __call__(self, *arguments: str) -> Ended:
        return self.program(*arguments, NO_PROXY="*")

    @property
    def archive(self) -> Archive:
        return Archive(self.program.folder)

    @property
    def key(self) -> str:
        return (self.program.folder / "evidence.keys" / "log.pub").read_text().strip()


@pytest.fixture
def outside(bare: Program, tmp_path: Path) -> Iterator[Outside]:
    (tmp_path / "tsa").mkdir()
    assert bare("init").code == 0
    file = bare.folder / "collector.toml"
    log = VerifierKey.parse((bare.folder / "evidence.keys" / "log.pub").read_text().strip())
    with ExitStack() as stack:
        authority = stack.enter_context(running_tsa(tmp_path / "tsa"))
        witness = stack.enter_context(running_witness(log))
        lines = (
            f'[archive]\nauthorities = [{{ url = "{authority.url}", root_certificates = "{authority.root.pem}" }}]\n'
            f'witnesses = [{{ url = "{witness.url}", key = "{witness.vkey}" }}]\nvouch_seconds = 5\n'
        )
        file.write_text(file.read_text().replace("[archive]\n", lines))
        yield Outside(bare, authority, witness)


def test_a_stamped_and_witnessed_run_from_end_to_end(outside: Outside, tmp_path: Path) -> None:
    for _ in range(2):
        ended = outside("snapshot", *CHEAP)
        assert ended.code == 0, ended.text
    assert f"commit 3 is stamped by {outside.authority.url} at 20" in ended.out
    assert f"commit 3 is witnessed by {outside.witness.name} at 20" in ended.out

    checked = outside("verify")
    assert checked.code == 0, checked.text
    assert "trusted time: 2 tokens, from 20" in checked.out
    assert "witnesses: 2 cosignatures by those that are trusted" in checked.out

    page = outside("report")
    assert page.code == 0, page.text
    text = (outside.program.folder / "report" / "index.html").read_text()
    assert "stamped by CN=Time Authority" in text
    assert "it cites the token of commit 1" in text
    assert f"by {outside.witness.name}." in text

    verifier = tmp_path / "handed-over.py"
    assert outside("export", "--verifier", str(verifier)).code == 0
    given = ["--key", outside.key, "--authority-roots", str(outside.authority.root.pem)]
    line = [sys.executable, "-I", str(verifier), str(outside.archive.path), *given, "--witness", outside.witness.vkey]
    told = subprocess.run([*line, "--json"], check=False, capture_output=True, text=True)  # noqa: S603 - our own file
    assert told.returncode in {0, 3}, told.stdout  # 3: no program here expands zstd
    found = json.loads(told.stdout)
    assert (found["faults"], found["tokens"], found["cosignatures"]) == ([], 2, 2)


def test_an_auditor_without_the_configuration_gives_roots_and_keys(outside: Outside, tmp_path: Path) -> None:
    assert outside("snapshot", *CHEAP).code == 0
    (tmp_path / "auditor").mkdir()
    auditor = Archive(tmp_path / "auditor").program
    given = ("--archive", str(outside.archive.path), "--key", outside.key)
    without = auditor("verify", *given)
    assert without.code == 0, without.text
    assert "give --authority-roots" in without.err
    assert "give --witness" in without.err
    assert "trusted time: no token of a trusted authority" in without.out
    root = str(outside.authority.root.pem)
    checked = auditor("verify", *given, "--authority-roots", root, "--witness", outside.witness.vkey)
    assert checked.code == 0, checked.text
    assert "trusted time: 1 token, from 20" in checked.out
    assert "witnesses: 1 cosignature by" in checked.out


@pytest.mark.parametrize("mode", ["500", "slow", "wrong nonce"])
def test_an_authority_that_fails_does_not_fail_the_run(outside: Outside, mode: str) -> None:
    outside.authority.mode = mode
    ended = outside("snapshot", *CHEAP)
    assert ended.code == 0, ended.text
    assert f"commit 1 is NOT STAMPED by {outside.authority.url}: " in ended.out
    assert [leaf["party"] for leaf in outside.archive.of_kind("time")] == ["authority"]
    outside.authority.mode = "well"
    assert outside("snapshot", *CHEAP).code == 0
    checked = outside("verify")
    assert checked.code == 0, checked.text
    assert "trusted time: 1 token" in checked.out


def test_a_fork_that_a_witness_sees_is_loud_everywhere(outside: Outside) -> None:
    origin = outside.key.split("+")[0]
    outside.witness.heads[origin] = (1, bytes(32))
    ended = outside("snapshot", *CHEAP)
    assert ended.code == 1, ended.text
    assert f"FORK  commit 1: the witness {outside.witness.name}" in ended.out
    checked = outside("verify")
    assert checked.code == 1
    assert "FAULT  log/000000000001.ckpt: FORK" in checked.out
    assert outside("report").code == 0
    assert "FORK: the witness" in (outside.program.folder / "report" / "index.html").read_text()


def test_the_configuration_that_is_sealed_names_them(outside: Outside) -> None:
    assert outside("snapshot", *CHEAP).code == 0
    (run,) = outside.archive.of_kind("run")
    sealed = json.loads(outside.archive.reader.content(run["configuration"]["sha256"]))
    assert sealed["archive"]["authorities"][0]["url"] == outside.authority.url
    assert run["vouchers"] == {"authorities": [outside.authority.url], "witnesses": [outside.witness.name]}


def test_doctor_has_the_authority_stamp_and_leaves_the_witness_alone(outside: Outside) -> None:
    well = outside("doctor")
    assert f"{outside.authority.url} stamps" in well.out
    assert f"{outside.witness.name} is configured as a witness" in well.out
    assert outside.witness.requests == []
    outside.authority.mode = "500"
    ill = outside("doctor")
    assert ill.code == 1
    assert f"{outside.authority.url} does not stamp: refused, answered HTTP 500" in ill.out


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("http_proxy", "proxy.example:3128"), ("no_proxy", "near.example"), ("https_proxy", "")):
        monkeypatch.setenv(name, value)
        monkeypatch.delenv(name.upper(), raising=False)
    key = WitnessDouble({}).vkey
    urls = ("http://far.example/w/", "http://near.example/w", "https://far.example/w")
    asked = [vouchers.parties(ArchiveSettings(witnesses=(WitnessSettings(url=url, key=key),))) for url in urls]
    assert [one.proxy(one.witnesses[0].url) for one in asked] == ["http://proxy.example:3128", None, None]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (
            '[[archive.authorities]]\nurl = "https://t.example"\nroot_certificates = "none.pem"\n',
            ("none.pem", "in PEM form"),
        ),
        ('[[archive.authorities]]\nurl = "ftp://t.example"\nroot_certificates = "none.pem"\n', ("http or https",)),
        ('[[archive.authorities]]\nurl = "https://t.example"\n', ("root_certificates",)),
        ('[[archive.authorities]]\nurll = "https://t.example"\n', ("unknown key 'urll'", "did you mean 'url'?")),
        ('[[archive.authorities]]\nurl = "a"\nroot_certificates = "b"\n' * 3, ("two", "not 3")),
        ('[[archive.witnesses]]\nurl = "https://w.example"\nkey = "w+00000000+AAAA"\n', ("w.example", "witness")),
        ('[[archive.witnesses]]\nurl = "https://w.example"\nkey = "k"\n' * 2, ("given twice",)),
        ("[archive]\nvouch_seconds = 0\n", ("1 to 600",)),
    ],
)
def test_a_mistake_in_the_configuration_is_named_before_anything_is_made(
    bare: Program, written: str, says: tuple[str, ...]
) -> None:
    (bare.folder / "collector.toml").write_text(written)
    ended = bare("snapshot", *CHEAP)
    assert ended.code == 2, ended.text
    for part in says:
        assert part in ended.err
    assert not (bare.folder / "evidence").exists()


def test_a_kind_of_proxy_that_cannot_be_used_is_named(outside: Outside) -> None:
    ended = outside.program("snapshot", *CHEAP, http_proxy="socks5://proxy.example:1", NO_PROXY="", no_proxy="")
    assert ended.code == 2, ended.text
    assert "socks5" in ended.err


def test_what_is_no_root_and_no_key_is_bad_input(outside: Outside, tmp_path: Path) -> None:
    for option, value in (("--authority-roots", str(tmp_path / "none.pem")), ("--witness", "nonsense")):
        ended = outside("verify", option, value)
        assert ended.code == 2, ended.text
        assert value in ended.err
