"""Lets the year happen: the real program, pass after pass, with the clock of the almanac and the doubles of the parts.

    python -m tests.doubles.year FOLDER [--seed N] [--days N]

The folder then holds what a customer's would: collector.toml, the archive `evidence`, its keys beside it. Besides,
`year.json` says what was done to the estate and what it took.
"""

from __future__ import annotations

import contextlib
import copy
import gc
import hashlib
import json
import os
import resource
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from collector.archive.keyring import COLLECTOR, LOG
from collector.archive.keys import key_name
from collector.archive.notes import LocalSigner
from collector.cli import logs, options
from collector.cli.run import due_pass
from collector.connector import Outside
from collector.engine.pool import Pool
from collector.errors import UsageError
from collector.model import Cause, Gap
from tests.doubles.year import almanac, aws, github, office
from tests.doubles.year.staff import Staff, staff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from collector.cli.options import Providers
    from collector.connector import Connector
    from collector.model import Exchange, Snapshot
    from tests.doubles.year.part import Estate

PARTS: Mapping[str, Callable[[Staff, Random, Path], contextlib.AbstractContextManager[Estate]]] = {
    "aws": aws.running,
    "github": github.running,
    "office": office.running,
}
"""The sources of the year; one that follows is a file of its own and a line here."""

_ORIGIN = "evidence/simulated-year"
_CONFIGURATION = """\
organisation = "Northwind (simulated)"
simulated = true

[archive]
path = "evidence"

[collect]
threads = 1
clock_seconds = {limit}

[schedule]
default = "weekly on monday at 02:00 UTC"
{overrides}
{providers}
{chosen}"""
DAILY = (
    "aws.iam.credential_report",
    "aws.s3.public_access",
    "aws.backup.jobs",
    "aws.cloudtrail.root_and_console",
    "github.pulls.merged",
    "github.audit.membership",
)
SELDOM = {
    "aws.inspector.findings": f"daily at {almanac.SLOT_HOUR:02}:00 UTC",
    "aws.jobs.runs": f"cron 0 {almanac.SLOT_HOUR} */2 * * UTC",
    "aws.alerting.history": f"cron 0 {almanac.SLOT_HOUR} */4 * * UTC",
} | dict.fromkeys(
    (
        "aws.access_analyzer.findings",
        "aws.ai.systems",
        "aws.alerting.rules",
        "aws.availability.monitors",
        "aws.backup.restore_jobs",
        "aws.config.compliance",
        "aws.data.lifecycle",
        "aws.ecr.scanning",
        "aws.edge.tls",
        "aws.guardduty.findings",
        "aws.inspector.coverage",
        "aws.network.flow_logs",
        "aws.resilience",
        "aws.securityhub.findings",
        "aws.ssm.patch",
    ),
    f"cron 0 {almanac.SLOT_HOUR} */8 * * UTC",
)
"""Of these the account has nothing: no more often than their sources ask for, since a year of them takes long."""
HOURLY = "aws.backup.jobs"
_CHOSEN = f"""\
[controls.IAM-10]
max_age = {almanac.OLDEST_KEY}
approved_by = "{almanac.APPROVER}"
"""
_OVERRIDE = '[[schedule.override]]\ntype = "{}"\ncadence = "{}"\n'
_ONE_RUN = timedelta(hours=1)


@dataclass(slots=True)
class Figures:
    """What the year took, and what came of it."""

    seed: int
    days: int
    runs: int = 0
    leaves: int = 0
    seconds: float = 0.0
    processor_seconds: float = 0.0
    bytes: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Clock:
    """The collector's clock: it stands still during a run, and is not always right."""

    moment: datetime = almanac.INSTALLED

    def __call__(self) -> datetime:
        """The time by the collector's clock."""
        return self.moment + (almanac.AHEAD if self.moment in almanac.CLOCK_WRONG else timedelta())


def moments(days: int) -> Iterator[datetime]:
    """When a run is started: once a day, every hour for a stretch, and not while the collector is stopped."""
    first = moment = almanac.INSTALLED + almanac.RUN_AT
    while moment < almanac.at(days):
        of_the_day = moment.hour == almanac.SLOT_HOUR or moment == first
        if (of_the_day or hourly(moment) or hourly(moment - _ONE_RUN)) and moment not in almanac.STOPPED:
            yield moment
        moment += _ONE_RUN


def hourly(moment: datetime) -> bool:
    """Whether backup jobs are to be collected every hour then."""
    return moment in almanac.HOURLY


def build(folder: Path, seed: int, days: int = almanac.DAYS, tell: Callable[[str], object] = str) -> Figures:
    """Make the year in this folder, which becomes the working directory; the process is the year's own.

    `tell` hears how far it is, once a month.
    """
    started, figures = time.perf_counter(), Figures(seed, days)
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    logs.configure("error", as_json=True)
    # Each connection has the garbage collected when it is closed: here that is half of a small run, for nothing.
    gc.collect = lambda generation=2: 0  # noqa: ARG005 - the library's own signature
    _keys(folder / "evidence.keys", seed)
    with contextlib.ExitStack() as stack:
        people = staff(_chance(seed, "staff"))
        estates = [stack.enter_context(run(people, _chance(seed, name), folder)) for name, run in sorted(PARTS.items())]
        for estate in estates:
            os.environ.update(estate.environment)
        _live(estates, figures, Path.cwd(), tell)
        figures.facts = {name: estate.facts() for name, estate in zip(sorted(PARTS), estates, strict=True)}
    figures.seconds = time.perf_counter() - started
    figures.processor_seconds = sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    figures.bytes = sum(file.stat().st_size for file in Path("evidence").rglob("*") if file.is_file())
    Path("year.json").write_text(json.dumps(asdict(figures), indent=2, default=str))
    return figures


def _live(estates: Sequence[Estate], figures: Figures, folder: Path, tell: Callable[[str], object]) -> None:
    clock, outcomes = Clock(), Counter[str]()
    outside = Outside(clock, lambda _seconds: None, os.environ)
    known: dict[str, tuple[Any, Providers]] = {}
    for moment in moments(figures.days):
        clock.moment = moment
        for estate in estates:
            estate.move(moment)
        written = _configuration(estates, moment)
        if written not in known:
            (folder / "collector.toml").write_text(written)
            config = options.read_config(folder / "collector.toml")
            known[written] = (config, _timed(options.providers(config), outside))
        (folder / "collector.toml").write_text(written)
        config, providers = known[written]
        with Pool(config.collect.threads) as pool:
            done = due_pass(
                config,
                _without("github", providers) if moment in almanac.BROKEN else providers,
                clock,
                pool,
                _unwatched,
            )
        outcomes[done.outcome] += 1
        if moment.day == 1 and moment.hour == almanac.SLOT_HOUR:
            tell(f"{moment:%B %Y}: {figures.runs} runs, {figures.leaves} leaves so far")
        figures.runs, figures.leaves = figures.runs + 1, done.head.size
    figures.outcomes = dict(outcomes)


def _configuration(estates: Sequence[Estate], moment: datetime) -> str:
    cadences = SELDOM | dict.fromkeys(DAILY, f"daily at {almanac.SLOT_HOUR:02}:00 UTC")
    cadences |= {HOURLY: "hourly"} if hourly(moment) else {}
    overrides = "".join(_OVERRIDE.format(*one) for one in cadences.items())
    providers = "".join(estate.configuration for estate in estates)
    chosen = _CHOSEN if moment >= almanac.RULE_CHANGED else ""
    return _CONFIGURATION.format(limit=almanac.LIMIT_SECONDS, overrides=overrides, providers=providers, chosen=chosen)


def _timed(providers: Providers, outside: Outside) -> Providers:
    """The same connectors, signing in under the year's clock."""
    if providers.broken:
        raise UsageError(f"the year needs connectors that work: {providers.broken}")
    return options.Providers(
        {name: _signing_in(one, outside) for name, one in providers.connectors.items()}, providers.settings, []
    )


def _without(name: str, providers: Providers) -> Providers:
    """As it is when a connector cannot be loaded: an update of the machine took away what it stands on."""
    working = {one: made for one, made in providers.connectors.items() if one != name}
    settings = {one: providers.settings[one] for one in working}
    why = "a bug in the connector: ModuleNotFoundError: No module named 'httpx'"
    lacking = Gap(Cause.DEFECT, f"connector {name}", why)
    return options.Providers(working, settings, [(name, lacking)])


def _signing_in(connector: Connector, outside: Outside) -> Connector:
    made, real = copy.copy(connector), connector.sign_in
    made.sign_in = lambda settings, _: real(settings, outside)
    return made


@contextlib.contextmanager
def _unwatched(_: int) -> Iterator[Callable[[Snapshot, Sequence[Exchange]], None]]:
    yield lambda _snapshot, _exchanges: None


def _chance(seed: int, name: str) -> Random:
    return Random(f"{seed}/{name}")  # noqa: S311 - a simulation, the same again for the same seed


def _keys(directory: Path, seed: int) -> None:
    """The keys that an earlier start of the program made, the same for the same seed. They guard nothing."""
    directory.mkdir(mode=0o700)

    def secret(name: str) -> bytes:
        return hashlib.sha256(f"{seed}/{name}".encode()).digest()

    for role in (COLLECTOR, LOG):
        private = Ed25519PrivateKey.from_private_bytes(secret(role))
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _put(directory / key_name(role), pem)
        if role == LOG:
            _put(directory / "log.pub", f"{LocalSigner(_ORIGIN, private).verifier_key}\n".encode())
    _put(directory / "redaction.key", secret("redaction"))


def _put(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)
