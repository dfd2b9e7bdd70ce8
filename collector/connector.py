"""All that a connector's author imports from the core, besides the records.

A connector is a folder. Its `__init__.py` makes one `Connector`; every other file is one area, and one evidence type is
one decorated generator whose docstring an auditor would accept as the description of the population.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from collector.model import Kind
from collector.pseudonyms import NOBODY, Pseudonyms

if TYPE_CHECKING:
    from datetime import datetime

    from collector.engine.pool import Pool
    from collector.model import Scope, Window
    from collector.records import Record
    from collector.redact import Redactor
    from collector.source.recorder import Recorder


SECRET = {"secret": True}
"""Metadata of a setting that is shared with others in confidence: it is sealed as a stable token."""


class Per(StrEnum):
    """What one call of a reader covers; the core calls it as often as the estate needs."""

    ESTATE = "estate"
    """Once, where the provider knows all scopes: the organisation's management account."""
    SCOPE = "scope"
    """Once in each scope."""
    PLACE = "place"
    """Once in each place of each scope: every enabled region of an account."""


class Source(Protocol):
    """A read-only view of one place of one scope."""

    @property
    def place(self) -> str:
        """Where it reads: a region, a host."""

    @property
    def caller(self) -> str:
        """Who the provider says we are."""


Reader = Callable[[Any], Iterable["Record"]]


@dataclass(frozen=True, slots=True)
class EvidenceType:
    """One thing we collect: what it is, what it yields, what it needs, and how to read it."""

    id: str
    title: str
    description: str
    provider: str
    kind: Kind
    per: Per
    yields: tuple[type[Record], ...]
    needs: tuple[str, ...]
    """The provider's operations (AWS) or permissions that the reader uses; nothing else can be called."""
    keeps_days: int | None
    """How long the source itself remembers; None when it holds only the present."""
    late_minutes: int
    """How long after its time an item of a population may still appear in the source, or change there."""
    read: Reader = field(repr=False)
    lasting: bool = False
    """Of uploaded records: a register, of which a new one replaces the old, whatever time each covers."""
    shares: tuple[str, ...] = ()
    """Of a population: the operations of `needs` that another evidence type asks in the same words, window and all."""


@dataclass(frozen=True, slots=True)
class Outside:
    """The world as the process finds it, for signing in: only the command line reads it."""

    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    """Waits so many seconds."""
    environment: Mapping[str, str] = field(repr=False)
    """Where secrets are, and which proxy leads out."""


@dataclass(frozen=True, slots=True)
class AtHand:
    """A provider's usual credentials, met where its own tools keep them. No secret is in it."""

    where: str
    """What gave them away: `GITHUB_TOKEN`."""
    table: Mapping[str, Any] = field(default_factory=dict)
    """The table of the configuration by which they are used."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Where a provider's usual credentials are, for a collection that nobody configured."""

    places: str
    """All that is looked at, in words."""
    look: Callable[[Outside], AtHand | None]
    """None when nothing is there. UsageError when something is, but does not suffice."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the core lends to a connection: everything it would otherwise take from the world by itself."""

    clock: Callable[[], datetime]
    pool: Pool
    keep: Callable[[bytes], str]
    """Stores the body of an answer, and names it by its SHA-256."""
    redactor: Redactor
    shared: frozenset[str]
    """Operations that more than one planned evidence type asks for: identical reads of these are made once."""
    probe: bool = False
    """Read as little as shows whether a call is permitted: one page, one child."""
    people: Pseudonyms = NOBODY
    """Replaces names and addresses in what is kept, where the configuration wants that."""


class Connection(Protocol):
    """A provider, signed in to."""

    def scopes(self) -> Sequence[Scope]:
        """Every scope to collect from, in a stable order; UnreadableError when they cannot be found."""

    def home(self) -> Scope:
        """The scope that `Per.ESTATE` evidence is read in."""

    def sources(
        self, evidence: EvidenceType, scope: Scope, window: Window | None, recorder: Recorder
    ) -> Sequence[Source]:
        """One source for each call of the reader; UnreadableError when the scope cannot be entered."""

    def close(self) -> None:
        """Sign out and let go of every connection."""


class Connector:
    """One provider: how to connect to it, and the evidence types read from it."""

    def __init__(  # noqa: PLR0913 - each says one thing of a provider
        self,
        provider: str,
        *,
        settings: type[Any],
        sign_in: Callable[[Any, Outside], Callable[[Surroundings], Connection]],
        policy: Callable[[Iterable[EvidenceType]], Mapping[str, Any]],
        ambient: bool = False,
        usual: Usual | None = None,
        collects: Callable[[Any], Collection[str]] | None = None,
        hosts: Callable[[Any, Iterable[EvidenceType]], Iterable[str]] | None = None,
        beyond_reading: Callable[[Iterable[EvidenceType]], Iterable[tuple[str, str]]] = lambda _: (),
        within: Callable[[Any, Record], str | None] | None = None,
    ) -> None:
        """`settings` is the dataclass of its configuration table.

        `sign_in` takes one and proves that the credentials work (UsageError when not) before a run leaves any trace;
        it returns what opens the connection. `policy` writes the least-privilege policy. `ambient` says that the
        provider's own library finds credentials by itself, so that it is collected from without any configuration.
        `usual` says where its credentials usually are; None: it cannot be collected from without its table.
        `collects` tells by the settings which evidence types runs collect; None: all of them. `hosts` names by the
        settings the hosts that these evidence types are read from, sign-in included; None: it calls nobody.
        `beyond_reading` names each right of the policy that could do more than read, and why it is asked for. `within`
        tells, where a scope has several units (projects, repositories), by the source which one a record belongs to.
        """
        self.provider = provider
        self.settings = settings
        self.sign_in = sign_in
        self.policy = policy
        self.ambient = ambient
        self.usual = usual
        self.collects = collects
        self.hosts = hosts
        self.beyond_reading = beyond_reading
        self._within = within
        self.types: dict[str, EvidenceType] = {}

    def evidence(  # noqa: PLR0913 - all that a declaration may say
        self,
        id: str,  # noqa: A002 - the catalogue's own word
        *,
        yields: type[Record] | tuple[type[Record], ...],
        needs: Sequence[str],
        kind: Kind = Kind.CONFIGURATION,
        per: Per = Per.SCOPE,
        keeps_days: int | None = None,
        late_minutes: int = 60,
        lasting: bool = False,
        shares: Iterable[str] = (),
    ) -> Callable[[Reader], Reader]:
        """Declare the generator below as the reader of one evidence type; its docstring is what auditors read.

        `late_minutes` must be longer than clocks may differ: two windows of a population overlap by it.
        """

        def declare(read: Reader) -> Reader:
            if id in self.types:
                raise ValueError(f"{id} is declared twice")
            title, _, rest = inspect.cleandoc(read.__doc__ or "").partition("\n")
            if not title:
                raise ValueError(f"{id} has no docstring, so no auditor could know what it is")
            self.types[id] = EvidenceType(
                id=id,
                title=title.rstrip("."),
                description=rest.strip(),
                provider=self.provider,
                kind=kind,
                per=per,
                yields=yields if isinstance(yields, tuple) else (yields,),
                needs=tuple(needs),
                keeps_days=keeps_days,
                late_minutes=late_minutes,
                read=self._placed(read),
                lasting=lasting,
                shares=tuple(shares),
            )
            return read

        return declare

    def _placed(self, read: Reader) -> Reader:
        """The reader, whose records say which unit they belong to."""
        within = self._within
        if within is None:
            return read

        def placed(source: Any) -> Iterator[Record]:  # noqa: ANN401 - any connector's own
            for record in read(source):
                yield record if record.unit else replace(record, within=within(source, record))

        return placed
