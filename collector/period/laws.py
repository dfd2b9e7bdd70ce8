"""Which rule was in force when: the text, the parameters and the catalogue that each judgement went by. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Law:
    """What a control was judged by, over a stretch of judgements one after another."""

    place: int
    """Its place among the control's laws, from 0."""
    rule: str
    """SHA-256 of the rule's text, which is sealed under it."""
    parameters: Mapping[str, Any]
    catalogue: str | None
    """Digest over all rules and parameters of the run; None in archives from before it was kept."""
    since: datetime
    """The first judgement by it."""
    until: datetime
    """The last one."""
    first_leaf: int
    last_leaf: int
    judgements: int
    configuration: str
    """SHA-256 of the configuration of the first run that judged by it, which is sealed: who set what."""


@dataclass(frozen=True, slots=True)
class Change:
    """From one law to the next."""

    at: datetime
    """The first judgement by the new one; the last by the old one was `not_before`."""
    not_before: datetime
    before: Law
    after: Law
    text: bool
    """Whether the text of the rule changed."""
    parameters: Mapping[str, tuple[Any, Any]]
    """Each parameter that changed, with its value before and after; None where it was not there."""
    approved_by: str | None
    """Who approved it, as the configuration of the run that first judged by it says; None where it says nothing."""
