"""Runs that outsiders vouch for: the collector's own, with nothing to collect, and both verifiers on what is left."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import collector.archive.standalone
from collector import run as running
from collector.archive.archive import Archive
from collector.archive.reader import Reader
from collector.archive.timestamp_verify import Authority
from collector.archive.verify import verify
from collector.archive.verify_time import Trusted
from collector.archive.vouching import Parties
from collector.archive.witness import CosignerKey, Witness
from collector.connector import Surroundings
from collector.engine.pool import Pool
from collector.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.archive.report import Report
    from collector.run import Finished, Gathered
    from tests.archive.conftest import Place
    from tests.doubles.tsa import TsaDouble
    from tests.doubles.witness import WitnessDouble

FILE = Path(collector.archive.standalone.__file__).with_name("verify.py")


def _loaded() -> Any:
    specification = importlib.util.spec_from_file_location("strangers_verify_time", FILE)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


stranger = _loaded()


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Company:
    """One collector: its archive, and who vouches for it."""

    place: Place
    authorities: Sequence[TsaDouble] = ()
    witnesses: Sequence[WitnessDouble] = ()
    timeout: float = 10
    clock: Callable[[], datetime] = now

    def parties(self) -> Parties:
        return Parties(
            authorities=tuple(Authority(one.url, (one.root.certificate,)) for one in self.authorities),
            witnesses=tuple(Witness.load(one.url, one.vkey) for one in self.witnesses),
            timeout=self.timeout,
            nonce=lambda: 1000,
            proxy=lambda _: None,
        )

    def gather(self, name: str, archive: Archive) -> tuple[running.Order, Gathered]:
        order = running.Order(
            run=name, mode="snapshot", tasks=(), types=(), broken=(), controls=(), configuration={}, version="1",
            code="c0de", parties=self.parties(),
        )  # fmt: skip
        with Pool(1) as pool, archive.stage(self.clock()) as staging:
            around = Surroundings(self.clock, pool, staging.put, Redactor(b""), frozenset())
            return order, running.gather(order, around, {}, archive, staging, lambda *_: None)

    def run(self, name: str, archive: Archive | None = None) -> Finished:
        archive = archive or Archive.open(self.place.judge, self.place.keys)
        order, gathered = self.gather(name, archive)
        return running.judge(order, gathered, archive, self.place.judge, self.clock)

    def leaves(self, kind: str) -> list[dict[str, Any]]:
        return [leaf.body for leaf in Reader(self.place.disk).leaves() if leaf.body["kind"] == kind]

    def verify(self, *, roots: Sequence[TsaDouble] | None = None) -> Report:
        """What both verifiers find: the same objects at fault, and the same number of tokens and cosignatures."""
        authorities = self.authorities if roots is None else roots
        pinned, key = self.place.keys.pin(), str(self.place.keys.log.verifier_key)
        assert pinned
        trusted = Trusted(
            tuple(Authority("", (one.root.certificate,)) for one in authorities),
            tuple(CosignerKey.parse(one.vkey) for one in self.witnesses),
        )
        report = verify(self.place.disk, key, pinned, trusted)
        found = stranger.verify(
            self.place.directory,
            key,
            stranger.Head.parse(pinned.encode()),
            stranger.Trusted(
                tuple(one.root.pem for one in authorities),
                tuple(stranger.Key.parse(one.vkey, b"\x04") for one in self.witnesses),
            ),
        )
        assert found.unchecked == []
        assert {name for name, _ in found.faults} == {fault.object for fault in report.faults}, (
            found.faults,
            report.faults,
        )
        assert (found.tokens, found.cosignatures) == (len(report.stamps), len(report.cosigned))
        return report


def faults(report: Report) -> dict[str, str]:
    return {fault.object: fault.problem for fault in report.faults}
