"""The configuration: one TOML file, read strictly.

An unknown key is an error that names the nearest known one; a wrong type names the key. Secrets are never in it: they
come from the environment, by the providers' own rules.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints
from urllib.parse import urlsplit

import msgspec

from collector import cadence
from collector.errors import UsageError
from collector.prices import PriceSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Table = TypeVar("Table")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoritySettings:
    """A time-stamping authority (RFC 3161)."""

    url: str
    root_certificates: str
    """A PEM file: what its tokens must lead back to."""
    signer_certificates: str = ""
    """A PEM file: the only certificates that may sign its tokens; empty: any that leads back to a root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessSettings:
    """A witness (C2SP tlog-witness): the prefix of its address, and its verifier key `name+id+base64`."""

    url: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    """Where evidence is kept, and how long a place that can lock it must hold it."""

    path: str = "./evidence"
    """A directory, or an `s3://`, `gs://` or `az://` URL; `archive/places.py` has their forms."""
    keys: str = ""
    """Where the collector's own keys are kept, outside the archive.

    Empty: beside it, as PATH.keys, BUCKET.keys, or in Azure ACCOUNT.keys.
    """
    retain_days: int = 730
    """Days after the end of the quarter in which evidence was sealed. A local directory locks nothing."""
    prices: PriceSettings = field(default_factory=PriceSettings)
    """What a bucket costs, where it is not the list price."""

    authorities: tuple[AuthoritySettings, ...] = ()
    """Who stamps each run's tree head with a trusted time."""
    witnesses: tuple[WitnessSettings, ...] = ()
    """Who signs it, if it continues what they signed before."""
    vouch_seconds: int = 20
    """How long an authority or a witness may take to answer; all are asked at once."""

    def __post_init__(self) -> None:
        if not 1 <= self.retain_days <= 36_500:  # noqa: PLR2004 - a hundred years, which S3 allows too
            raise ValueError(f"retain_days must be from 1 to 36500, not {self.retain_days}")
        if not 1 <= self.vouch_seconds <= 600:  # noqa: PLR2004 - the limits are this very check
            raise ValueError(f"vouch_seconds must be from 1 to 600, not {self.vouch_seconds}")
        if len(self.authorities) > 2:  # noqa: PLR2004 - each has an object of its own name in the archive
            raise ValueError(f"authorities: two can be asked at most, not {len(self.authorities)}; take out the others")
        named = [
            *(one.url for one in self.authorities),
            *(part for one in self.witnesses for part in (one.url, one.key)),
        ]
        if twice := [name for name, times in Counter(named).items() if times > 1]:
            raise ValueError(f"{twice[0]} is given twice; name each authority and each witness once")

    @property
    def keys_path(self) -> Path:
        """The directory of the keys."""
        return Path(self.keys or f"{urlsplit(self.path).netloc or Path(self.path)}.keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectSettings:
    """How much is done at once."""

    threads: int = 16
    """More helps little: Python is busy with the answers of about a dozen."""
    clock_seconds: int = 300
    """How far the collector's clock may be from a provider's before this is a finding."""

    def __post_init__(self) -> None:
        if not 1 <= self.threads <= 256:  # noqa: PLR2004 - the limits are this very check
            raise ValueError(f"threads must be from 1 to 256, not {self.threads}")
        if not 1 <= self.clock_seconds <= 3_600:  # noqa: PLR2004 - an hour: what windows overlap by where nothing is said
            raise ValueError(f"clock_seconds must be from 1 to 3600, not {self.clock_seconds}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """The cadence of the evidence types and scopes that match: names, or patterns such as `aws.cloudtrail.*`."""

    cadence: str
    type: str = "*"
    scope: str = "*"
    """The id or the name of an account, project or organisation."""

    def __post_init__(self) -> None:
        cadence.parse(self.cadence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Slots that somebody decided against: those of what matches, on these days (UTC). It is sealed who, and why."""

    first: str
    last: str
    by: str
    because: str
    type: str = "*"
    scope: str = "*"

    def __post_init__(self) -> None:
        if date.fromisoformat(self.first) > date.fromisoformat(self.last):
            raise ValueError(f"first = {self.first!r} is after last = {self.last!r}")
        if not self.by.strip() or not self.because.strip():
            raise ValueError("by and because must say who decided it, and why")

    def covers(self, slot: datetime) -> bool:
        """Whether a slot is on one of these days."""
        return self.first <= f"{slot.astimezone(UTC):%Y-%m-%d}" <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSettings:
    """How often everything is collected by `run --due`."""

    default: str = ""
    """The cadence of whatever has no other; empty: the one that comes with the collector."""
    override: list[Override] = field(default_factory=list)
    """The last one that matches wins."""
    skip: list[Skip] = field(default_factory=list)
    """What is not collected on some days, by whose decision; the first one that matches is sealed."""
    claim_minutes: int = 120
    """How long a run that does not end keeps others from taking up its slots; longer than the longest run."""

    def __post_init__(self) -> None:
        if not 1 <= self.claim_minutes <= 10_080:  # noqa: PLR2004 - a week
            raise ValueError(f"claim_minutes must be from 1 to 10080, not {self.claim_minutes}")
        if self.default:
            cadence.parse(self.default)

    @property
    def everywhere(self) -> Override:
        """The default as a rule."""
        return Override(cadence=self.default)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """How `collector serve` keeps the schedule."""

    listen: str = "127.0.0.1:8321"
    """Where it answers about itself, HOST:PORT; `none` for nowhere. Nobody has to sign in there."""
    runs_at_once: int = 1
    """Runs share the threads of `[collect]`; a second one serves slots that come due during a long first one."""
    jitter_seconds: int = 30
    """How long after its slot a run starts at most, so that many collectors do not ask a provider at one moment."""
    misfire_grace_seconds: int = 300
    """A run that could not start for so long after its time is told of as late; it is made all the same."""
    grace_seconds: int = 25
    """How long reading may go on once it is told to end. What is read by then is sealed, which takes a moment more."""
    instance: str = ""
    """What sets this collector apart from others on the same archive; empty: the machine's name."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("runs_at_once", 1, 16),
            ("jitter_seconds", 0, 3600),
            ("misfire_grace_seconds", 1, 86_400),
            ("grace_seconds", 0, 3600),
        ):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be from {low} to {high}, not {getattr(self, name)}")
        if self.listen != "none":
            address(self.listen)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings:
    """Whom `collector serve` tells of gaps, missed slots and new deviations."""

    url: str = ""
    """Where they are sent, by POST; empty: nowhere."""
    secret: str = ""
    """What signs them: `env:NAME`, a variable of the environment. Never the secret itself."""

    def __post_init__(self) -> None:
        if not self.url:
            return
        parts = urlsplit(self.url)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("url: must be https://…; what is sent names accounts and what is wrong in them")
        if not self.secret.startswith("env:") or not self.secret.removeprefix("env:"):
            raise ValueError("secret: write env:NAME, the name of the environment variable that holds the secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSettings:
    """Where the company's people have accounts, and how much of them is kept."""

    accounts_at: tuple[str, ...] = ()
    """Every provider in which people have accounts; one that is not collected from leaves the rules undecided."""
    pseudonymise: str = ""
    """The key by which names and addresses are replaced: `env:NAME` or `file:PATH`; empty: they are kept."""

    def __post_init__(self) -> None:
        kind, _, name = self.pseudonymise.partition(":")
        if self.pseudonymise and (kind not in {"env", "file"} or not name):
            raise ValueError("pseudonymise: write env:NAME or file:PATH, where the key is; never the key itself")


def address(listen: str) -> tuple[str, int]:
    """Host and port of HOST:PORT or [HOST]:PORT; ValueError for anything else."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not int(port) < 2**16:
        raise ValueError(f"listen must be HOST:PORT, such as 127.0.0.1:8321, or none, not {listen!r}")
    return host.strip("[]"), int(port)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration. `providers` holds each connector's own table, still as it was written."""

    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    collect: CollectSettings = field(default_factory=CollectSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    serve: ServeSettings = field(default_factory=ServeSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    people: PeopleSettings = field(default_factory=PeopleSettings)
    controls: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Parameters by control id: the company's own thresholds."""
    providers: dict[str, dict[str, Any]] = field(default_factory=dict)
    organisation: str = ""
    """Whose evidence it is: printed on the pages."""
    approved_by: str = ""
    """Who approved this configuration and the release that it runs with, and where that is on record."""
    simulated: bool = False
    """Whether what is collected from is a simulation: said on every page made from it."""


def read(path: Path, known_providers: Collection[str]) -> Config:
    """The configuration in a file; UsageError says what is wrong with it, and where."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}; `collector init` writes one") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is not valid TOML: {error}") from error
    own = {name: table for name, table in document.items() if name not in known_providers}
    providers = {name: table for name, table in document.items() if name in known_providers}
    _known(own, [*(name for name in _names(Config) if name != "providers"), *known_providers], str(path))
    return table(own | {"providers": providers}, Config, str(path))


def with_archive(config: Config, path: str) -> Config:
    """The same configuration, with another archive; its keys are beside it."""
    return replace(config, archive=replace(config.archive, path=path, keys=""))


def table(written: Mapping[str, Any], shape: type[Table], where: str) -> Table:
    """A table as its dataclass; UsageError for an unknown key, with the nearest known one, or for a wrong type."""
    _check_keys(written, shape, where)
    try:
        return msgspec.convert(dict(written), shape)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {error}") from error


def _check_keys(written: Mapping[str, Any], shape: Any, where: str) -> None:  # noqa: ANN401 - any dataclass
    _known(written, _names(shape), where)
    inner, hints = {one.name: one.default_factory for one in fields(shape)}, get_type_hints(shape)
    for name, value in written.items():
        if isinstance(value, dict) and is_dataclass(inner[name]):
            _check_keys(value, inner[name], f"{where} [{name}]")
        (each,) = get_args(hints[name])[:1] or (None,)
        if isinstance(value, list) and is_dataclass(each):
            for one in value:
                if isinstance(one, dict):
                    _check_keys(one, each, f"{where} [[{name}]]")


def _names(shape: Any) -> list[str]:  # noqa: ANN401 - any dataclass
    return [one.name for one in fields(shape)]


def _known(written: Mapping[str, Any], known: Collection[str], where: str) -> None:
    for name in written:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(sorted(known))}"
            raise UsageError(f"{where}: unknown key {name!r}; {hint}")
