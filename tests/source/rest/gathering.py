"""Collects with the example connector as the product does, and keeps everything that would be sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from collector import canonical
from collector.collect import collect
from collector.connector import Outside, Surroundings
from collector.engine.pool import Pool
from collector.plan import plan, shared_needs
from collector.redact import Redactor
from collector.seal import evidence_leaf
from tests.doubles.rest import Given
from tests.source.rest.conftest import TOKEN
from tests.source.rest.forge import ForgeSettings, forge

if TYPE_CHECKING:
    from collector.connector import Connector
    from collector.model import Snapshot
    from tests.doubles.rest import Asked
    from tests.source.rest.conftest import Forge


class Gathered(NamedTuple):
    """One snapshot, its rows, and every byte that was kept."""

    snapshot: Snapshot
    rows: list[dict[str, Any]]
    exchanges: list[dict[str, Any]]
    sealed: bytes

    @property
    def causes(self) -> list[str]:
        return [gap.cause.value for gap in self.snapshot.gaps]


def gathered(made: Forge, evidence: str, *, probe: bool = False, of: Connector = forge) -> Gathered:
    """The snapshot of one evidence type."""
    kept: dict[str, bytes] = {}

    def keep(body: bytes) -> str:
        kept[canonical.digest(body)] = body
        return canonical.digest(body)

    chosen = [of.types[evidence]]
    outside = Outside(made.time.now, made.time.sleep, {"FORGE_TOKEN": TOKEN})
    with Pool(4) as pool:
        around = Surroundings(outside.clock, pool, keep, Redactor(b"k" * 32), shared_needs(chosen), probe)
        connection = of.sign_in(ForgeSettings(url=made.double.url), outside)(around)
        try:
            tasks = plan(chosen, connection.scopes(), {"forge": connection.home()}, outside.clock())
            (snapshot,) = collect(tasks, {"forge": connection}, pool, keep, outside.clock, lambda *_: None)
        finally:
            connection.close()
    leaf = canonical.encode(evidence_leaf(snapshot, "run"))
    return Gathered(
        snapshot,
        [canonical.decode(line) for line in kept[snapshot.records.sha256].splitlines()],
        [canonical.decode(line) for line in kept[snapshot.exchanges.sha256].splitlines()],
        leaf + b"".join(kept.values()),
    )


def serve(made: Forge, count: int = 5, *, claimed: int | None = None) -> None:
    """An organisation of so many members, two to a page."""
    double, names = made.double, [f"user{number}" for number in range(count)]
    double.route("GET /user", Given(200, {"login": "auditor", "token": "s3cret-of-the-answer"}))
    double.route("GET /orgs/northwind", Given(200, {"members": count if claimed is None else claimed, "admin": True}))
    for name in names:
        double.route(f"GET /orgs/northwind/members/{name}", Given(200, {"login": name, "mfa": name != "user1"}))

    def page(asked: Asked) -> Given:
        number = int(asked.query.get("page", 1))
        links = [f'<{double.url}{asked.path}?page={number + 1}>; rel="next"'] if number * 2 < count else []
        links += ['</>; rel="first"'] if number > 1 else []
        return Given(200, [{"login": name} for name in names[number * 2 - 2 : number * 2]], {"Link": ", ".join(links)})

    double.route("GET /orgs/northwind/members", page)
