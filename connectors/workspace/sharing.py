"""Which files were opened to people outside, or to everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Kind
from collector.records import AccessEvent
from connectors.workspace import people, workspace
from connectors.workspace.activities import of_window
from connectors.workspace.directory_operations import USERS
from connectors.workspace.report_operations import DRIVE_LOG, KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.source.rest.source import RestSource
    from connectors.workspace.activities import Event
    from connectors.workspace.people import Directory

_VISIBILITY, _ACCESS = "change_document_visibility", "change_user_access"
_ANYONE = frozenset({"people_with_link", "public_on_the_web"})
_NOTHING = frozenset({None, "none"})


@workspace.evidence(
    "gws.audit.sharing",
    yields=AccessEvent,
    needs=[DRIVE_LOG, USERS],
    kind=Kind.POPULATION,
    keeps_days=KEPT,
    late_minutes=720,
)
def drive_log(source: RestSource) -> Iterator[AccessEvent]:
    """External and public file sharing.

    Every event of the window by which a file in Drive became open to anyone (`made_public`), or to somebody who is no
    user of the organisation (`shared_outside`): the file is the target, and what was granted to whom stands beside it.
    Sharing inside the organisation, and whatever takes access away, is in the raw log and not here. Where the users
    cannot be read, whoever is shared with from a file that is open to outsiders counts as one.

    Whole when both kinds of event were read to their last page. Google may show an event some hours later: windows
    overlap by twelve. Only editions with a log of Drive have this list: on others it is a gap.
    """
    known = people.directory(source)
    for event in of_window(source, DRIVE_LOG, (_VISIBILITY, _ACCESS)):
        if (action := _action(event, known)) is not None:
            yield AccessEvent(
                key=event.id,
                seen=[event.seen],
                event_id=event.id,
                at=event.at,
                actor=event.actor,
                actor_kind=event.actor_kind,
                action=action,
                target=event.text("doc_id"),
                granted=": ".join(filter(None, (event.text("target_user", "target_domain"), event.text("new_value")))),
                outcome=event.outcome or "success",
            )


def _action(event: Event, known: Directory) -> str | None:
    """What the event did for outsiders; None when nothing."""
    visibility, change = event.text("visibility"), event.text("visibility_change")
    if event.name == _VISIBILITY:
        if visibility in _ANYONE:
            return "made_public"
        return "shared_outside" if change == "external" or visibility == "shared_externally" else None
    if event.text("new_value") in _NOTHING:
        return None
    outside = _outsider(event.text("target_user"), known) if known.whole else visibility == "shared_externally"
    return "shared_outside" if change == "external" or outside else None


def _outsider(address: str | None, known: Directory) -> bool:
    return address is not None and address.lower().rpartition("@")[2] not in known.domains
