"""S3: what a bucket's lifecycle rules do, each deed by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collector.answer import Answer

_OF_VERSIONS: dict[str | None, tuple[str, bool | None]] = {
    None: ("delete", False),
    "Enabled": ("mark_deleted", True),
    "Suspended": ("mark_deleted", None),
}
"""What expiry does by the state of versioning, and whether everything stays then. Where versions are kept it only hides
an object behind a marker; where that is suspended, so it does but with what was written since, which goes."""


class Deed(NamedTuple):
    """One thing that a rule does; `name` tells it from the rule's others."""

    name: str
    action: str | None = None
    covers: str | None = None
    keeps_forever: bool | None = None
    after_days: int | None = None
    from_day: datetime | None = None
    condition: str | None = None


def ends(rule: Mapping[str, Any]) -> bool:
    """Whether a rule lets objects expire, and not only versions, uploads or the marks that deleted ones leave."""
    expiry = rule.get("Expiration") or {}
    return "Days" in expiry or "Date" in expiry


def deeds(rule: Mapping[str, Any], versioning: Answer) -> list[Deed]:
    """All that a rule does. One that does nothing we know has a deed of which nothing is known."""
    narrowed = condition(rule)
    found = [
        deed._replace(condition="; ".join(filter(None, (narrowed, deed.condition))) or None)
        for deed in (*_removals(rule, versioning), *_moves(rule, versioning))
    ]
    return found or [Deed("unknown", condition=narrowed)]


def _removals(rule: Mapping[str, Any], versioning: Answer) -> Iterator[Deed]:
    expiry = rule.get("Expiration") or {}
    if ends(rule):
        action, stays = versioning.tell(lambda one: _OF_VERSIONS.get(one.get("Status"))) or (None, None)
        yield Deed("expiry", action, _current(versioning), stays, expiry.get("Days"), expiry.get("Date"))
    if expiry.get("ExpiredObjectDeleteMarker"):
        yield Deed("delete markers", "delete", "delete_markers", keeps_forever=False)
    if versions := rule.get("NoncurrentVersionExpiration"):
        yield Deed(
            "noncurrent versions",
            "delete",
            "noncurrent_versions",
            keeps_forever=False,
            after_days=versions.get("NoncurrentDays"),
            condition=_but_newest(versions),
        )
    if uploads := rule.get("AbortIncompleteMultipartUpload"):
        days = uploads.get("DaysAfterInitiation")
        yield Deed("incomplete uploads", "delete", "incomplete_uploads", keeps_forever=False, after_days=days)


def _moves(rule: Mapping[str, Any], versioning: Answer) -> Iterator[Deed]:
    for move in rule.get("Transitions") or ():
        name, days, day = f"transition to {move.get('StorageClass')}", move.get("Days"), move.get("Date")
        yield Deed(name, "transition", _current(versioning), keeps_forever=True, after_days=days, from_day=day)
    for move in rule.get("NoncurrentVersionTransitions") or ():
        yield Deed(
            f"transition of noncurrent versions to {move.get('StorageClass')}",
            "transition",
            "noncurrent_versions",
            keeps_forever=True,
            after_days=move.get("NoncurrentDays"),
            condition=_but_newest(move),
        )


def _current(versioning: Answer) -> str | None:
    return versioning.tell(lambda one: "current_versions" if one.get("Status") else "objects")


def _but_newest(versions: Mapping[str, Any]) -> str | None:
    newest = versions.get("NewerNoncurrentVersions")
    return f"all but the {newest} newest of an object's noncurrent versions" if newest else None


def condition(rule: Mapping[str, Any]) -> str | None:
    """What narrows a rule to a part of its bucket; None when nothing does. Older rules have a prefix of their own."""
    chosen = rule.get("Filter") or {}
    both = chosen.get("And") or {}
    prefix = rule.get("Prefix") or chosen.get("Prefix") or both.get("Prefix")
    tags = [*([chosen["Tag"]] if chosen.get("Tag") else []), *(both.get("Tags") or ())]
    sizes = {**both, **chosen}
    over, under = sizes.get("ObjectSizeGreaterThan"), sizes.get("ObjectSizeLessThan")
    parts = (
        f"prefix {prefix}" if prefix else None,
        *(f"tag {tag['Key']}={tag['Value']}" for tag in tags),
        None if over is None else f"larger than {over} bytes",
        None if under is None else f"smaller than {under} bytes",
    )
    return "; ".join(filter(None, parts)) or None
