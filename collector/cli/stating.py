"""Seals what people say of what is sealed: one leaf, in a commit of its own."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from collector import trace
from collector.archive.reader import Reader
from collector.cli import options
from collector.cli.opening import open_or_make
from collector.errors import UsageError
from collector.model import Content
from collector.period.looks import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from collector.config import Config


def state(
    config: Config,
    leaf_of: Callable[[Sequence[Content], datetime], dict[str, Any]],
    documents: Sequence[bytes] = (),
) -> int:
    """Seal the statement that is made of the documents it cites and the present time; the index of its leaf."""
    now = options.now()
    _, _, archive = open_or_make(config.archive)
    with archive.stage(now) as staging:
        cited = [Content(staging.put(one), one.count(b"\n")) for one in documents]
        return archive.append([leaf_of(cited, now)], staging).first_index


def item_named(
    config: Config, control: str, item: str, provider: str | None, unit: str | None
) -> dict[str, str | None]:
    """What a statement says of its item; UsageError when nothing was ever judged under such a name."""
    reader = Reader(options.store(config))
    known: set[Item] = set()
    read: set[str] = set()
    controls: set[str] = set()
    for leaf in reader.leaves():
        if leaf.body["kind"] != "outcome":
            continue
        controls.add(leaf.body["control"])
        cited = leaf.body["outcomes"]
        if leaf.body["control"] == control and cited["sha256"] not in read:
            read.add(cited["sha256"])
            lines = trace.lines(reader, cited)
            known |= {Item(line["provider"] or "", line["unit"] or "", line["item"]) for line in lines}
    if control not in controls:
        raise UsageError(f"{control}: nothing was judged under a control of that name; there are: {sorted(controls)}")
    if not any(one.item == item and provider in {None, one.provider} and unit in {None, one.unit} for one in known):
        near = get_close_matches(item, {one.item for one in known}, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"`collector history {control}` lists its items"
        raise UsageError(f"{item}: {control} was never judged of an item of that name there; {hint}")
    return {"control": control, "provider": provider, "unit": unit, "item": item}


def needed(text: str, option: str) -> str:
    """A text that somebody has to give; UsageError for an empty one."""
    if not text.strip():
        raise UsageError(f"{option}: says nothing")
    return text.strip()
