"""The REST example in connectors/README.md works as it is printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector.connector import Connector
from collector.records import Account
from tests.source.rest.forge import API, ForgeSettings, policy, sign_in
from tests.source.rest.gathering import gathered, serve

if TYPE_CHECKING:
    from tests.source.rest.conftest import Forge

README = Path(__file__).parents[3] / "connectors" / "README.md"


def test_the_example_collects_what_it_says(forge: Forge) -> None:
    table, reader = re.findall(r"```py\n(.*?)```", README.read_text(), re.DOTALL)
    connector = Connector("forge", settings=ForgeSettings, sign_in=sign_in, policy=policy)
    names: dict[str, Any] = {"forge": connector, "Account": Account}
    exec(compile(table, str(README), "exec"), names)  # noqa: S102 - our own document, to prove it
    exec(compile(reader, str(README), "exec"), names)  # noqa: S102 - our own document, to prove it
    for need in ("GET /orgs/{org}", "GET /orgs/{org}/members", "GET /orgs/{org}/sso"):
        assert names["API"].operation(need) == API.operation(need), "the connector of the tests is the one described"
    serve(forge)
    found = gathered(forge, "forge.members", of=connector)
    assert found.snapshot.complete, found.snapshot.gaps
    assert len(found.rows) == 5
