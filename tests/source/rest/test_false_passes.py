"""The ways peers turn ignorance into green that concern a source, each injected over real HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.model import Cause
from collector.source.rest.api import Operation
from collector.source.rest.dialect import Dialect
from collector.source.rest.paging import LinkHeader
from tests.doubles.rest import Given, running_rest
from tests.source.rest.gathering import gathered, serve

if TYPE_CHECKING:
    from tests.doubles.rest import Asked
    from tests.source.rest.conftest import Forge

MEMBERS = "/orgs/northwind/members"


def test_false_pass_07_throttling_that_outlasts_the_retries(forge: Forge) -> None:
    serve(forge)
    forge.double.fault(Given(429, {}, {"Retry-After": "2"}), path=f"{MEMBERS}/user3")
    found = gathered(forge, "forge.members")
    assert found.causes == ["throttled"]
    assert len(found.rows) == 5, "it stays in the population"
    assert {row["account_id"]: row["mfa_enrolled"] for row in found.rows}["user3"] is None


def test_false_pass_08_a_time_out(forge: Forge) -> None:
    forge.double.fault(Given(504, b"", {"Content-Type": "text/html"}))
    read = forge.get(Operation("GET /thing"))
    assert read.gap.cause == "timeout"
    assert not read.answers[0].seen


def test_false_pass_09_a_page_limit_is_no_end(forge: Forge) -> None:
    def endless(asked: Asked) -> Given:
        page = int(asked.query.get("page", 1))
        return Given(200, [{"id": page}], {"Link": f'<?page={page + 1}>; rel="next"'})

    forge.double.route("GET /list", endless)
    read = forge.list(Operation("GET /list", items="", pages=LinkHeader()))
    assert len(read.ids) == forge.most_pages
    assert read.gap.cause == "truncated"
    assert "not at its end after 50 pages" in read.gap.detail


@pytest.mark.parametrize("status", [403, 404, 500])
def test_false_pass_10_page_two_fails_and_page_one_is_no_list(forge: Forge, status: int) -> None:
    serve(forge)
    forge.double.fault(Given(status, {}), path=MEMBERS, skip=1, times=2)
    found = gathered(forge, "forge.members")
    assert not found.snapshot.complete
    assert any(gap.subject.startswith("GET /orgs/{org}/members") for gap in found.snapshot.gaps)


def test_false_pass_16_a_404_that_means_no_permission(forge: Forge) -> None:
    serve(forge)
    found = gathered(forge, "forge.sso")
    assert found.snapshot.complete, "who may look is told that there is none"
    assert [row["value"] for row in found.rows] == ["off"]
    forge.double.route("GET /orgs/northwind", Given(200, {"members": 5, "admin": False}))
    found = gathered(forge, "forge.sso")
    assert found.causes == ["denied"]
    assert found.rows == []


def test_false_pass_17_a_field_that_is_missing_for_lack_of_licence(forge: Forge) -> None:
    serve(forge)
    forge.double.route(f"GET {MEMBERS}/user1", Given(200, {"login": "user1"}))
    found = gathered(forge, "forge.members")
    assert found.causes == ["truncated"]
    assert "no /mfa" in found.snapshot.gaps[0].detail
    assert {row["account_id"]: row["mfa_enrolled"] for row in found.rows}["user1"] is None


def test_false_pass_17_a_refusal_for_lack_of_licence_is_called_so(forge: Forge) -> None:
    forge.dialect = Dialect(phrases={"upgrade": Cause.UNLICENSED})
    forge.double.fault(Given(403, {"message": "Upgrade to Enterprise"}))
    assert forge.get(Operation("GET /thing")).gap.cause == "unlicensed"


def test_false_pass_17_words_deep_in_the_answer_and_in_the_sentence(forge: Forge) -> None:
    forge.dialect = Dialect(words={" edition": Cause.UNLICENSED}, messages=("/error/message",))
    forge.double.fault(Given(403, {"error": {"message": "Not part of your Edition."}}), times=1)
    forge.double.fault(Given(403, {"error": {"message": "Not for you."}, "message": "edition"}))
    assert [forge.get(Operation("GET /thing")).gap.cause for _ in range(2)] == ["unlicensed", "denied"]


@pytest.mark.parametrize(
    "given",
    [
        Given(200, b'[{"login": "user0"}, {"lo'),
        Given(200, b"[]", {"Content-Type": "text/html"}),
        Given(200, b""),
        Given(200, {}),
        Given(204),
        Given(200, [], cut=True),
    ],
)
def test_false_pass_19_a_broken_answer_is_no_empty_list(forge: Forge, given: Given) -> None:
    serve(forge)
    forge.double.fault(given, path=MEMBERS)
    found = gathered(forge, "forge.members")
    assert found.causes == ["truncated"]
    assert found.rows == []
    assert not found.snapshot.totals


def test_false_pass_20_a_token_goes_to_no_other_host(forge: Forge) -> None:
    serve(forge)
    with running_rest() as stranger:
        link = {"Link": f'<{stranger.url}{MEMBERS}?page=2>; rel="next"'}
        forge.double.fault(Given(200, [{"login": "user0"}], link), path=MEMBERS, times=1)
        found = gathered(forge, "forge.members")
        assert stranger.asked == []
    assert not found.snapshot.complete
    assert any("elsewhere" in gap.detail for gap in found.snapshot.gaps)


def test_false_pass_21_a_listing_that_leaves_out_a_class_does_not_tie(forge: Forge) -> None:
    serve(forge, 5, claimed=7)
    found = gathered(forge, "forge.members")
    assert not found.snapshot.gaps
    assert not found.snapshot.complete
    (total,) = found.snapshot.totals
    assert (total.expected, total.found) == (7, 5)


def test_false_pass_24_an_item_that_comes_twice_when_pages_shift(forge: Forge) -> None:
    serve(forge)
    shifted = Given(200, [{"login": "user1"}, {"login": "user2"}], {"Link": '</>; rel="first"'})
    forge.double.fault(shifted, path=MEMBERS, skip=1, times=1)
    found = gathered(forge, "forge.members")
    assert "truncated" in found.causes
    assert any("user1 came more than once" in gap.detail for gap in found.snapshot.gaps)


def test_words_are_looked_for_where_the_provider_puts_them(forge: Forge) -> None:
    forge.dialect = Dialect(messages=("/error/message",), phrases={"not licensed": Cause.UNLICENSED})
    forge.double.route("GET /x", Given(403, {"error": {"message": "Not licensed for this feature."}}))
    assert forge.get(Operation("GET /x")).causes == {Cause.UNLICENSED}


def test_a_count_asks_for_the_first_page_alone_and_by_its_own_header(forge: Forge) -> None:
    """Where a list is meant, an answer that goes on is a gap; where a count is, it is what was asked for."""

    def answer(asked: Asked) -> Given:
        counted = {"@odata.count": 7} if asked.headers.get("consistencylevel") == "eventual" else {}
        return Given(200, {**counted, "value": [{"id": 1}], "@odata.nextLink": "/x?page=2"})

    forge.double.route("GET /x", answer)
    count = Operation("GET /x", first=True, has=("/@odata.count",), headers={"consistencylevel": "eventual"})
    read = forge.get(count)
    assert read.complete
    assert read.answers[0]["@odata.count"] == 7
    assert len(forge.double.asked) == 1
    assert forge.get(Operation("GET /x")).causes == {Cause.TRUNCATED}
