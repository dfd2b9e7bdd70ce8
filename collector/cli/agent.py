"""`collector agent`: the collector's own page: what changed in it, what it may do, and who can touch the archive."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector.agent import changes
from collector.archive.principals import Power
from collector.archive.reader import Reader
from collector.cli import display, options
from collector.normalise import timestamp

if TYPE_CHECKING:
    from collector.archive.principals import Principals
    from collector.archive.store import Place
    from collector.archive.worm import State
    from collector.cli.options import Providers

_DAY = click.DateTime(["%Y-%m-%d"])
_TABLES = (
    "access_log",
    "who_can_write_or_delete",
    "who_else_could",
    "what_the_lock_stops",
    "sealed_evidence_of_rights",
)


@click.command("agent")
@options.config_option
@options.archive_option
@click.option("--from", "first", type=_DAY, help="The first day of the period, UTC  [default: the archive's first]")
@click.option("--to", "last", type=_DAY, help="Its last day  [default: today]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    config_file: Path | None,
    archive_path: str | None,
    first: datetime | None,
    last: datetime | None,
    *,
    as_json: bool,
) -> None:
    """Show what changed in the collector, what it may do at each provider, and who can change the archive.

    Changes come from the sealed runs; rights from the declarations of the connectors that the configuration names; the
    archive's lock is asked now, and shown beside what the runs sealed; so is which log is kept of who writes to it, and
    who can put, overwrite or delete there, as far as the place itself tells.
    """
    config = options.read_config(config_file, archive_path)
    providers, place = options.providers(config), options.store(config)
    options.refuse_broken(providers.broken)
    reader = Reader(place)
    start = timestamp((first or datetime(1970, 1, 1)).replace(tzinfo=UTC))  # noqa: DTZ001 - given its zone here
    end = timestamp(last.replace(tzinfo=UTC) + timedelta(days=1) if last else options.now() + timedelta(minutes=1))
    found = changes(((leaf.index, leaf.body) for leaf in reader.leaves()), reader.content, start, end)
    rights, archive = _rights(providers), _archive(place, reader, start, end)
    if as_json:
        shown = [{name: getattr(one, name) for name in type(one).__slots__} for one in found]
        click.echo(
            json.dumps({"from": start, "to": end, "changes": shown, "rights": rights, "archive": archive}, indent=2)
        )
        return
    heads: tuple[str, ...] = ("first seen (UTC)", "leaf", "what", "before", "after", "approved by")
    rows = [(one.at, one.leaf, one.what, one.before, one.after, one.approved_by or "not given") for one in found]
    display.table("Changes of the collector", heads, rows)
    click.echo()
    beyond = [(one["provider"], "; ".join(one["beyond_reading"]) or "nothing") for one in rights]
    display.table(
        "Rights at each provider: reading, as `collector permissions` prints", ("provider", "besides"), beyond
    )
    click.echo()
    logs, principals, untold, held, evidence = (archive.pop(name) for name in _TABLES)
    display.table("The archive", ("", ""), [(name.replace("_", " "), value) for name, value in archive.items()])
    click.echo()
    heads = ("log", "kept", "where, or what it lacks", "its entries are not read here")
    display.table("Access to the archive", heads, [tuple(one.values()) for one in logs])
    click.echo()
    _show_principals(principals, untold, held)
    click.echo()
    heads = ("evidence", "of", "name", "read until (UTC)", "leaf")
    title = "Sealed evidence of who has rights in the archive's account, for `collector show LEAF`"
    display.table(title, heads, [tuple(one.values()) for one in evidence])


def _rights(providers: Providers) -> list[dict[str, Any]]:
    return [
        {
            "provider": name,
            "policy": connector.policy(connector.types.values()),
            "beyond_reading": [f"{right}: {why}" for right, why in connector.beyond_reading(connector.types.values())],
        }
        for name, connector in providers.connectors.items()
    ]


def _archive(place: Place, reader: Reader, start: str, end: str) -> dict[str, Any]:
    """Its lock as it is now and as runs sealed it; what it lacks; what may be done to it."""
    lock = place.lock({})
    sealed: dict[str, int] = {}
    for leaf in reader.leaves():
        if leaf.body["kind"] == "storage" and start <= leaf.body["read"] < end:
            sealed[leaf.body["state"]] = sealed.get(leaf.body["state"], 0) + 1
    survey, principals = place.survey(), place.principals()
    return {
        "place": str(place),
        "lock_now": f"{lock.state.value}: {lock.because}",
        "lock_as_sealed_in_the_period": sealed,
        "lacks": [*survey.lines, *survey.unread],
        "collector_can_shorten_retention": "no: it has no such call, and its policy no such right",
        "access_log": [
            {"name": one.name, "kept": one.kept.value, "told": one.told, "entries": one.entries}
            for one in place.access_logs()
        ],
        **_principals(principals, lock.state),
        "sealed_evidence_of_rights": _sealed(reader, principals, end) if principals.evidence else [],
    }


def _principals(found: Principals, lock: State) -> dict[str, Any]:
    held = found.under(lock)
    return {
        "who_can_write_or_delete": [
            {
                "principal": one.name,
                "effect": "deny" if one.denied else "allow",
                # Of what is forbidden there is nothing for a lock to stop.
                "may": None
                if one.may is None
                else {power: "" if one.denied else held[power].stops for power in Power if power in one.may},
                "known_from": one.known_from,
                "on": one.on,
                "condition": one.condition,
            }
            for one in found.named
        ],
        "who_else_could": [*found.untold],
        "what_the_lock_stops": {power: {"stops": one.stops, "told": one.told} for power, one in held.items()},
    }


def _sealed(reader: Reader, principals: Principals, end: str) -> list[dict[str, Any]]:
    """The last whole evidence of who has rights in the archive's account; in each, where that account is not known."""
    last: dict[str, dict[str, Any]] = {}
    for leaf in reader.leaves():
        body = leaf.body
        if body["kind"] != "evidence" or body["type"] != principals.evidence or not body["complete"]:
            continue
        if principals.unit in {"", body["unit"]} and body["ended"] < end:
            told = {name: body[name] for name in ("type", "unit", "unit_name", "ended")}
            last[body["unit"]] = {**told, "leaf": leaf.index}
    return [*last.values()]


def _show_principals(principals: list[dict[str, Any]], untold: list[str], held: dict[str, dict[str, str]]) -> None:
    columns = ("principal", "by rule", "what (does the lock stop it)", "known from", "on", "condition, not judged here")
    rows = [
        (one["principal"], one["effect"], _powers(one["may"]), one["known_from"], one["on"], one["condition"])
        for one in principals
    ]
    display.table("Who can put, overwrite or delete in the archive, or change what holds it", columns, rows)
    click.echo()
    display.table("", ("who else could: not told here, and not nobody",), [(one,) for one in untold])
    click.echo()
    stops = [(power, one["stops"], one["told"]) for power, one in held.items()]
    display.table("What the lock stops, as it is now", ("what", "the lock stops it", "what is left"), stops)


def _powers(may: dict[str, str] | None) -> str:
    if may is None:
        return "could not tell"
    return ", ".join(f"{power} ({stops})" if stops else power for power, stops in may.items())
