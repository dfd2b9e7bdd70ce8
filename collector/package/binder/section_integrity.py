"""07-integrity: the log itself with its signed heads and tokens, a list of every leaf, and what checks them."""

from __future__ import annotations

import json
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING

from collector import canonical
from collector.archive.layout import LOG
from collector.archive.worm import State
from collector.errors import ArchiveError
from collector.package.binder import cells
from collector.package.binder.locks import locks
from collector.package.binder.render import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.archive.reader import Leaf
    from collector.package.binder.binder import Binder
    from collector.package.binder.locks import Locks

_LEAVES = ("leaf", "commit", "leaf_hash", "kind", "run", "about", "at", "body")
_LOCKS = (
    "object", "kind", "commit", "sha256", "state", "because", "mode", "until_at_least", "asked_at", "place", "leaf",
)  # fmt: skip
_FINDINGS = ("leaf", "read", "object", "problem")
HOME = "07-integrity"


def put_integrity(binder: Binder) -> None:
    """Write the log, the list of its leaves, what is known of the place's lock, and the verifiers."""
    shelf, log = binder.shelf, binder.log
    for key in log.store.list(LOG):
        shelf.put(f"{HOME}/{key}", partial(_object, binder, key))
    shelf.put(f"{HOME}/leaves.csv", lambda: cells.document(_LEAVES, map(_leaf, log.leaves)))
    shelf.put(
        f"{HOME}/lock.json", canonical.encode({"now": binder.facts.lock, "sealed": list(_storage(binder))}) + b"\n"
    )
    held = cache(lambda: locks(log))
    shelf.put(f"{HOME}/locks.csv", lambda: cells.document(_LOCKS, _locks(held())))
    shelf.put(
        f"{HOME}/lock-findings.csv",
        lambda: cells.document(_FINDINGS, [(one.leaf, one.read, one.object, one.problem) for one in held().findings]),
    )
    facts = binder.facts
    head = {
        "origin": facts.origin, "key": facts.verification.key, "size": facts.size, "root": facts.root,
        "sequence": log.leaves[-1].sequence,
    }  # fmt: skip
    shelf.put(f"{HOME}/head.json", json.dumps(head, indent=2, sort_keys=True).encode() + b"\n")
    shelf.put(f"{HOME}/verify.py", _shipped("collector.package.binder.standalone", "verify.py"))
    shelf.put(f"{HOME}/verify_archive.py", _shipped("collector.archive.standalone", "verify.py"))
    place = f"{HOME}/index.html"
    kinds: dict[str, int] = {}
    for leaf in log.leaves:
        kinds[leaf.body["kind"]] = kinds.get(leaf.body["kind"], 0) + 1
    known = {"binder": binder, "kinds": kinds, "head": head, "storage": list(_storage(binder)), "states": list(State)}
    shelf.put(place, lambda: page("binder/integrity.html.j2", place, **known, locks=held()))


def _object(binder: Binder, key: str) -> bytes:
    content = binder.log.store.get(key)
    if content is None:
        raise ArchiveError(f"{key} is missing from {binder.log.store}; run verify")
    return content


def _leaf(leaf: Leaf) -> tuple[object, ...]:
    body = leaf.body
    about = " ".join(str(body[name]) for name in ("type", "provider", "unit", "control", "place") if body.get(name))
    at = next((body[name] for name in ("ended", "assessed", "at", "read", "created") if body.get(name)), None)
    said = canonical.encode(body).decode()
    return leaf.index, leaf.sequence, leaf.hash, body["kind"], body.get("run"), about or None, at, said


def _storage(binder: Binder) -> Iterator[dict[str, object]]:
    """What the archive's place said of its lock, as it was sealed after each run; one line for each new answer."""
    before: object = None
    for leaf in binder.log.leaves:
        if leaf.body["kind"] == "storage":
            told = (leaf.body["place"], leaf.body["state"], leaf.body["because"])
            if told != before:
                before = told
                yield {"leaf": leaf.index, **{name: leaf.body[name] for name in ("read", "place", "state", "because")}}


def _locks(found: Locks) -> Iterator[tuple[object, ...]]:
    for one in found.held:
        yield (
            one.object, one.kind, one.commit, one.sha256, one.state.value, one.because, one.mode, one.until, one.read,
            one.place, one.leaf,
        )  # fmt: skip


def _shipped(room: str, name: str) -> bytes:
    return (files(room) / name).read_bytes()
