"""The package's pages in a real browser: links, long tables, the keyboard, and nothing on the console."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from collector.archive.local import LocalStore
from collector.cli.browse import Served
from collector.package.binder.binder import gather
from collector.package.binder.build import finish, put_all
from collector.package.binder.live import Pages
from collector.package.binder.scope_register import REGISTER
from collector.package.binder.shelf import Folder, Memory
from collector.package.binder.span import span
from schedules.port import Port
from tests.package.estate import START, begin, facts, fill, whole_estate
from tests.package.test_units import ACCOUNTS, AWS, BEFORE, COMPANY, LAST, account, entry, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
PEOPLE = 260
AXE = Path(__file__).parents[1] / "doubles" / "axe" / "node_modules" / "axe-core" / "axe.min.js"

TOLD = "axe.run().then((told) => told.violations.map((one) => [one.id, one.nodes.map((node) => node.html)]))"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: the Debian package chromium"),
]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = tmp_path_factory.mktemp("archive")
    making, reader = begin(archive)
    fill(making, PEOPLE)
    put(making, REGISTER, COMPANY, BEFORE, [entry("prod", "in_scope"), entry("typo", "excluded")])
    put(making, ACCOUNTS, AWS, BEFORE, [account("prod"), account("lab")])
    put(making, ACCOUNTS, AWS, LAST, [account("prod"), account("shadow")])
    making.commit()
    store = LocalStore(archive / "evidence")
    day: date = START.date()
    folder = Folder(tmp_path_factory.mktemp("package") / "package")
    period = span(day - timedelta(days=20), day, "UTC", START + timedelta(days=1))
    put_all(gather(reader, store, period, facts(making), folder))
    finish(folder)
    return folder.root


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that must say nothing on the console and ask nothing of any network."""
    said: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    made = context.new_page()
    made.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    made.on("pageerror", lambda error: said.append(f"error: {error}"))
    yield made
    context.close()
    assert not said


def test_every_part_is_reached_from_the_cover_and_leads_back(page: Page, package: Path) -> None:
    page.goto((package / "index.html").as_uri())
    page.get_by_role("link", name="cover").first.click()
    for name in ("How it was made", "Scope", "Controls", "Records", "Coverage", "Deviations", "Integrity", "Maps"):
        page.get_by_role("navigation").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("nav [aria-current=page]")).to_contain_text(name)
    page.get_by_role("navigation").get_by_role("link", name="00 Cover").click()
    expect(page.get_by_role("heading", name="In numbers")).to_be_visible()


def test_an_item_is_two_clicks_from_its_raw_answer(page: Page, package: Path) -> None:
    page.goto((package / "03-controls" / "IAM-01" / "population.html").as_uri())
    page.locator("#items tbody th a").first.click()
    answer = page.locator(".box a").first
    digest = answer.inner_text()
    assert answer.get_attribute("href")
    (held,) = (package / "07-integrity" / "answers").glob(f"{digest}.*")
    answer.click()
    assert page.url == held.as_uri()


def test_a_long_table_is_found_filtered_and_paged_by_keyboard(page: Page, package: Path) -> None:
    page.goto((package / "03-controls" / "IAM-01" / "population.html").as_uri())
    rows, told = page.locator("#items tbody tr"), page.locator("#items [role=status]")
    expect(rows).to_have_count(100)
    expect(told).to_contain_text(f"Rows 1 to 100 of {PEOPLE + 6}")
    page.get_by_role("button", name="Later rows").focus()
    page.keyboard.press("Enter")
    expect(told).to_contain_text(f"Rows 101 to 200 of {PEOPLE + 6}")
    page.get_by_label("Find").fill("ana.1")
    expect(told).to_contain_text("found among")
    names = rows.locator("th").all_inner_texts()
    assert names
    assert all("ana.1" in name for name in names)
    page.get_by_label("Find").fill("")
    page.get_by_label("Outcome").focus()
    page.get_by_label("Outcome").select_option("deviation")
    expect(told).to_contain_text("found among")
    assert {text.strip() for text in rows.locator("td.nowrap").all_inner_texts()} == {"deviation"}


def test_hostile_names_run_nothing_also_where_the_script_shows_them(page: Page, package: Path) -> None:
    page.goto((package / "03-controls" / "IAM-01" / "population.html").as_uri())
    page.get_by_label("Find").fill("<script>alert")
    expect(page.locator("#items tbody tr")).to_have_count(1)
    assert page.locator("#items tbody img").count() == 0
    page.locator("#items tbody th a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>alert")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_accessibility(browser: Browser, package: Path, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("needs axe-core: npm ci in tests/doubles/axe")
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]  # one of its words
    page = context.new_page()
    places = ["00-cover/index.html", "02-scope/index.html", "03-controls/index.html", "03-controls/IAM-01/index.html",
              "03-controls/IAM-01/population.html", "05-coverage/index.html", "06-exceptions/index.html",
              "07-integrity/index.html", "08-maps/index.html"]  # fmt: skip
    places += [str(next((package / "03-controls/IAM-01/evidence").iterdir()).relative_to(package) / "index.html")]
    for place in places:
        page.goto((package / place).as_uri())
        page.add_script_tag(path=AXE)
        found = page.evaluate(TOLD)
        assert not found, (place, found)
    context.close()


def test_what_browse_shows_while_it_reads_gives_way_to_the_page_that_was_asked_for(
    browser: Browser, tmp_path: Path
) -> None:
    making, reader = whole_estate(tmp_path)
    shelf, day = Memory(), START.date()
    period = span(day, day, "UTC", START + timedelta(days=1))
    put_all(gather(reader, LocalStore(tmp_path / "evidence"), period, facts(making), shelf))
    live = Pages(lambda _: False, lambda _: (shelf, 1))
    live.said = "3 of 35 controls are worked out."
    context = browser.new_context()
    page = context.new_page()
    with Port(("127.0.0.1", 0), Served(live)) as port:
        page.goto(f"http://127.0.0.1:{port.address[1]}/00-cover/index.html")
        expect(page.get_by_role("status")).to_have_text("3 of 35 controls are worked out.")
        live.said = "34 of 35 controls are worked out."
        expect(page.get_by_role("status")).to_have_text("34 of 35 controls are worked out.", timeout=60_000)
        live.refresh()
        expect(page.get_by_role("heading", name="In numbers")).to_be_visible(timeout=60_000)
    context.close()
