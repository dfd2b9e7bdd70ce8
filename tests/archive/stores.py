"""Every store there is, as fixtures: a directory, S3 on moto and on a real RADOS Gateway, GCS, Azure.

Whoever asks for `store` has its tests run on each: `kind` names it, `url` is an empty place there, `store` opens it.
Where all kinds of place on one server behave alike, `ONCE_A_SERVER` marks the test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.doubles.gcs.server import running_gcs

from . import rgw
from .buckets import Server, running_gateway, running_moto
from .clouds import azurite_missing, gcs_bucket, place_in, running_azurite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.archive.store import Place
    from tests.doubles.gcs.server import GcsDouble

    from .clouds import Azurite

RGW = pytest.param("rgw", marks=[pytest.mark.rgw, pytest.mark.skipif(bool(rgw.missing()), reason=rgw.missing())])
AZURITE = pytest.param(
    "azurite", marks=[pytest.mark.azurite, pytest.mark.skipif(bool(azurite_missing()), reason=azurite_missing())]
)
PLACES = ["local", "moto", "moto locked", RGW, "gcs", "gcs policy", "gcs object", AZURITE]
ONCE_A_SERVER = pytest.mark.parametrize("kind", ["local", "moto locked", RGW, "gcs object", AZURITE], indirect=True)
"""Of each server the kind of place at which a put says most: for what a lock changes nothing about, and takes long."""


@pytest.fixture(scope="session")
def moto() -> Iterator[Server]:
    with running_moto() as server:
        yield server


@pytest.fixture(scope="session")
def gateway() -> Iterator[Server]:
    with running_gateway() as server:
        yield server


@pytest.fixture(scope="session")
def gcs() -> Iterator[GcsDouble]:
    with running_gcs() as server:
        yield server


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    with running_azurite() as server:
        yield server


@pytest.fixture(params=PLACES)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return "gateway" if name == "rgw" else name


@pytest.fixture
def server(request: pytest.FixtureRequest, kind: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    if kind == "local":
        return None
    found = request.getfixturevalue(kind.partition(" ")[0])
    return found.use(monkeypatch) if isinstance(found, Server) else found


@pytest.fixture
def url(server: Any, kind: str, tmp_path: Path) -> str:
    """A new, empty place for an archive, as the configuration names it."""
    match kind.split():
        case ["local"]:
            return str(tmp_path / "deep" / "evidence")
        case ["gcs", *lock]:
            return gcs_bucket(server, lock="".join(lock))
        case ["azurite"]:
            return str(server.container())
        case _:
            # Not the gateway's locked buckets: see test_rgw.py.
            return str(server.bucket(locked=kind == "moto locked"))


@pytest.fixture
def environment(server: Any, kind: str) -> dict[str, str]:
    """What must be set for the place to be entered."""
    return dict(server.environment) if kind == "azurite" else {}


@pytest.fixture
def store(url: str, environment: dict[str, str]) -> Place:
    return place_in(url, environment)
