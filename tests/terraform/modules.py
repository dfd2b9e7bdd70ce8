"""The Terraform of deploy/, parsed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import hcl2

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPLOY = Path(__file__).parents[2] / "deploy"
MODULES = sorted({path.parent for path in DEPLOY.glob("*/*/*.tf")})
Block = dict[str, Any]


def parsed(module: Path) -> dict[str, list[Block]]:
    """A module's blocks by kind, all its files together."""
    blocks: dict[str, list[Block]] = {}
    for file in sorted(module.glob("*.tf")):
        for kind, found in hcl2.loads(file.read_text("utf-8")).items():
            if not kind.startswith("__"):
                blocks.setdefault(kind, []).extend(found)
    return blocks


def things(module: Path) -> Iterator[tuple[str, str, Block]]:
    """Each resource and data source: its kind and type, such as `resource aws_s3_bucket`; its name; its block."""
    for kind in ("resource", "data"):
        for labelled in parsed(module).get(kind, []):
            for type_, named in labelled.items():
                for name, block in named.items():
                    yield f"{kind} {type_.strip(chr(34))}", name.strip('"'), block


def named(module: Path, kind: str) -> dict[str, Block]:
    """The blocks of one kind that have one label: variables, outputs, modules."""
    return {
        name.strip('"'): block
        for labelled in parsed(module).get(kind, [])
        for name, block in labelled.items()
        if not name.startswith("__")
    }


def used() -> set[str]:
    """Every kind of resource and data source in deploy/."""
    return {thing for module in MODULES for thing, _, _ in things(module)}
