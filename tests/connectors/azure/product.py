"""The product's own commands against a tenant: run in this process, in a folder of their own."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from collector import trace
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.cli.main import cli
from tests.conftest import Ended
from tests.doubles.arm.tenant import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.arm.tenant import Tenant


class Product:
    """`collector` in a folder whose configuration names the tenant."""

    def __init__(self, folder: Path, tenant: Tenant) -> None:
        self.folder = folder
        self._environment = {"AZURE_TOKEN": TOKEN}
        (folder / "collector.toml").write_text(
            f'[azure]\nbase_url = "{tenant.double.url}"\nsign_in = "token"\nattempts = 2\n'
            "timeout_seconds = 5\nreserve_percent = 0\n"
        )

    def __call__(self, *arguments: str) -> Ended:
        result = CliRunner().invoke(cli, list(arguments), env=self._environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    @property
    def reader(self) -> Reader:
        return Reader(LocalStore(self.folder / "evidence"))

    def leaf(self, evidence: str, unit: str) -> dict[str, Any]:
        (leaf,) = [one for one in trace.newest(self.reader.leaves(), evidence) if one.body["unit"] == unit]
        return leaf.body

    def gaps(self, evidence: str, unit: str) -> list[dict[str, Any]]:
        return [one["gap"] for one in self._told(evidence, unit) if "gap" in one]

    def untied(self, evidence: str, unit: str) -> list[dict[str, Any]]:
        return [one["total"] for one in self._told(evidence, unit) if "total" in one and not one["total"]["ties"]]

    def rows(self, evidence: str, unit: str) -> list[dict[str, Any]]:
        return trace.lines(self.reader, self.leaf(evidence, unit)["records"])

    def outcomes(self, control: str, unit: str) -> dict[str, str]:
        """The newest outcome of each item of a subscription, without the parts that no evidence can judge."""
        leaves = [
            one for one in self.reader.leaves() if one.body["kind"] == "outcome" and one.body["control"] == control
        ]
        lines = trace.lines(self.reader, leaves[-1].body["outcomes"])
        return {
            one["item"]: one["outcome"] for one in lines if one["unit"] == unit and not one["item"].startswith("part: ")
        }

    def page(self) -> str:
        """What the auditor's page says."""
        assert self("report").code == 0
        text = (self.folder / "report" / "index.html").read_text()
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())

    def assert_untold(self, evidence: str, unit: str, control: str, cause: str, subject: str) -> None:
        """The gap is sealed with its cause and subject and stands on the page, and nothing of the unit passes."""
        assert not self.leaf(evidence, unit)["complete"]
        gaps = [gap for gap in self.gaps(evidence, unit) if subject in gap["subject"]]
        assert {gap["cause"] for gap in gaps} == {cause}, self.gaps(evidence, unit)
        page = self.page()
        assert " ".join(gaps[0]["subject"].split()) in page
        assert " ".join(gaps[0]["detail"].split()) in page
        self.assert_nothing_passes(control, unit)

    def assert_nothing_passes(self, control: str, unit: str) -> None:
        outcomes = self.outcomes(control, unit)
        assert outcomes
        assert "pass" not in outcomes.values()

    def _told(self, evidence: str, unit: str) -> list[dict[str, Any]]:
        return trace.lines(self.reader, self.leaf(evidence, unit)["completeness"])
