"""The lock: whatever pyproject.toml asks for is pinned by version and hash, and nothing says where it comes from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def declared() -> list[Requirement]:
    """The dependencies of the project and of its extras, but for the project itself."""
    texts = [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]
    return [one for one in map(Requirement, texts) if canonicalize_name(one.name) != canonicalize_name(PROJECT["name"])]


def pins() -> dict[Requirement, list[str]]:
    """Each pin with its hashes; a line that is neither fails."""
    found: dict[Requirement, list[str]] = {}
    for block in LOCK.replace("\\\n", " ").splitlines():
        text = block.split(" #")[0].strip()
        if text and not text.startswith("#"):
            requirement, *hashes = re.split(r"\s+(?=--)", text)
            found[Requirement(requirement)] = hashes
    return found


def test_every_line_is_one_version_with_its_hashes() -> None:
    assert pins()
    for pin, hashes in pins().items():
        assert re.fullmatch(r"==[^,*]+", str(pin.specifier)), pin
        assert pin.url is None, pin
        assert hashes, f"{pin} has no hash"
        assert all(HASH.fullmatch(one) for one in hashes), pin


def test_no_package_is_pinned_twice_for_one_place() -> None:
    """Once as it is, and once more with the extras that something wants of it: pip takes neither for the other's."""
    known = [(canonicalize_name(pin.name), bool(pin.extras), str(pin.marker)) for pin in pins()]
    assert len(set(known)) == len(known)
    plain = {(pin.name, str(pin.specifier)) for pin in pins() if not pin.extras}
    assert {(pin.name, str(pin.specifier)) for pin in pins() if pin.extras} <= plain


@pytest.mark.parametrize("wanted", declared(), ids=str)
def test_every_dependency_is_pinned_within_its_range(wanted: Requirement) -> None:
    held = [pin for pin in pins() if canonicalize_name(pin.name) == canonicalize_name(wanted.name)]
    assert held, f"{wanted} is not in requirements.lock"
    for pin in held:
        (only,) = pin.specifier
        assert wanted.specifier.contains(only.version), f"{pin} is outside {wanted.specifier}"
    # A package that we ask for everywhere must not be locked for some places only.
    assert wanted.marker or any(pin.marker is None for pin in held) or len(held) > 1, held


def test_it_names_no_index_and_no_address() -> None:
    assert "://" not in LOCK
    words = ("--index-url", "--extra-index-url", "--find-links", "--trusted-host", "-i ", "-f ", "-e ", " @ ")
    assert not [line for line in LOCK.splitlines() for word in words if line.strip().startswith(word) or word in line]


def test_the_pins_are_for_every_supported_python() -> None:
    """`requires-python` is what the lock was made for: a marker that leaves out a supported version would show here."""
    supported = SpecifierSet(PROJECT["requires-python"])
    assert supported.contains("3.11")
    for pin in pins():
        if pin.marker and "python" in str(pin.marker) and "implementation" not in str(pin.marker):
            both = [one for one in pins() if canonicalize_name(one.name) == canonicalize_name(pin.name)]
            assert len(both) > 1 or canonicalize_name(pin.name) == "backports-zstd", pin
