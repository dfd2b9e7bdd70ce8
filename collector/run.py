"""One pass: collect what is planned, seal it, have others vouch for it, judge it, seal proof and judgement.

Evidence and the leaf that ends the run are one commit, so a run is in the archive whole or not at all. The judgement
is a second commit: were the process to die between the two, the evidence stands, and can be judged again. The trusted
time is over the first; the second is first covered by the token of the next run.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from collector import canonical, collection, seal, skew
from collector.archive.reader import Reader
from collector.archive.vouching import Vouched, newest_token, vouch
from collector.assess.completeness import Evidence, still_standing
from collector.assess.controls import catalogue
from collector.assess.judge import assess
from collector.collect import collect
from collector.connector import Per
from collector.identity import derive
from collector.kept import IDENTITY_MAP
from collector.model import Content
from collector.trace import evidence_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from collector.archive.archive import Archive, Committed
    from collector.archive.report import Fault
    from collector.archive.staging import Staging
    from collector.archive.store import Store
    from collector.archive.vouching import Parties
    from collector.archive.worm import Lock
    from collector.assess.controls import Control
    from collector.assess.judge import Assessment
    from collector.connector import Connection, EvidenceType, Surroundings
    from collector.ending import Ending
    from collector.ledger import Missed
    from collector.model import Exchange, Gap, Snapshot
    from collector.plan import Task
    from collector.shards import Shard
    from collector.skew import Clock
    from collector.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a run is to do, decided before it starts."""

    run: str
    """Its id: unique in the archive, and sorting by time."""
    mode: str
    tasks: Sequence[Task]
    types: Sequence[EvidenceType]
    broken: Sequence[tuple[str, Gap]]
    """Connectors that could not be loaded, each with the gap this leaves."""
    controls: Sequence[Control]
    """With the parameters in force."""
    configuration: Mapping[str, Any]
    version: str
    code: str
    """SHA-256 over the collector's own source."""
    parties: Parties | None = None
    """Who outside is asked to vouch for the evidence; None: nobody."""
    shard: Shard | None = None
    """Which share of a larger run this is; None for a run by itself."""
    standing: Sequence[tuple[int, Mapping[str, Any]]] = ()
    """Evidence of earlier runs that is judged along: index and body of each leaf."""
    narrowed: bool = False
    """Whether some scopes were left out on purpose."""
    turn: Turn | None = None
    """The slots it serves; None for a run out of schedule."""
    clock_seconds: int = 300
    """How far the collector's clock may be from a provider's before this is a finding."""
    until: Ending | None = None
    """Who may tell it to end before it has read everything; None: nobody."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What a run has sealed."""

    run: str
    snapshots: Sequence[Snapshot]
    gaps: Sequence[Gap]
    assessments: Sequence[Assessment]
    lock: Lock
    commits: Sequence[Committed]
    """The evidence, then the judgement."""
    vouched: Vouched
    voids: Sequence[Fault]
    clock: Clock
    missed: Sequence[Missed] = ()

    @property
    def findings(self) -> Sequence[Fault]:
        """What the archive's place does not hold as it should, and what somebody else put into it."""
        return (*self.lock.findings, *self.voids)

    @property
    def complete(self) -> bool:
        """Whether all that was due was read whole and nothing was meddled with; who vouches for it is another thing."""
        whole = all(snapshot.complete and not snapshot.lost for snapshot in self.snapshots)
        return whole and not self.gaps and not self.missed and not self.findings and not self.vouched.forked


@dataclass(frozen=True, slots=True)
class Gathered:
    """The evidence of a run, sealed and not yet judged."""

    snapshots: Sequence[Snapshot]
    evidence: Sequence[Evidence]
    committed: Committed
    missed: Sequence[Missed]
    clock: Clock


def gather(
    order: Order,
    around: Surroundings,
    connections: Mapping[str, Connection],
    archive: Archive,
    staging: Staging,
    done: Callable[[Snapshot, Sequence[Exchange]], None],
) -> Gathered:
    """Collect, and return once it is sealed. ArchiveError when it could not be: then nothing of the run is kept."""
    token = newest_token(archive.store, archive.head.sequence)
    started = around.clock()
    snapshots = collect(
        order.tasks, connections, around.pool, staging.put, around.clock, done, order.until, around.people
    )
    turn = order.turn.confirmed(around.clock()) if order.turn else None
    if turn:  # what another run has taken over meanwhile is still evidence, though it answers no slot
        snapshots = [replace(one, slot=turn.slot(one.evidence_type, one.scope)) for one in snapshots]
        snapshots.append(collection.account(turn, snapshots, archive.origin, staging.put, around.clock()))
    leaves = [seal.evidence_leaf(snapshot, order.run) for snapshot in snapshots]
    if not order.shard and (mapped := derive.beside(leaves, order, archive, staging, around)):
        snapshots.append(mapped)
        leaves.append(seal.evidence_leaf(mapped, order.run))
    clock = skew.clock(snapshots, order.clock_seconds)
    missed = list(turn.missed_leaf(staging, around.clock())) if turn else []
    ending = seal.run_leaf(
        order.run,
        mode=order.mode,
        started=started,
        ended=around.clock(),
        expected=len(snapshots),
        snapshots=snapshots,
        gaps=[gap for _, gap in order.broken],
        configuration=_kept(staging, around.people.document(canonical.encode(order.configuration)) + b"\n"),
        version=order.version,
        code=order.code,
        after_token=(token.commit, token.stored.key, token.stored.digest) if token else None,
        vouchers=_asked(order.parties),
        slots=turn.summary if turn else None,
        clock=clock.member,
    )
    if order.shard:
        ending["shard"] = asdict(order.shard)
    committed = archive.append([*leaves, *missed, ending], staging)
    evidence = [Evidence(index, leaf) for index, leaf in zip(committed.indices, leaves, strict=False)]
    return Gathered(snapshots, evidence, committed, turn.missed if turn else (), clock)


def judge(order: Order, gathered: Gathered, archive: Archive, store: Store, clock: Callable[[], datetime]) -> Finished:
    """Have outsiders vouch for the evidence and the place prove its lock, judge it, and seal all that.

    No provider is asked anything.
    """
    commit = gathered.committed.sequence
    vouched = vouch(store, commit, order.parties, clock) if order.parties else Vouched(commit)
    # Where the evidence lies is known since it was put or held against: nothing is searched for.
    reader = Reader(store, archive.places)
    with archive.stage(clock()) as staging:
        lock = store.lock({one.key: one.digest for one in (*gathered.committed.objects, *vouched.objects)})
        findings = (*lock.findings, *archive.voids)
        read_back = _read_back(order.run, str(store), gathered.committed, lock, findings, staging, clock())
        assessments = _judged(order, gathered.evidence, reader.content)
        sealed = [_sealed(order, one, staging, clock()) for one in assessments]
        judged = archive.append([read_back, *_vouching(order.run, vouched), *sealed], staging)
    # The voids once more: this last commit may have met one.
    return Finished(
        order.run,
        gathered.snapshots,
        [gap for _, gap in order.broken],
        assessments,
        lock,
        commits=(gathered.committed, judged),
        vouched=vouched,
        voids=archive.voids,
        clock=gathered.clock,
        missed=gathered.missed,
    )


def judge_shards(
    order: Order, shards: Sequence[Mapping[str, Any]], archive: Archive, store: Store, clock: Callable[[], datetime]
) -> Finished:
    """Judge the evidence of all shards (their run leaves) as one run, which collects nothing itself, and seal that."""
    started, reader, names = clock(), Reader(store), [shard["run"] for shard in shards]
    evidence = [Evidence(leaf.index, leaf.body) for leaf in evidence_of(reader.leaves(), names)]
    with archive.stage(clock()) as staging:
        assessments = _judged(order, evidence, reader.content)
        ending = seal.run_leaf(
            order.run,
            mode=order.mode,
            started=started,
            ended=clock(),
            expected=0,
            snapshots=(),
            gaps=[gap for _, gap in order.broken],
            configuration=_kept(staging, canonical.encode(order.configuration) + b"\n"),
            version=order.version,
            code=order.code,
        )
        whole = all(shard["outcome"] == "ok" for shard in shards)
        ending |= {"outcome": "ok" if whole else "partial", "shards": names}
        sealed = [_sealed(order, one, staging, clock()) for one in assessments]
        committed = archive.append([ending, *sealed], staging)
    with archive.stage(clock()) as staging:
        lock = store.lock({stored.key: stored.digest for stored in committed.objects})
        findings = (*lock.findings, *archive.voids)
        read_back = _read_back(order.run, str(store), committed, lock, findings, staging, clock())
        proved = archive.append([read_back], staging)
    return Finished(
        order.run,
        (),
        [gap for _, gap in order.broken],
        assessments,
        lock,
        commits=(committed, proved),
        vouched=Vouched(committed.sequence),
        voids=archive.voids,
        clock=skew.clock((), order.clock_seconds),
    )


def _asked(parties: Parties | None) -> dict[str, list[str]]:
    """Who is to be asked, as the run leaf says it."""
    if parties is None:
        return {}
    names = [witness.key.name for witness in parties.witnesses]
    return {"authorities": [authority.url for authority in parties.authorities], "witnesses": names}


def _vouching(run: str, vouched: Vouched) -> list[dict[str, Any]]:
    """The leaves of what outsiders gave, and of each that gave nothing."""
    given = [seal.vouched_leaf(run, vouched.commit, ((one.key, one.digest) for one in vouched.objects))]
    withheld = [
        seal.time_leaf(
            run,
            commit=vouched.commit,
            party=one.party.value,
            name=one.name,
            cause=one.cause,
            detail=one.detail,
            size=one.size,
        )
        for one in vouched.vouchers
        if one.time is None
    ]
    return [*(given if vouched.objects else []), *withheld]


def _read_back(
    run: str,
    place: str,
    committed: Committed,
    lock: Lock,
    findings: Iterable[Fault],
    staging: Staging,
    now: datetime,
) -> dict[str, Any]:
    return seal.storage_leaf(
        run,
        place=place,
        read=now,
        commit=committed.sequence,
        state=lock.state.value,
        because=lock.because,
        facts=lock.facts,
        findings=_kept(staging, seal.findings_document((found.object, found.problem) for found in findings)),
    )


def _judged(order: Order, evidence: Sequence[Evidence], content: Callable[[str], bytes]) -> list[Assessment]:
    standing = [one for one in still_standing(order.standing, evidence) if one.type != IDENTITY_MAP]
    # What was attached answers no slot: every run judges it, as nothing else would.
    collected = {one.type for one in evidence} | {one.type for one in standing if one.body.get("slot") is None}
    broken = {provider for provider, _ in order.broken}
    relevant = [
        control
        for control in order.controls
        if not collected.isdisjoint(control.evidence) or broken & {name.split(".")[0] for name in control.evidence}
    ]
    if not relevant:
        return []
    estate = frozenset(one.id for one in order.types if one.per is Per.ESTATE)
    return list(assess(relevant, [*standing, *evidence], content, order.broken, estate))


def _sealed(order: Order, assessment: Assessment, staging: Staging, now: datetime) -> dict[str, Any]:
    control = assessment.control
    return seal.outcome_leaf(
        order.run,
        control=control.id,
        assessed=now,
        rule=_kept(staging, control.text.encode()),
        parameters=dict(assessment.parameters),
        outcomes=_kept(staging, assessment.document),
        counts={verdict.value: count for verdict, count in assessment.counts.items()},
        evidence=assessment.leaves,
        catalogue=_kept(staging, catalogue(order.controls)),
    )


def _kept(staging: Staging, document: bytes) -> Content:
    return Content(staging.put(document), document.count(b"\n"))
