"""What watches over the org: its log and where that is sent, and how it looks for threats."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.records import LogSource, Monitor, Setting
from connectors.okta import okta
from connectors.okta.moments import moment
from connectors.okta.operations import BEHAVIOURS, NEWEST_EVENT, STREAMS, THREATS, ZONES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_RECENT = timedelta(days=7)


@okta.evidence("okta.log_streams", yields=LogSource, needs=[NEWEST_EVENT, STREAMS])
def log_streams(source: RestSource) -> Iterator[LogSource]:
    """Log streaming.

    The System Log itself, which nobody can switch off, with the time of its newest event in the last seven days; and
    every stream by which it is sent elsewhere. Okta does not say when a stream last delivered. Whole when the answer
    names no next page.
    """
    newest = _newest(source)
    yield LogSource(
        key="System Log",
        seen=[newest] if newest else [],
        source="System Log",
        kind="admin_activity",
        enabled=True,
        covers="organisation",
        all_regions=True,
        delivered_at=moment(newest["published"]) if newest else None,
    )
    for stream in source.list(STREAMS):
        yield LogSource(
            key=stream["id"],
            seen=[stream],
            source=stream["name"],
            kind="stream",
            enabled=stream.get("status") == "ACTIVE",
            covers="organisation",
            all_regions=True,
            destination=stream.get("type"),
        )


@okta.evidence("okta.threat_config", yields=(Monitor, Setting), needs=[THREATS, ZONES, BEHAVIOURS])
def threat_config(source: RestSource) -> Iterator[Monitor | Setting]:
    """ThreatInsight and network zones.

    What ThreatInsight does about suspicious addresses (`none`, `audit` or `block`) and which zones it passes over;
    every network zone, and every rule by which unusual behaviour is noticed, each with whether it is on. ThreatInsight
    counts as threat detection that is on where it logs or blocks. Whole when no answer names a next page.
    """
    threats = source.get(THREATS)
    action = threats["action"]
    yield Monitor(
        key="ThreatInsight",
        seen=[threats],
        monitor="ThreatInsight",
        kind="threat_detection",
        covers="organisation",
        state="disabled" if action == "none" else "enabled",
    )
    yield Setting(key="threat_insight.action", seen=[threats], name="threat_insight.action", value=action)
    excluded = ", ".join(sorted(threats.get("excludeZones") or ()))
    name = "threat_insight.excluded_zones"
    yield Setting(key=name, seen=[threats], name=name, value=excluded or "none")
    for zone in source.list(ZONES):
        yield _switch(zone, "network_zone", f"{zone.get('type')} {zone.get('usage')}")
    for rule in source.list(BEHAVIOURS):
        yield _switch(rule, "behaviour", str(rule.get("type")))


def _newest(source: RestSource) -> Answer | None:
    """The first event of the log read backwards; no further page is asked for."""
    return next(source.list(NEWEST_EVENT, since=source.now - _RECENT, until=source.now), None)


def _switch(one: Answer, name: str, kind: str) -> Setting:
    status = one.get("status")
    return Setting(
        key=f"{name} {one['id']}",
        seen=[one],
        name=name,
        value=None if status is None else status.lower(),
        applies_to=f"{one.get('name')} ({kind})",
    )
