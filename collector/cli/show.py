"""`collector show`: what exactly was asked, of whom, when, as whom, and what came back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector import trace, windows
from collector.archive.reader import Reader
from collector.cli import options
from collector.errors import ArchiveError, TamperedError, UsageError
from collector.normalise import timestamp
from collector.period.looks import Item
from collector.period.sample import item_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.archive.reader import Leaf

_ROW_ID, _DIGEST = 32, 64


@click.command("show")
@click.argument("name", metavar="EVIDENCE|LEAF|RECORD|HASH")
@options.config_option
@options.archive_option
def command(name: str, config_file: Path | None, archive_path: str | None) -> None:
    """Show what is sealed under NAME.

    \b
    aws.iam.credential_report   the newest snapshot of an evidence type, in each scope
    17                          the leaf with this index
    32 hexadecimal digits       a record, by its row_id; or an item of a control, by that of a sample
    64 hexadecimal digits       a document or raw answer, by its SHA-256: its bytes, unchanged
    """  # noqa: D301 - \b is click's mark for "do not rewrap"
    reader = Reader(options.store(options.read_config(config_file, archive_path)))
    leaves = list(reader.leaves())
    if len(name) == _DIGEST and _is_hex(name):
        _known(reader, name)
        sys.stdout.buffer.write(reader.content(name))
        return
    if name.isdecimal():
        _show_leaf(reader, leaves, int(name))
    elif len(name) == _ROW_ID and _is_hex(name):
        _show_row(reader, leaves, name)
    elif found := trace.newest(leaves, name):
        for leaf in found:
            _show_snapshot(trace.sealed(reader, leaf, leaves))
    else:
        known = sorted({leaf.body["type"] for leaf in leaves if leaf.body["kind"] == "evidence"})
        raise UsageError(f"{name}: nothing is sealed under this name; evidence types here: {', '.join(known)}")


def _known(reader: Reader, digest: str) -> None:
    """UsageError for a digest of nothing here: an archive that cannot be read has shown itself by its leaves."""
    try:
        reader.locate(digest)
    except TamperedError:
        raise
    except ArchiveError as error:
        raise UsageError(str(error)) from error


def _show_leaf(reader: Reader, leaves: list[Leaf], index: int) -> None:
    if index >= len(leaves):
        raise UsageError(f"leaf {index}: the log has leaves 0 to {len(leaves) - 1}")
    leaf = leaves[index]
    if leaf.body["kind"] == "evidence":
        _show_snapshot(trace.sealed(reader, leaf, leaves))
    else:
        _fields({"leaf": leaf.index, "leaf hash": leaf.hash, **leaf.body})


def _show_row(reader: Reader, leaves: list[Leaf], row_id: str) -> None:
    first = next(trace.rows(reader, leaves, row_id), None)
    if first is None:
        _show_item(reader, leaves, row_id)
        return
    leaf, row = first
    snapshot = trace.sealed(reader, leaf, leaves)
    click.secho(f"record {row_id}", bold=True)
    _fields({name: value for name, value in row.items() if name not in {"origins", "row_id"}})
    for request, page, path in row["origins"]:
        (exchange,) = (one for one in snapshot.exchanges if (one["request"], one["page"]) == (request, page))
        click.secho(f"\nread from {path or 'the whole answer'} of", bold=True)
        _show_exchange(exchange)
    click.echo()
    _show_snapshot(snapshot)


def _show_item(reader: Reader, leaves: list[Leaf], item: str) -> None:
    """Everything that was ever said of an item of a control, and each record that the last word rests on."""
    said = list(_said(reader, leaves, item))
    if not said:
        raise UsageError(f"record {item}: no snapshot holds it, and no control has an item of that id")
    last = said[-1][1]
    where = " ".join(part for part in (last["provider"], last["unit"]) if part)
    click.secho(f"{said[-1][0].body['control']}: {last['item']} in {where}", bold=True)
    for leaf, line in said:
        click.echo(f"  {leaf.body['assessed']}  leaf {leaf.index}  {line['outcome']}: {line['because']}")
    for row_id in last["rows"]:
        click.echo()
        _show_row(reader, leaves, row_id)


def _said(reader: Reader, leaves: list[Leaf], item: str) -> Iterator[tuple[Leaf, dict[str, Any]]]:
    """Each outcome of the item that is another than the one before."""
    found: dict[tuple[str, str], dict[str, Any] | None] = {}
    before: dict[str, Any] | None = None
    for leaf in (one for one in leaves if one.body["kind"] == "outcome"):
        key = (leaf.body["control"], leaf.body["outcomes"]["sha256"])
        if key not in found:
            lines = trace.lines(reader, leaf.body["outcomes"])
            found[key] = next((line for line in lines if _id(key[0], line) == item), None)
        line = found[key]
        if line and line != before:
            before = line
            yield leaf, line


def _id(control: str, line: dict[str, Any]) -> str:
    return item_id(control, Item(line["provider"] or "", line["unit"] or "", line["item"]))


def _show_snapshot(snapshot: trace.Sealed) -> None:
    leaf, body, run = snapshot.leaf, snapshot.leaf.body, snapshot.run
    click.secho(f"{body['type']} in {body['provider']} {body['unit']} {body['unit_name']}".rstrip(), bold=True)
    window = body["window"]
    requests = len({exchange["request"] for exchange in snapshot.exchanges})
    _fields(
        {
            "state": "complete" if body["complete"] else "INCOMPLETE",
            "leaf": leaf.index,
            "leaf hash": leaf.hash,
            "run": f"{body['run']} ({run['mode']}, {run['outcome']})",
            "collected (UTC)": f"{body['started']} to {body['ended']}",
            "as": body["caller"],
            "window": f"{window['from']} to {window['to']}" if window else "none: state at one instant",
            **_continued(body),
            "records": f"{body['records']['count']} in {body['records']['sha256']}",
            "exchanges": f"{len(snapshot.exchanges)} pages of {requests} requests, in {body['exchanges']['sha256']}",
            "collector": f"{run['collector']}, code {run['code']}",
        }
    )
    for total in snapshot.totals:
        ties = "ties" if total["ties"] else "DOES NOT TIE"
        click.echo(f"  total     {total['name']}: expected {total['expected']}, found {total['found']}: {ties}")
    for gap in snapshot.gaps:
        click.echo(f"  gap       {gap['cause']}: {gap['subject']}: {gap['detail']}")
    for exchange in snapshot.exchanges:
        click.echo()
        _show_exchange(exchange)
    click.echo()


def _continued(body: dict[str, Any]) -> dict[str, str]:
    """What the window goes on from; nothing where it goes on from none."""
    if not body["continues"]:
        return {}
    lost = windows.lost(body)
    stretch = f"; LOST from {timestamp(lost.start)} to {timestamp(lost.end)}" if lost else ""
    return {"goes on from": body["continues"] + stretch}


def _show_exchange(exchange: dict[str, Any]) -> None:
    parameters = json.dumps(exchange["parameters"], sort_keys=True)
    attempts = options.counted(exchange["attempts"], "attempt")
    _fields(
        {
            "request": f"{exchange['operation']} {parameters} in {exchange['place']}",
            "identity": f"{exchange['request']} page {exchange['page']}",
            "as": exchange["caller"],
            "asked (UTC)": f"{exchange['started_at']} to {exchange['ended_at']}, {attempts}",
            "answer": " ".join(str(part) for part in (exchange["status"], exchange["error"]) if part is not None),
            "request id": exchange["request_id"] or "none sent",
            "server date": exchange["server_date"] or "none sent",
            "raw answer": exchange["body"] or "none came",
        }
    )


def _fields(fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        shown = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
        click.echo(f"  {name:<16}{shown}")


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)
