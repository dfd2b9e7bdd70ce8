#!/usr/bin/env python3
"""Verify a package of evidence with Python's standard library alone: nothing of the program that wrote it is used.

    python3 07-integrity/verify.py --key VKEY [--head HEAD.json]

It stands in the package, and checks:

1. every file against SHA256SUMS, and that there is no other file;
2. the log: signatures, tree and heads, by steps 1 to 6 of FORMAT.md, with `verify_archive.py` beside it;
3. leaves.csv against the leaves in the log: each number, hash and body;
4. every raw answer and document: its bytes are those that its name says, and a leaf or a list of exchanges cites it;
5. every item of every population: its records, to the byte, are lines of the documents that its leaves cite, each was
   read from an answer that is here, and row_sha256 is their digest;
6. every result: it is the line that the sealed outcomes have for the item, or what was sealed is named.

Take the log's verifier key from somewhere else than the package. Without --key the one in head.json is used, and said
so. Exit codes: 0 sound; 1 something is wrong, each object named; 2 the arguments cannot be used. Python 3.11 or newer.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file of the package; the apostrophe that keeps a text from being a formula is taken away again."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: plain(cell) for name, cell in row.items()} for row in csv.DictReader(file)]


def plain(cell: str) -> str:
    """A cell as it was before it was made safe for spreadsheets."""
    return cell.removeprefix("'")


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Check:
    """All that is wrong, by object."""

    def __init__(self, key: str, head: Path | None) -> None:
        self.key = key
        self.head = head
        self.faults: list[str] = []
        self.leaves: list[dict[str, Any]] = []
        self.counted = {"files": 0, "commits": 0, "leaves": 0, "contents": 0, "items": 0, "results": 0}

    def fault(self, name: object, problem: object) -> None:
        """One object, and what is wrong with it."""
        self.faults.append(f"{name}: {problem}")

    def files(self) -> None:
        """Step 1."""
        listed = {}
        for line in (ROOT / "SHA256SUMS").read_text("utf-8").splitlines():
            wanted, _, name = line.partition("  ")
            listed[name] = wanted
        present = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*")) if path.is_file()}
        present = {name: path for name, path in present.items() if "__pycache__" not in path.parts}
        for name in sorted(present.keys() - listed.keys() - {"SHA256SUMS"}):
            self.fault(name, "is not in SHA256SUMS")
        for name, wanted in listed.items():
            if name not in present:
                self.fault(name, "missing")
            elif digest(present[name]) != wanted:
                self.fault(name, "has other bytes than SHA256SUMS says")
        self.counted["files"] = len(listed)

    def log(self) -> None:
        """Steps 2 and 3."""
        archive = module(HERE / "verify_archive.py")
        found = archive.Findings()
        earlier = archive.Head.parse(self.head.read_bytes()) if self.head else None
        names = [path.relative_to(HERE).as_posix() for path in sorted((HERE / "log").iterdir())]
        archive.Log(HERE, archive.Key.parse(self.key), earlier, found).check(names)
        self.faults += [f"07-integrity/{name}: {problem}" for name, problem in found.faults + found.unchecked]
        self.counted["commits"], self.counted["leaves"] = found.commits, found.leaves
        self._leaves(archive, names)

    def _leaves(self, archive: ModuleType, names: list[str]) -> None:
        sealed = []
        for name in names:
            if name.endswith(".seg"):
                try:
                    sealed += archive.Segment.parse((HERE / name).read_bytes()).leaves
                except ValueError:
                    sealed.append(b"")  # a void commit is one leaf, which step 2 has looked at
        told = rows(HERE / "leaves.csv")
        if len(told) != len(sealed):
            self.fault("07-integrity/leaves.csv", f"lists {len(told)} leaves, and the log has {len(sealed)}")
        for index, (row, leaf) in enumerate(zip(told, sealed, strict=False)):
            wanted = hashlib.sha256(b"\0" + leaf).hexdigest()
            if leaf and (row["leaf"], row["leaf_hash"], row["body"].encode()) != (str(index), wanted, leaf):
                self.fault("07-integrity/leaves.csv", f"leaf {index} is not the one in the log")
            self.leaves.append(json.loads(leaf or b"{}"))

    def contents(self) -> None:
        """Step 4."""
        cited = {one for leaf in self.leaves for one in digests(leaf)}
        for path in sorted((HERE / "documents").glob("*")) if (HERE / "documents").is_dir() else []:
            name = path.name.partition(".")[0]
            if digest(path) != name:
                self.fault(path.relative_to(ROOT), "has other bytes than its name says")
            if name not in cited:
                self.fault(path.relative_to(ROOT), "is cited by no leaf of the log")
            self.counted["contents"] += 1
        bodies = set()
        exchanges = {leaf["exchanges"]["sha256"] for leaf in self.leaves if leaf.get("kind") == "evidence"}
        for one in exchanges:
            path = HERE / "documents" / f"{one}.ndjson"
            if path.is_file():
                bodies |= {json.loads(line)["body"] for line in path.read_bytes().splitlines()}
        for path in sorted((HERE / "answers").glob("*")) if (HERE / "answers").is_dir() else []:
            name = path.name.partition(".")[0]
            if digest(path) != name:
                self.fault(path.relative_to(ROOT), "has other bytes than its name says")
            if name not in bodies:
                self.fault(path.relative_to(ROOT), "is the answer of no exchange that is here")
            self.counted["contents"] += 1

    def populations(self) -> None:
        """Steps 5 and 6."""
        held: dict[int, set[bytes]] = {}
        for folder in sorted(path for path in (ROOT / "03-controls").iterdir() if path.is_dir()):
            items = {row["row_id"]: row for row in rows(folder / "population.csv")}
            for row_id, row in items.items():
                self._item(folder, row_id, row, held)
            self._results(folder, items)

    def _item(self, folder: Path, row_id: str, row: dict[str, str], held: dict[int, set[bytes]]) -> None:
        path = folder / "evidence" / row_id / "records.ndjson"
        where = path.relative_to(ROOT)
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != row["row_sha256"]:
            self.fault(where, "its digest is not the row_sha256 of population.csv")
        name = json.dumps(
            [folder.name, row["provider"], row["scope"], row["item"]], ensure_ascii=False, separators=(",", ":")
        )
        if hashlib.sha256(name.encode()).hexdigest()[:32] != row_id:
            self.fault(where, "its row_id is not the digest of control, provider, scope and item")
        lines: set[bytes] = set()
        for leaf in map(int, row["evidence_leaves"].split()):
            if leaf not in held:
                held[leaf] = set(self._document(leaf).splitlines())
            lines |= held[leaf]
        for line in content.splitlines():
            if line not in lines:
                self.fault(where, "has a record that no sealed document of its leaves has")
        for origin in row["origins"].split():
            body = origin.partition("#")[0]
            if not list((HERE / "answers").glob(f"{body}.*")):
                self.fault(where, f"was read from answer {body}, which is not here")
        self.counted["items"] += 1

    def _document(self, leaf: int) -> bytes:
        path = HERE / "documents" / f"{self.leaves[leaf]['records']['sha256']}.ndjson"
        return path.read_bytes() if path.is_file() else b""

    def _results(self, folder: Path, items: dict[str, dict[str, str]]) -> None:
        sealed: dict[str, dict[tuple[str, str, str], dict[str, Any]]] = {}
        results = rows(folder / "results.csv")
        if [row["row_id"] for row in results] != list(items):
            self.fault((folder / "results.csv").relative_to(ROOT), "has other items than population.csv")
        for row in results:
            leaf = self.leaves[int(row["judged_in"])]
            sha256 = leaf["outcomes"]["sha256"]
            if sha256 not in sealed:
                path = HERE / "documents" / f"{sha256}.ndjson"
                found = map(json.loads, path.read_bytes().splitlines()) if path.is_file() else []
                sealed[sha256] = {(one["provider"] or "", one["unit"] or "", one["item"]): one for one in found}
            line = sealed[sha256].get((row["provider"], row["scope"], row["item"]))
            if line is None or (line["outcome"], line["because"]) != (row["outcome"], row["because"]):
                self.fault((folder / "results.csv").relative_to(ROOT), f"{row['row_id']} is not what was sealed of it")
            self.counted["results"] += 1


def digests(value: object) -> list[str]:
    """Every member named sha256, at any depth."""
    if isinstance(value, dict):
        mine = [value["sha256"]] if isinstance(value.get("sha256"), str) else []
        return mine + [one for part in value.values() for one in digests(part)]
    return [one for part in value for one in digests(part)] if isinstance(value, list) else []


def module(path: Path) -> ModuleType:
    """The verifier of archives, from the file beside this one."""
    spec = importlib.util.spec_from_file_location("verify_archive", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be loaded")
    made = importlib.util.module_from_spec(spec)
    sys.modules["verify_archive"] = made  # its dataclasses look themselves up
    spec.loader.exec_module(made)
    return made


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(description="Verify a package of evidence.")
    parser.add_argument("--key", help="the log's verifier key, name+id+base64")
    parser.add_argument("--head", type=Path, help="a JSON file with an earlier head of the archive")
    given = parser.parse_args()
    sys.dont_write_bytecode = True
    csv.field_size_limit(1 << 24)
    key = given.key or json.loads((HERE / "head.json").read_text("utf-8"))["key"]
    check = Check(key, given.head)
    check.files()
    check.log()
    if any(fault.startswith("07-integrity/l") for fault in check.faults):
        sys.stdout.write("note: contents, items and results were not checked: the log that they rest on has a fault\n")
    else:
        check.contents()
        check.populations()
    for fault in check.faults:
        sys.stdout.write(f"FAULT  {fault}\n")
    sys.stdout.write(", ".join(f"{count} {name}" for name, count in check.counted.items()) + " checked\n")
    if not given.key:
        sys.stdout.write("note: the key came from the package itself; compare it with one from elsewhere\n")
    sys.stdout.write("faulty\n" if check.faults else "sound\n")
    return 1 if check.faults else 0


if __name__ == "__main__":
    sys.exit(main())
