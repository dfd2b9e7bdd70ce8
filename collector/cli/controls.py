"""`collector controls`: the list of what is judged, and by which parameters."""

from __future__ import annotations

from pathlib import Path

import click

from collector.assess.controls import load_controls, with_parameters
from collector.cli import display, options


@click.command("controls")
@options.config_option
def command(config_file: Path | None) -> None:
    """List every control: its criteria, the evidence it is judged on, and the parameters in force."""
    controls = with_parameters(load_controls(), options.read_config(config_file).controls)
    rows = [
        (
            one.id,
            one.title,
            " ".join(one.criteria),
            " ".join(one.evidence),
            " ".join(f"{name}={value}" for name, value in one.parameters.items()),
        )
        for one in controls
    ]
    display.table("Controls", ("control", "title", "criteria", "evidence", "parameters"), rows)
