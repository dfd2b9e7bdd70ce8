"""A company's people and accounts as sealed evidence, and the map that the product itself derives from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.assess.completeness import Evidence
from collector.connector import EvidenceType, Per
from collector.identity.derive import Basis, derive
from collector.kept import IDENTITY_MAP
from collector.model import Kind
from collector.records import Account, AccountClaim, Person
from collector.seal import evidence_leaf
from tests.assess.sealed import CONTROLS, NOW, Sealed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collector.model import Gap
    from collector.records import Record

COMPANY = "northwind"
ORIGIN = "example.com/evidence"
LISTS = ("okta.users", "aws.iam.credential_report", "github.org.members", "github.outside_collaborators")
UNITS = {"okta": "northwind.okta.example", "aws": "111111111111", "github": "northwind", "hris": COMPANY}


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T00:00:00+00:00")


def somebody(person_id: str, **changed: Any) -> Person:
    told: dict[str, Any] = {
        "key": person_id,
        "seen": (),
        "person_id": person_id,
        "work_email": f"{person_id}@northwind.example",
        "start_date": day("2020-01-01"),
    }
    return Person(**told | changed)


def account(account_id: str, **changed: Any) -> Account:
    told: dict[str, Any] = {
        "key": account_id, "seen": (), "account_id": account_id, "kind": "human", "status": "active",
    }  # fmt: skip
    return Account(**told | changed)


def claim(account_id: str, provider: str, person_id: str, kind: str = "person") -> AccountClaim:
    return AccountClaim(
        key=f"{account_id} {provider}", seen=(), account=account_id, account_provider=provider, kind=kind,
        person_id=person_id, confirmed_by="it",
    )  # fmt: skip


def _type(name: str, record: type[Record]) -> EvidenceType:
    return EvidenceType(
        id=name, title=name, description="", provider=name.partition(".")[0], kind=Kind.CONFIGURATION, per=Per.SCOPE,
        yields=(record,), needs=(), keeps_days=None, late_minutes=60, read=lambda _: (),
    )  # fmt: skip


@dataclass
class Company:
    """What one run sealed; a later run of the same company goes on from it."""

    at: datetime = NOW
    lists: tuple[str, ...] = LISTS
    before: Company | None = None
    broken: Sequence[tuple[str, Gap]] = ()
    narrowed: bool = False
    sealed: Sealed = field(default_factory=Sealed)

    def add(self, evidence_type: str, records: Sequence[Record] = (), **more: Any) -> None:
        provider = evidence_type.partition(".")[0]
        self.sealed.add(evidence_type, records, unit=more.pop("unit", UNITS.get(provider, COMPANY)), **more)
        last = self.sealed.evidence[-1]
        told = {"started": self.at.isoformat(), "ended": self.at.isoformat(), "caller": f"uploaded by {provider}"}
        self.sealed.evidence[-1] = Evidence(last.index, {**last.body, **told})

    def map(self) -> None:
        """Derive the map, and seal it beside the rest."""
        for name in self.lists:
            if not any(one.type == name for one in self.sealed.evidence):
                self.add(name)
        standing = []
        if self.before:
            standing = [one.body for one in self.before.sealed.evidence if one.type == IDENTITY_MAP]
            self.sealed.documents |= self.before.sealed.documents
        basis = Basis(
            own=[one.body for one in self.sealed.evidence],
            standing=standing,
            types=[
                *(_type(name, Account) for name in self.lists),
                _type("hris.roster", Person),
                _type("hris.account_map", AccountClaim),
            ],
            broken=self.broken,
            narrowed=self.narrowed,
            content=self.sealed.content,
        )
        snapshot = derive(basis, ORIGIN, lambda document: self.sealed._kept(document).sha256, self.at, None)
        assert snapshot is not None
        self.sealed.evidence.append(Evidence(len(self.sealed.evidence), evidence_leaf(snapshot, "run")))

    def links(self) -> dict[str, Mapping[str, Any]]:
        (leaf,) = (one for one in self.sealed.evidence if one.type == IDENTITY_MAP)
        rows = map(canonical.decode, self.sealed.content(leaf.body["records"]["sha256"]).splitlines())
        return {row["source_id"]: row for row in rows if row["table"] == "identity_link"}

    def judged(self, control: str) -> dict[str, tuple[str, str]]:
        (found,) = self.sealed.judge(CONTROLS[control], unreachable=self.broken)
        parts = {f"part: {one.part}" for one in CONTROLS[control].header.unseen}
        return {one.item: (one.outcome.value, one.because) for one in found.outcomes if one.item not in parts}

    def verdicts(self, control: str) -> dict[str, str]:
        return {item: verdict for item, (verdict, _) in self.judged(control).items()}

    def later(self, **step: float) -> Company:
        return Company(at=self.at + timedelta(**step), lists=self.lists, before=self)
