"""A whole connector of a made-up provider, as small as one can be: what an author writes on the REST source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector.connector import Connector
from collector.errors import UsageError
from collector.model import Cause, Scope
from collector.records import Account, Setting
from collector.source.rest.api import Api, Operation, Proof
from collector.source.rest.auth.bearer import bearer
from collector.source.rest.base import Base
from collector.source.rest.client import Client
from collector.source.rest.dialect import Dialect
from collector.source.rest.pace import Pace
from collector.source.rest.paging import LinkHeader
from collector.source.rest.reads import Reads
from collector.source.rest.source import RestSource
from collector.source.rest.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from collector.connector import EvidenceType, Outside, Surroundings
    from collector.model import Window
    from collector.records import Record
    from collector.source.recorder import Recorder

WHO = "GET /user"
API = Api(
    [
        Operation(WHO, has=("/login",)),
        Operation("GET /orgs/{org}/members", needs="members: read", items="", pages=LinkHeader(), key="/login"),
        Operation("GET /orgs/{org}/members/{login}", needs="members: read", has=("/mfa",)),
        Operation("GET /orgs/{org}", needs="organisation: read", has=("/members",)),
        Operation("GET /orgs/{org}/sso", needs="organisation: read", absent=Proof("GET /orgs/{org}", "/admin")),
    ],
    dialect=Dialect(
        phrases={"upgrade your plan": Cause.UNLICENSED},
        advice="the token may not read this; `collector permissions forge` prints what it needs",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeSettings:
    url: str = "https://forge.example"
    token: str = "env:FORGE_TOKEN"  # noqa: S105 - says where the token is
    organisation: str = "northwind"


def sign_in(settings: ForgeSettings, outside: Outside) -> Callable[[Surroundings], ForgeConnection]:
    base, credential = Base(settings.url), bearer(settings.token, outside.environment)
    wire, pace = Wire(outside), Pace(outside.clock, outside.sleep)
    client = Client(wire, pace, credential, API.dialect, outside, attempts=2)
    return lambda around: ForgeConnection(settings, Reads(client, API, {"": base}, around, own=frozenset({WHO})), wire)


class ForgeConnection:
    def __init__(self, settings: ForgeSettings, reads: Reads, wire: Wire) -> None:
        self._settings = settings
        self._reads = reads
        self._wire = wire

    def scopes(self) -> Sequence[Scope]:
        return [Scope("forge", self._settings.organisation)]

    def home(self) -> Scope:
        return self.scopes()[0]

    def sources(
        self, evidence: EvidenceType, scope: Scope, window: Window | None, recorder: Recorder
    ) -> Sequence[RestSource]:
        who = self._reads.introduced(recorder, self._reads.request(WHO, {}), "/login")
        source = RestSource(
            self._reads,
            recorder,
            who,
            evidence.needs,
            scope=scope,
            settings=self._settings,
            window=window,
            bound={"org": scope.unit_id},
        )
        return [source]

    def close(self) -> None:
        self._wire.close()


def policy(types: Iterable[EvidenceType]) -> dict[str, Any]:
    """The permissions, from the declarations."""
    return {"permissions": sorted({API.operation(need).needs for one in types for need in one.needs})}


forge = Connector("forge", settings=ForgeSettings, sign_in=sign_in, policy=policy)


@forge.evidence(
    "forge.members",
    yields=Account,
    needs=["GET /orgs/{org}/members", "GET /orgs/{org}/members/{login}", "GET /orgs/{org}"],
)
def members(source: RestSource) -> Iterator[Record]:
    """Every member, with second factor.

    The list is whole when it has as many members as the organisation says it has.
    """
    listed = list(source.list("GET /orgs/{org}/members"))
    for member, detail in source.each(
        listed, lambda one: source.look("GET /orgs/{org}/members/{login}", login=one["login"])
    ):
        yield Account(
            key=member["login"],
            seen=[member, detail],
            account_id=member["login"],
            mfa_enrolled=detail.tell(lambda found: found["mfa"]),
        )
    source.total("members", expected=source.get("GET /orgs/{org}")["members"], found=len(listed))


@forge.evidence("forge.sso", yields=Setting, needs=["GET /orgs/{org}/sso"])
def sso(source: RestSource) -> Iterator[Record]:
    """Whether members sign in through a company identity."""
    found = source.get("GET /orgs/{org}/sso")
    value = "off" if found.absent else str(found.get("state"))
    yield Setting(key="sso", seen=[found], name="sso", value=value)


def unusable(settings: ForgeSettings, outside: Outside) -> str:
    """What a user reads when the settings cannot be used."""
    try:
        sign_in(settings, outside)
    except UsageError as error:
        return str(error)
    return ""
