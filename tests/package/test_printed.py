"""The PDF of cover and controls: the same numbers, every text as data, tables that go on, and the same bytes twice."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from hashlib import sha256
from importlib.metadata import PackageNotFoundError
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from collector.archive.local import LocalStore
from collector.cli.main import cli
from collector.model import Cause, Gap
from collector.package.binder import printed, typeset
from collector.package.binder.binder import gather
from collector.package.binder.build import finish, put_all
from collector.package.binder.printed_control import controls
from collector.package.binder.shelf import Folder, Memory
from collector.package.binder.span import span
from tests.package.estate import PRODUCTION, START, begin, facts, judged_users, rule, users, whole_estate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from collector.archive.reader import Reader
    from collector.package.binder.binder import Binder
    from tests.package.estate import Making

DAY = timedelta(days=1)
HOSTILE = (
    '#panic("seen")', '#read("document.json")', "$x^2 + sum_i$", "@reference <label>", "[unclosed", "closing]",
    "back\\slash \\u{41}", "*bold* _soft_ `raw`", "= Heading", "// gone", "/* gone */", "#{1+1}", "- item", "~ -- ...",
    '"quoted" \'so\'', "naïve Größe Ωμέγα Журнал", "#set page(width: 1pt)", "'); import os", "}} ]] ))", "{{ 7*7 }}",
)  # fmt: skip
RIGHT_TO_LEFT = "שלום"


def gathered(folder: Path, making: Making, reader: Reader, shelf: Folder | Memory, **changed: Any) -> Binder:
    week = span(START.date() - 6 * DAY, START.date(), "UTC", START + DAY)
    return gather(reader, LocalStore(folder / "evidence"), week, facts(making, **changed), shelf)


def text(pages: PdfReader) -> str:
    """All words, without the spaces between them: a name may go on in the next line."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages.pages))


def squeezed(words: str) -> str:
    return re.sub(r"\s", "", words)


def sections(pages: PdfReader) -> list[str]:
    found: list[str] = []

    def follow(entries: Sequence[Any]) -> None:
        for one in entries:
            follow(one) if isinstance(one, list) else found.append(one.title)

    follow(pages.outline)
    return found


@pytest.fixture(scope="module")
def binder(tmp_path_factory: pytest.TempPathFactory) -> Binder:
    """A small estate whose items, words and name are written to be taken for typst's language."""
    home = tmp_path_factory.mktemp("estate")
    making, reader = begin(home)
    hostile = iter([*HOSTILE, f"name {RIGHT_TO_LEFT} tail", "re\u202every\u200bturned", "tab\tand\x07bell", "漢字 😀"])
    reading = users(making, PRODUCTION, 260, hostile="")
    found = judged_users(reading)
    for number, one in enumerate(found):
        if one.outcome.value == "deviation" and (name := next(hostile, None)):
            found[number] = type(one)(**{
                field: getattr(one, field) for field in ("provider", "unit", "outcome", "seen", "rows")
            }, item=name, because=f"Because {name}")  # fmt: skip
    assert next(hostile, None) is None
    stated = rule("IAM-01", "A #strong[second] factor $here$", "Everyone @signs <in> with a \\\\ second * factor.",
                  [reading.evidence], decisions=["It #eval(1) is read _so_."])  # fmt: skip
    making.judge("IAM-01", stated, found, [making.index(reading.evidence, PRODUCTION)])
    making.commit(gaps=[Gap(Cause.DEFECT, "#connector", "a $bug$")])
    return gathered(home, making, reader, Memory(), organisation="#Ex[ample] $Ltd$ \\ & @Söhne")


@pytest.fixture(scope="module")
def content(binder: Binder) -> bytes:
    return typeset.pdf(printed.document(binder, controls(binder)), binder.facts.generated)


@pytest.fixture(scope="module")
def pages(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def test_every_text_is_shown_as_it_is_and_none_is_run(binder: Binder, pages: PdfReader) -> None:
    told = text(pages)
    for words in (*HOSTILE, "A #strong[second] factor $here$", "Everyone @signs <in> with a \\ second * factor.",
                  "It #eval(1) is read _so_.", "#Ex[ample] $Ltd$ \\ & @Söhne"):  # fmt: skip
        assert squeezed(words) in told, words
    assert sections(pages) == ["In numbers", "Gaps in collection", "Controls at a glance",
                               "IAM-01  A #strong[second] factor $here$"]  # fmt: skip
    assert {(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in pages.pages} == {
        (595, 842)
    }
    assert any(letters in told for letters in (RIGHT_TO_LEFT, RIGHT_TO_LEFT[::-1]))
    assert str(pages.trailer["/Info"]["/Title"]).startswith(binder.facts.organisation)  # type: ignore[index]


def test_letters_that_paper_would_not_show_are_spelt_out(pages: PdfReader) -> None:
    told = text(pages)
    assert "re⟨U+202E⟩very⟨U+200B⟩turned" in told
    assert "⟨U+6F22⟩⟨U+5B57⟩⟨U+1F600⟩" in told
    assert "tab" in told
    assert "and⟨U+0007⟩bell" in told


def test_it_says_the_numbers_of_the_pages(binder: Binder, pages: PdfReader) -> None:
    told = text(pages)
    (control,) = binder.controls
    cover = printed.document(binder, [])
    for figure in (*cover["wrong"], *cover["seen"]):
        assert squeezed(f"{figure['label']}{figure['note']}{figure['count']}") in told, figure
    for name, label in (("deviation", "Deviation"), ("pass", "Pass"), ("not_applicable", "Notapplicable")):
        assert re.search(rf"{control.counts[name]:,}\W*{label}", told), name
    register = binder.register.of(control)
    assert len(register) == control.counts["deviation"] > len(HOSTILE)
    for one in register:
        assert (
            squeezed(one.item.place.item) in told or not one.item.place.item.isascii() or "\x07" in one.item.place.item
        )


def test_a_long_table_says_its_head_on_each_page_and_pages_are_numbered(pages: PdfReader) -> None:
    heads = [number for number, page in enumerate(pages.pages) if "Last seen,\nover by" in page.extract_text()]
    assert len(heads) > 1
    assert heads == list(range(heads[0], heads[-1] + 1))
    for number, page in enumerate(pages.pages, 1):
        shown = page.extract_text()
        assert f"Page {number} of {len(pages.pages)}" in shown
        assert number == 1 or ("leaves, root" in shown and f"{START.date() - 6 * DAY} to {START.date()}" in shown)


def test_what_is_not_printed_is_counted_and_named() -> None:
    rows = [(number,) for number in range(printed.MOST + 1234)]
    found = printed.listed("Rows", [("No.", "count", 1.0)], rows, "03-controls/X/results.csv")
    assert len(found.rows) == printed.MOST
    assert found.more == "1,234 more rows of this table are not printed: 03-controls/X/results.csv has all."
    assert printed.listed("Rows", [("No.", "count", 1.0)], rows[: printed.MOST], "x.csv").more == ""


def test_its_letters_are_in_it_and_it_is_tagged(pages: PdfReader) -> None:
    fonts = [font for page in pages.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    for font in fonts:
        (kin,) = font.get_object()["/DescendantFonts"]
        assert {"/FontFile2", "/FontFile3"} & kin.get_object()["/FontDescriptor"].get_object().keys()
    assert pages.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]


def test_the_same_archive_gives_the_same_bytes_and_each_named_file_is_there(tmp_path: Path) -> None:
    making, reader = whole_estate(tmp_path)
    digests = []
    for name in ("one", "two"):
        folder = Folder(tmp_path / name)
        put_all(gathered(tmp_path, making, reader, folder), on_paper=True)
        finish(folder)
        digests.append(folder.digests)
    assert digests[0] == digests[1]
    content = (tmp_path / "one" / printed.PLACE).read_bytes()
    sums = (tmp_path / "one" / "SHA256SUMS").read_text()
    assert f"{sha256(content).hexdigest()}  {printed.PLACE}\n" in sums
    binder = gathered(tmp_path, making, reader, Memory())
    words = json.dumps(printed.document(binder, controls(binder)))
    named = set(re.findall(r"\b\d\d-[a-z]+/[\w./-]*\w", words))
    assert {"07-integrity/verify.py", "03-controls/IAM-01/snapshots.csv", "03-controls/IAM-01"} <= named
    there = {part for place in digests[0] for part in (place, place.rpartition("/")[0])}
    assert named <= there
    said = json.loads((tmp_path / "one" / "09-data" / "package.json").read_text())
    assert said["pdf"] == {"file": printed.PLACE, "set_by": typeset.typesetter()}
    assert f'href="../{printed.PLACE}"' in (tmp_path / "one" / "00-cover" / "index.html").read_text()


def test_without_being_asked_there_is_none_and_the_package_says_so(tmp_path: Path) -> None:
    making, reader = whole_estate(tmp_path)
    shelf = Memory()
    put_all(gathered(tmp_path, making, reader, shelf))
    assert not [place for place in shelf.files if place.endswith(".pdf")]
    assert b"No PDF was made" in (shelf.get("00-cover/index.html") or b"")
    assert json.loads(shelf.get("09-data/package.json") or b"")["pdf"] is None


def test_where_typst_is_missing_it_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(typeset, "version", lacking)
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(cli, ["package", "--from", "2026-01-01", "--to", "2026-01-31", "--pdf"])
    assert ended.exception is not None
    assert "pip install '.[pdf]'" in str(ended.exception) + ended.output
    assert not list(tmp_path.iterdir())
