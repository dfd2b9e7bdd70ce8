"""What the image is made of may be used as it is: each package's licence is on the list, and none is a copyleft one.

python -m tests.test_licences > deploy/image/licences.csv
"""

from __future__ import annotations

import csv
import io
import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

IMAGE = Path(__file__).parents[1] / "deploy" / "image"
SHIPPED = ("base.txt", "gcp.txt", "azure.txt", "pdf.txt")
FREE = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python|MPL|Unlicense|CC0|Zlib|Historical Permission", re.IGNORECASE)
COPYLEFT = re.compile(r"\b(A|L)?GPL", re.IGNORECASE)
ELSEWHERE = {"backports-zstd", "colorama", "exceptiongroup", "importlib-metadata", "pywin32", "tzlocal", "zipp"}
"""Installed on other systems or versions of Python only, where this is one that does not need them."""


def shipped() -> list[str]:
    """The names of all packages that an image can have."""
    lines = "".join((IMAGE / name).read_text("utf-8") for name in SHIPPED)
    return sorted(set(re.findall(r"(?m)^([a-z0-9._-]+)(?:\[[a-z,-]+\])?==", lines)))


def licence(name: str) -> str:
    """As the package itself says it; empty where it is not installed here."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return ""
    classified = [one for one in said.get_all("Classifier", []) if one.startswith("License")]
    named = "; ".join(one.rpartition("::")[2].strip() for one in classified)
    (plain,) = said.get_all("License", [""])
    return "".join(said.get_all("License-Expression", [])) or named or plain.partition("\n")[0]


def table() -> str:
    """Every package that is installed here, with its licence, as CSV."""
    text = io.StringIO()
    rows = [(name, found) for name in shipped() if (found := licence(name))]
    csv.writer(text, lineterminator="\n").writerows([("package", "licence"), *rows])
    return text.getvalue()


def test_each_package_may_be_used_as_it_is() -> None:
    found = {name: licence(name) for name in shipped()}
    assert {name for name, text in found.items() if not text} <= ELSEWHERE
    assert {name: text for name, text in found.items() if text and not FREE.search(text)} == {}
    assert {name: text for name, text in found.items() if COPYLEFT.search(text)} == {}


def test_the_list_is_what_is_shipped_today() -> None:
    listed = dict(csv.reader((IMAGE / "licences.csv").read_text("utf-8").splitlines()[1:]))
    known = {name: text for name in shipped() if (text := licence(name))}
    assert listed.keys() - ELSEWHERE == known.keys() - ELSEWHERE, "stale: python -m tests.test_licences"


if __name__ == "__main__":
    sys.stdout.write(table())
