"""Whose an account is: by a link that a provider proved, then by address, then by the company's own word. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.identity.gathered import Account, Gathered, Place

PROGRAMS = {"service", "root"}
_CLAIMED = {"service": "service", "shared": "shared", "external": "external"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What is known of an account's owner."""

    state: str
    """linked, unmapped, contradicted, service, shared, external."""
    because: str
    person_id: str | None = None
    method: str | None = None
    """verified, email, claim."""
    confirmed_by: str | None = None
    confirmed_at: datetime | str | None = None


class Links:
    """Answers for one account after another."""

    def __init__(self, found: Gathered) -> None:
        self._found = found
        self._by_address: dict[str, set[str]] = defaultdict(set)
        for person_id, row in found.people.items():
            for address in (row["work_email"], *(row["emails"] or ())):
                if address:
                    self._by_address[address.strip().lower()].add(person_id)
        self._claims: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
        for claim in found.claims:
            self._claims[claim["account_provider"] or "", claim["account"].lower()].append(claim)
        self._by_identity = self._identities()

    def of(self, place: Place, account: Account) -> Link:
        """Whose this account is, and how that is known."""
        claim = self._claim(place, account)
        known = [self._verified(account), self._addressed(account)]
        if claim is not None and claim["kind"] in _CLAIMED:
            return self._claimed(claim, _CLAIMED[claim["kind"]])
        if account.kind in PROGRAMS:
            return self._program(account, claim, next((one for one in known if one and one.person_id), None))
        if claim is not None:
            known.append(self._claimed(claim, "linked"))
        said = [one for one in known if one is not None]
        if not said:
            return Link(state="unmapped", because="no link, address or word of the company leads to a person")
        others = sorted({one.person_id for one in said[1:] if one.person_id} - {said[0].person_id})
        if not others or said[0].person_id is None:
            return said[0]
        words = f"{said[0].because}; a weaker link leads to {', '.join(others)}"
        return Link(state=said[0].state, because=words, person_id=said[0].person_id, method=said[0].method)

    def _identities(self) -> dict[str, set[str]]:
        """Ids and logins of accounts that an address links to a person: what other providers' links may name."""
        found: dict[str, set[str]] = defaultdict(set)
        for place, account in self._found.accounts.items():
            if (link := self._addressed(account)) and link.person_id and account.kind not in PROGRAMS:
                for name in filter(None, (place.account_id, account.name)):
                    found[name.lower()].add(link.person_id)
        return found

    def _verified(self, account: Account) -> Link | None:
        for subject, via in account.subjects:
            named = subject.lower()
            people = self._by_address.get(named) or self._by_identity.get(named)
            if via == "employee_number":
                people = {subject} & self._found.people.keys()
            if people:
                return _one_of(people, "verified", f"{via.replace('_', ' ')} links it to {subject}")
        return None

    def _addressed(self, account: Account) -> Link | None:
        for address in (account.email, account.name if "@" in (account.name or "") else None):
            if address and (people := self._by_address.get(address.strip().lower())):
                return _one_of(people, "email", f"its address {address} is in the people list")
        return None

    def _claim(self, place: Place, account: Account) -> Mapping[str, Any] | None:
        for name in filter(None, (place.account_id, account.name, account.email)):
            for claim in self._claims.get((place.provider, name.lower()), ()):
                if claim["account_unit"] in (None, place.unit):
                    return claim
        return None

    def _claimed(self, claim: Mapping[str, Any], state: str) -> Link:
        person = claim["person_id"]
        if person not in self._found.people:
            named = f"names {person}, who is not in the people list" if person else "names nobody"
            because = f"the company's map calls it {claim['kind'] or 'a person'} and {named}"
            return Link(state="unmapped" if state == "linked" else state, because=because, method="claim")
        return Link(
            state=state, because="the company's map says so", person_id=person, method="claim",
            confirmed_by=claim["confirmed_by"], confirmed_at=claim["confirmed_at"],
        )  # fmt: skip

    def _program(self, account: Account, claim: Mapping[str, Any] | None, linked: Link | None) -> Link:
        """A program's account is nobody's own; somebody answers for it, by the company's word or its provider's."""
        if claim is not None:
            return self._claimed(claim, "service")
        sponsor = (account.sponsor or "").lower()
        people = self._by_address.get(sponsor) or self._by_identity.get(sponsor)
        if people and len(people) == 1:
            return Link(state="service", because="its provider names who answers for it", person_id=min(people))
        owner, method = (linked.person_id, linked.method) if linked else (None, None)
        because = (
            f"{account.kind}; {linked.because}" if linked else f"{account.kind}; nobody is named who answers for it"
        )
        return Link(state="service", because=because, person_id=owner, method=method)


def _one_of(people: Iterable[str], method: str, because: str) -> Link:
    found = sorted(people)
    if len(found) == 1:
        return Link(state="linked", because=because, person_id=found[0], method=method)
    return Link(state="contradicted", because=f"{because}, which {len(found)} people have: {', '.join(found)}")
