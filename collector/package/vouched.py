"""Between which trusted times a run lies, and who outside vouched for it, or did not, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.archive.report import Stamp
    from collector.package.facts import Verification
    from collector.package.gathered import Gathered


class Word(NamedTuple):
    """One sentence, and whether it is about something missing."""

    text: str
    lacking: bool


def words(gathered: Gathered, verification: Verification) -> list[Word]:
    """What there is to say of the run, in order; never nothing."""
    run, commit = gathered.run, gathered.leaf.sequence
    said = [
        *_before(gathered, verification),
        *_after(commit, verification),
        *(Word(f"Witnessed at {_when(one.time)} by {one.witness}.", lacking=False)
          for one in verification.cosigned if one.commit == commit),
    ]  # fmt: skip
    for one in gathered.withheld:
        verb = "stamped" if one.party == "authority" else "witnessed"
        head = "FORK: the witness" if one.cause == "forked" else f"Not {verb} by"
        said.append(Word(f"{head} {one.name}: {one.detail}.", lacking=True))
    if not (run.vouchers.authorities or run.vouchers.witnesses or said):
        return [Word("None: nobody outside was asked, so the times are the word of the collector alone.", lacking=True)]
    return said or [
        Word("Not checked: verification was given neither roots of authorities nor keys of witnesses.", lacking=True)
    ]


def _before(gathered: Gathered, verification: Verification) -> Iterator[Word]:
    cited = gathered.run.after_token
    for stamp in verification.stamps:
        if cited and stamp.object == cited.object:
            yield Word(
                f"Begun after {_when(stamp.time.time)}: it cites the token of commit {stamp.commit}.", lacking=False
            )


def _after(commit: int, verification: Verification) -> Iterator[Word]:
    """The tokens over the run's own head, or the first over a later one."""
    later = [stamp for stamp in verification.stamps if stamp.commit >= commit]
    for stamp in later:
        if stamp.commit == later[0].commit:
            yield Word(f"Evidence sealed by {_when(stamp.time.time)}: {_stamped(stamp, commit)}.", lacking=False)
    if later and later[0].commit == commit:
        yield Word("The outcomes were sealed after that; the token of the next run covers them.", lacking=False)


def _stamped(stamp: Stamp, commit: int) -> str:
    what = "stamped" if stamp.commit == commit else f"first stamped with the later commit {stamp.commit},"
    return f"{what} by {stamp.time.signer}"


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
