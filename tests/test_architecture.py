"""The promises of the layout, read off the imports: which way arrows point, and what has one home."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from collector.registry import installed

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(path for top in ("collector", "connectors", "schedules") for path in (ROOT / top).rglob("*.py"))

# A room may import the rooms named beside it, and any module at the ground: nouns, errors, pure functions.
GROUND = {
    "model", "errors", "canonical", "answer", "prices", "records", "normalise", "redact", "code", "guard", "cadence",
    "ledger", "slots", "basis", "coverage", "windows", "skew", "population", "ending", "pseudonyms", "kept", "excluded",
}  # fmt: skip
ARROWS = {
    "__main__": {"cli"},
    "cli": {
        "run", "collect", "plan", "shards", "config", "registry", "trace", "export", "connector", "source", "engine",
        "archive", "assess", "package", "schedule", "turn", "schedules", "recent", "period", "seal", "agent",
    },
    "run": {
        "collect", "seal", "plan", "shards", "trace", "connector", "engine", "archive", "assess", "turn", "collection",
        "identity",
    },
    "identity": {"seal", "connector", "archive"},
    "turn": {"seal", "archive", "recent"},
    "recent": {"archive"},
    "collection": {"turn"},
    "schedule": {"plan", "config"},
    "schedules": {"config", "schedule", "run", "turn", "archive", "assess", "engine", "collection", "package"},
    "collect": {"plan", "seal", "connector", "engine", "source"},
    "plan": {"connector"},
    "shards": {"plan", "archive"},
    "registry": {"connector"},
    "config": set(),
    "seal": set(),
    "trace": {"archive"},
    "export": {"archive", "assess", "seal", "trace"},
    "period": set(),
    "package": {"archive", "assess", "trace", "period"},
    "assess": {"seal"},
    "archive": set(),
    "source": {"connector", "engine"},
    "connector": {"engine", "source"},
    "engine": set(),
    "controls": set(),
}  # fmt: skip
CLOCKS = {"now", "today", "utcnow", "monotonic", "perf_counter"}
CLOCK_HOMES = {"collector/cli"}
ENVIRONMENT_HOMES = {"collector/cli"}
NETWORK = {"boto3", "botocore", "google", "azure", "httpx", "socket", "urllib3", "requests"}


def room(module: str) -> str:
    return module.split(".")[1] if module.startswith("collector.") else module.split(".", maxsplit=1)[0]


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return [name for name in found if name.startswith(("collector.", "connectors.", "schedules."))]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_arrows_point_one_way(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    for target in imports(path):
        if parts[0] == "connectors":
            own = f"connectors.{parts[1]}" if len(parts) > 1 else "connectors"
            allowed = target.startswith((own, "collector.connector", "collector.source", "collector.model"))
            allowed = allowed or target.startswith(("collector.records", "collector.answer", "collector.errors"))
            assert allowed, f"a connector imports {target}"
            continue
        here, there = parts[1] if parts[0] == "collector" else parts[0], room(target)
        assert target.startswith(("collector.", "schedules.")), f"the core imports {target}"
        if there in {here, "__version__"} or there in GROUND:
            continue
        assert there in ARROWS.get(here, set()), f"{here} imports {target}"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_file_holds_one_idea(path: Path) -> None:
    if path.parent.name == "standalone":
        pytest.skip("handed to strangers as one file, on purpose")
    lines = len(path.read_text().splitlines())
    assert lines <= 320, f"{lines} lines: split it by idea"


def test_only_the_guard_catches_everything() -> None:
    broad = {
        named(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or {"Exception", "BaseException"} & {getattr(t, "id", "") for t in ast.walk(node.type)})
    }
    assert broad == {"collector/guard.py"}


def test_only_the_cli_reads_the_clock() -> None:
    readers = {
        named(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "time"}
    }
    assert all(str(Path(path).parent) in CLOCK_HOMES for path in readers), readers


def test_only_the_cli_reads_the_environment_and_prints() -> None:
    for path in FILES:
        if str(path.relative_to(ROOT).parent) in ENVIRONMENT_HOMES:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"environ", "getenv"}, f"{named(path)} reads the environment"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print", f"{named(path)} prints"


def test_verification_reaches_no_provider_and_no_network() -> None:
    seen: set[str] = set()
    waiting = ["collector.archive.verify"]
    while waiting:
        module = waiting.pop()
        path = ROOT / (module.replace(".", "/") + ".py")
        if module in seen or not path.exists():
            continue
        seen.add(module)
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert name.split(".")[0] not in NETWORK, name
                waiting.append(name)
        waiting += [target.rsplit(".", 1)[0] for target in imports(path)]
    assert "collector.archive.notes" in seen, "the walk did not reach the code it is about"


OF_OTHER_CLOUDS = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"google", "google_crc32c", "azure", "msal", "typst"}:
            raise ModuleNotFoundError(f"No module named {name!r}")

sys.meta_path.insert(0, Absent())
from collector.registry import installed, load
found, broken = load(installed())
print(len(found), broken)
"""


def test_every_connector_loads_without_the_packages_of_other_clouds() -> None:
    """As in an image for AWS alone: one that lacks its packages says so when it is to be used, and not before."""
    command = [sys.executable, "-c", OF_OTHER_CLOUDS]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - as above
    assert ended.stdout.split() == [str(len(installed())), "[]"], ended.stderr
