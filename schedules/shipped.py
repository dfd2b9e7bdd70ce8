"""What comes with the collector: the default schedule, and how long sources remember."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files

from collector.config import ScheduleSettings, table
from collector.schedule import Memory


def schedule() -> ScheduleSettings:
    """The schedule where the configuration says nothing else."""
    text = files("schedules").joinpath("default.toml").read_text("utf-8")
    return table(tomllib.loads(text), ScheduleSettings, "schedules/default.toml")


def memories() -> dict[str, Memory]:
    """By evidence type, how long its source remembers; what is not here is a state, which is gone once it changes."""
    text = files("schedules").joinpath("source_retention.csv").read_text("utf-8")
    return {
        row["evidence_type"]: Memory(int(row["source_keeps_days"]), int(row["max_poll_interval_days"]))
        for row in csv.DictReader(text.splitlines())
    }
