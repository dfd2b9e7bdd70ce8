"""What the header of a control's file may say. An unknown key, a missing one or a wrong type is refused."""

from __future__ import annotations

import tomllib
from typing import Literal

import msgspec

from collector.errors import UsageError

Value = int | str | list[str]
"""What a parameter can be. No fractions: they have no canonical form, and no threshold here needs one."""


class Parameter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A threshold that the company sets; `default` is common practice, not advice."""

    default: Value
    unit: str
    meaning: str


class Unseen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the control that the evidence cannot judge yet, and the evidence types that could."""

    part: str
    needs: list[str]
    """Empty where no evidence type tells it: every page says so, and nothing passes for it."""


class Maps(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entries of other frameworks that this control bears on: ids only."""

    iso27001_2022: list[str]
    hipaa: list[str]
    gdpr: list[str]
    eu_ai_act: list[str]


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a control is, in the auditor's words."""

    id: str
    title: str
    statement: str
    criteria: list[str]
    maps: Maps
    frequency: Literal[
        "continuous", "per_event", "daily", "weekly", "monthly", "quarterly", "semiannual", "annual"
    ]  # of the control: it sets the auditor's sample
    nature: Literal["automated", "it_dependent_manual", "manual"]
    severity: Literal["critical", "high", "medium", "low"]
    deviation_unit: str
    evidence: list[str]
    helps: list[str] = []
    """Further evidence types, used where they are there: what they lack leaves open only what the rule says it does."""
    across: list[str] = []
    """Those of `evidence` that items of every scope rest on: what one lacks anywhere, no item can be told without."""
    decisions: list[str] = []
    """How the rule reads the control where an auditor could read it in two ways."""
    parameters: dict[str, Parameter] = {}
    unseen: list[Unseen] = []


def parse(text: str, where: str) -> Header:
    """The header in the TOML `text`; UsageError says what is wrong with it, and where."""
    try:
        return msgspec.convert(tomllib.loads(text), Header)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{where}: the header cannot be used: {error}") from error
