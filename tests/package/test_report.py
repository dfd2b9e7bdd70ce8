"""The page of a sealed run: every number on it leads to what was sealed, and nothing on it says more."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from collector import seal
from collector.archive.worm import Lock, State
from collector.model import Verdict
from collector.package.facts import Description, Verification
from collector.package.report import write_report

from . import estate
from .reading import Page

if TYPE_CHECKING:
    from pathlib import Path

    from collector.archive.reader import Leaf, Reader

PEOPLE = 25  # so that the person with the hostile name deviates


@dataclass(frozen=True)
class Written:
    folder: Path
    page: Page
    reader: Reader
    making: estate.Making

    def leaves(self, kind: str) -> list[Leaf]:
        return [leaf for leaf in self.reader.leaves() if leaf.body["kind"] == kind]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("report")
    making, reader = estate.whole_estate(folder, PEOPLE)
    path = write_report(reader, estate.RUN, folder / "out", estate.facts(making))
    return Written(folder / "out", Page(path), reader, making)


def figure(page: Page, label: str) -> int:
    """A number of the cover's table, by the words before it."""
    found = re.search(rf"{re.escape(label)}[^0-9]*([0-9][0-9,]*)", page.text("totals"))
    assert found, label
    return int(found[1].replace(",", ""))


def test_the_cover_counts_what_was_sealed(written: Written) -> None:
    evidence = [leaf.body for leaf in written.leaves("evidence")]
    counts: Counter[str] = Counter()
    for leaf in written.leaves("outcome"):
        counts.update(leaf.body["counts"])
    (run,) = written.leaves("run")
    gaps = sum(sum(body["gaps"].values()) for body in evidence) + len(run.body["gaps"])

    assert figure(written.page, "Deviations items for which a control did not work") == counts["deviation"] == 6
    assert figure(written.page, "Items that cannot be told they count neither way") == counts["cannot_tell"]
    assert figure(written.page, "of these pass") == counts["pass"]
    assert figure(written.page, "of these not applicable") == counts["not_applicable"]
    assert figure(written.page, "Gaps things that could not be read") == gaps == 3
    assert figure(written.page, "of these denied") == 1
    assert figure(written.page, "of these timeout") == 1
    assert figure(written.page, "of these defect") == 1
    assert figure(written.page, "Control totals that do not tie") == 1
    assert figure(written.page, "of these complete in every scope") == 2
    assert figure(written.page, "of these incomplete in at least one") == 2
    assert figure(written.page, "Records") == sum(body["records"]["count"] for body in evidence)
    assert figure(written.page, "Exchanges") == sum(body["exchanges"]["count"] for body in evidence)
    assert figure(written.page, "Raw answers kept") == len(list((written.folder / "answers").iterdir()))
    assert figure(written.page, "Snapshots the run had to make") == run.body["expected"]
    assert figure(written.page, "of these made and complete") == run.body["collected"]


def test_each_control_counts_what_was_sealed_and_lists_every_item(written: Written) -> None:
    words = {"deviation": "Deviation", "cannot_tell": "Cannot tell", "pass": "Pass", "not_applicable": "Not applicable"}
    for leaf in written.leaves("outcome"):
        anchor = f"c-{leaf.body['control']}"
        for verdict, count in leaf.body["counts"].items():
            assert f"{words[verdict]} {count}" in written.page.text(anchor)
        items = [name for name in written.page.ids if name.startswith(f"{anchor}-i")]
        assert len(items) == leaf.body["outcomes"]["count"]


def test_each_snapshot_lists_every_record_exchange_and_gap(written: Written) -> None:
    for leaf in written.leaves("evidence"):
        for kind, count in (
            ("r", leaf.body["records"]["count"]),
            ("x", leaf.body["exchanges"]["count"]),
            ("g", sum(leaf.body["gaps"].values())),
        ):
            found = [name for name in written.page.ids if re.fullmatch(rf"e{leaf.index}-{kind}[0-9]+", name)]
            assert len(found) == count
        assert leaf.hash in written.page.text(f"e{leaf.index}")
        assert leaf.hash in written.page.text(f"leaf-{leaf.index}")


def test_ids_are_unique_and_every_link_leads_somewhere(written: Written) -> None:
    assert [name for name, count in Counter(written.page.ids).items() if count > 1] == []
    for link in written.page.links:
        if link.startswith("#"):
            assert link[1:] in written.page.ids, link
        else:
            assert (written.folder / link).is_file(), link


def test_every_file_is_named_by_its_digest_and_linked(written: Written) -> None:
    linked = set(written.page.links)
    for name in ("answers", "documents"):
        for path in (written.folder / name).iterdir():
            assert sha256(path.read_bytes()).hexdigest() == path.stem
            assert f"{name}/{path.name}" in linked
    for leaf in written.leaves("outcome"):
        rule = (written.folder / "rules" / f"{leaf.body['control']}.sql").read_bytes()
        assert sha256(rule).hexdigest() == leaf.body["rule"]["sha256"]


def test_the_sums_cover_every_file(written: Written) -> None:
    listed = {line[66:]: line[:64] for line in (written.folder / "SHA256SUMS").read_text().splitlines()}
    found = {path.relative_to(written.folder).as_posix() for path in written.folder.rglob("*") if path.is_file()}
    assert found - {"SHA256SUMS"} == listed.keys()
    for place, digest in listed.items():
        assert sha256((written.folder / place).read_bytes()).hexdigest() == digest


def test_a_deviation_shows_its_record_and_leads_to_the_raw_answer(written: Written) -> None:
    (item,) = (name for name in written.page.ids if name.startswith("c-IAM-14-i") and
               "port 22 is open to 0.0.0.0/0 aws 111111111111" in written.page.text(name))  # fmt: skip
    shown = written.page.text(item)
    assert "open_ports" in shown
    assert '["22"]' in shown
    (lacking,) = re.findall(r"Not given by the source: ([\w, ]+)", shown)
    # Other sources may give more, so that there is more that this one does not.
    assert {"attached", "data_class", "encrypted", "key_control"} <= set(lacking.split(", "))
    assert "ec2:DescribeInstances in eu-west-1, page 1, asked 2026-11-23 05:00:01 UTC as arn:aws:sts::1111" in shown
    (digest,) = re.findall(r"[0-9a-f]{64}(?=\.json)", shown)
    assert "eu-west-1" in (written.folder / "answers" / f"{digest}.json").read_text()
    assert "at Reservations[0].Instances[0]" in shown


def test_gaps_say_what_was_asked_what_came_back_and_what_they_touch(written: Written) -> None:
    shown = written.page.text("wrong")
    assert "aws.cloudtrail.trails in aws 111111111111 production Controls affected: LOG-01" in shown
    assert "denied Asked cloudtrail:DescribeTrails (eu-west-1) Came back HTTP 400 AccessDenied" in shown
    assert "timeout Asked ec2:DescribeInstances (ap-south-1) Came back no answer within 30 s, five times" in shown
    assert "no answer, 5 attempts" in shown
    assert "does not tie Total instances, against the tagging API Came back expected 3, found 2" in shown
    assert "connector okta" in shown


def test_items_that_cannot_be_told_say_what_was_seen_and_which_gap_it_is(written: Written) -> None:
    shown = written.page.text("c-IAM-14-untold")
    assert "timeout: ec2:DescribeInstances (ap-south-1)" in shown
    assert "i-00 pass incomplete evidence" in shown
    assert "i-01 deviation incomplete evidence" in shown
    assert "IAM-14 No open doors from the internet aws 222222222222 2 1 deviation, 1 pass" in written.page.text("wrong")
    assert "the whole of aws 111111111111 nothing incomplete evidence" in written.page.text("c-LOG-01-untold")
    parts = written.page.text("c-IAM-01-untold")
    assert "Parts of this control that nothing collected here can judge 2 items" in parts
    assert "No gap is on record" not in parts


def test_no_item_is_proved_empty_only_over_complete_evidence(written: Written) -> None:
    empty, unknown = written.page.text("c-BCP-02"), written.page.text("c-BCP-03")
    assert "Population proved empty." in empty
    assert "That is not a pass" in empty
    assert "proved empty" not in unknown
    assert "it cannot be told whether there are any. Not collected: aws.backup.plans" in unknown


def test_a_control_shows_the_rule_and_parameters_that_were_in_force(written: Written) -> None:
    shown = written.page.text("c-IAM-14")
    assert "ports = 22,3389,5432 port numbers: ports that nobody outside may reach" in shown
    assert "default is 22,3389)" in shown
    assert "CASE WHEN mfa_enrolled THEN 'pass'" in shown
    shown = written.page.text("c-IAM-01")
    assert "people who sign in through the identity provider needs okta.users" in shown
    assert "A person who has never signed in is judged too" in shown
    assert "iso27001_2022 A.8.5; hipaa 164.312(d); gdpr Art. 32" in shown
    assert "CC6.1, CC6.6" in shown


def test_hostile_values_stay_text(written: Written) -> None:
    assert estate.HOSTILE in written.page.text("c-IAM-01-deviations")
    assert estate.HOSTILE in written.page.text("gaps")
    assert len(written.page.tags("script")) == 1
    assert written.page.tags("img") == []
    assert not [name for _, known in written.page.elements for name in known if name.startswith("on")]


def test_only_its_own_style_and_script_may_run_and_nothing_is_fetched(written: Written) -> None:
    (policy,) = (meta["content"] for meta in written.page.tags("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none'; ")
    for name in ("style", "script"):
        digest = b64encode(sha256(written.page.verbatim[name].encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert not [known for _, known in written.page.elements if "style" in known]
    assert "url(" not in written.page.verbatim["style"]
    assert "@import" not in written.page.verbatim["style"]
    assert not [link for link in written.page.links if ":" in link]


def test_it_gives_no_opinion(written: Written) -> None:
    text = (written.folder / "index.html").read_text().lower()
    for word in ("complian", "score", "badge", "✓", "✔", "✅", "🟢", "%</", "readiness", "passed"):
        assert word not in text, word


def test_it_is_built_for_every_reader(written: Written) -> None:
    page = written.page
    assert [len(page.tags(name)) for name in ("main", "nav", "h1", "footer")] == [1, 1, 1, 1]
    assert all("scope" in known for known in page.tags("th"))
    assert page.tags("html")[0]["lang"] == "en"
    assert len(page.tags("summary")) == len(page.tags("details"))


def test_the_same_archive_and_facts_give_the_same_bytes(written: Written, tmp_path: Path) -> None:
    for _ in range(2):  # the second time over the first
        write_report(written.reader, estate.RUN, tmp_path / "again", estate.facts(written.making))
        assert contents(tmp_path / "again") == contents(written.folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_simulated_estate_is_called_one(written: Written, tmp_path: Path) -> None:
    assert "Simulated estate" not in written.page.text()
    path = write_report(written.reader, estate.RUN, tmp_path / "out", estate.facts(written.making, simulated=True))
    assert "collected from a simulation, not from a real provider" in Page(path).text()


@pytest.mark.parametrize(
    ("verification", "shown"),
    [
        (Verification(), "Not done before this page was written. Run collector verify"),
        (Verification(sound=True), "collector verify found no fault in this archive before this page was written"),
        (Verification(sound=False, faults=("log/0.seg: is missing",)), "1 fault found. What follows may not be"),
    ],
)
def test_the_cover_says_what_verification_said(
    written: Written, tmp_path: Path, verification: Verification, shown: str
) -> None:
    changed = estate.facts(written.making, verification=verification)
    page = Page(write_report(written.reader, estate.RUN, tmp_path / "out", changed))
    assert shown in page.text("cover")
    for fault in verification.faults:
        assert fault in page.text("integrity")


def test_a_later_assessment_counts_and_the_earlier_one_stays_visible(tmp_path: Path) -> None:
    making, reader = estate.begin(tmp_path)
    estate.fill(making, 5)
    (first,) = (leaf for leaf in making.leaves if leaf.get("control") == "IAM-14")
    making.judge("IAM-14", making.contents[first["rule"]["sha256"]].decode(), [], first["evidence"])
    making.commit()
    page = Page(write_report(reader, estate.RUN, tmp_path / "out", estate.facts(making)))
    shown = page.text("c-IAM-14")
    assert "Deviation 0" in shown
    assert "before that 2026-11-23 05:02:00 UTC" in shown
    assert "2 cannot tell, 1 deviation, 0 not applicable, 1 pass" in shown


def test_evidence_of_an_earlier_run_is_shown_as_such(tmp_path: Path) -> None:
    making, reader = estate.begin(tmp_path)
    reading = estate.users(making, estate.STAGING, 5, hostile="")
    making.leaves[0]["run"] = "2026-11-22T050000Z-0001"
    rule = estate.rule("IAM-01", "A second factor", "Everyone has one.", [estate.USERS])
    making.judge("IAM-01", rule, estate.judged_users(reading), [1])
    making.commit()
    page = Page(write_report(reader, estate.RUN, tmp_path / "out", estate.facts(making)))
    assert "in an earlier run, 2026-11-22T050000Z-0001" in page.text("e1")
    assert figure(page, "of these from earlier runs") == 1
    assert len([name for name in page.ids if name.startswith("e1-r")]) == 5


def test_a_run_without_trouble_says_so_and_no_more(tmp_path: Path) -> None:
    making, reader = estate.begin(tmp_path)
    reading = estate.users(making, estate.STAGING, 3, hostile="")
    rule = estate.rule("IAM-01", "A second factor", "Everyone has one.", [estate.USERS])
    making.judge("IAM-01", rule, estate.judged_users(reading), [1])
    making.commit()
    page = Page(write_report(reader, estate.RUN, tmp_path / "out", estate.facts(making)))
    assert "No rule found a deviation in this run." in page.text("wrong")
    assert "No gap: every list was read to its end, and every control total ties." in page.text("wrong")
    assert page.text("c-IAM-01").count(Verdict.PASS.value) > 0


@pytest.mark.parametrize("state", State)
def test_the_cover_says_of_the_lock_what_was_sealed_after_the_run_and_what_holds_now(
    tmp_path: Path, state: State
) -> None:
    making, reader = estate.begin(tmp_path)
    estate.users(making, estate.STAGING, 3, hostile="")
    making.leaves.append(
        seal.storage_leaf(
            estate.RUN,
            place="s3://bucket/evidence",
            read=estate.START,
            commit=1,
            state=state.value,
            because=f"as a bucket says it {estate.HOSTILE}",
            facts={},
            findings=making.document(b""),
        )
    )
    making.commit()
    now = str(Lock(state, "so it says when asked now"))
    page = Page(write_report(reader, estate.RUN, tmp_path / "out", estate.facts(making, lock=now)))
    assert f"{state.value}: so it says when asked now" in page.text("run")
    assert "(leaf 2), of the objects of this run in s3://bucket/evidence" in page.text("run")
    assert f"{state.value}: as a bucket says it {estate.HOSTILE}" in page.text("run")
    assert "storage the lock of s3://bucket/evidence" in page.text("leaf-2")
    assert page.tags("img") == []


def test_a_description_is_set_in_paragraphs_and_stays_text(written: Written, tmp_path: Path) -> None:
    described = {estate.USERS: Description("Every user", f"First {estate.HOSTILE}.\n\n`key` is <b>its</b> ARN.")}
    path = write_report(
        written.reader, estate.RUN, tmp_path / "out", estate.facts(written.making, descriptions=described)
    )
    page = Page(path)
    assert f"Every user. First {estate.HOSTILE}. key is <b>its</b> ARN." in page.text("evidence")
    assert page.tags("img") == []
