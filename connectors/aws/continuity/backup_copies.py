"""What became of the copies that backup plans promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.answer import Answer

_PLACE = slice(3, 5)
"""The parts of an ARN that are region and account."""
_MADE, _CAME_TO_NOTHING = "COMPLETED", "FAILED"


class Copies(NamedTuple):
    """Where else a rule's backups of a store are, and of when the newest copy there is."""

    copied_to: tuple[str, ...] | None
    copied_at: datetime | None = None
    seen: tuple[Answer, ...] = ()


class CopyJobs:
    """The copy jobs of one region that plans started, by store, plan, rule and vault."""

    def __init__(self, jobs: Iterable[Answer] | None) -> None:
        """`jobs` are the items of ListCopyJobs; None where they could not be had, which is a gap."""
        self._seen = jobs is not None
        self._jobs: dict[tuple[Any, ...], list[Answer]] = {}
        for job in jobs or ():
            by = job.get("CreatedBy") or {}
            named = (job.get("ResourceArn"), by.get("BackupPlanId"), by.get("BackupRuleId"))
            self._jobs.setdefault((*named, job.get("DestinationBackupVaultArn")), []).append(job)

    def of(self, store: str, plan: str, rule: Mapping[str, Any]) -> Copies:
        """What the copies of one store by one rule came to.

        A vault in the store's own region and account is not elsewhere. One for which every job failed has no copy; one
        of which no job is remembered yet counts by what the rule promises, and its copy has no date. Where a rule
        copies elsewhere and the jobs could not be had, it is not known whether there is a copy.
        """
        here, places = store.split(":")[_PLACE], set[str]()
        newest: datetime | None = None
        seen: list[Answer] = []
        for action in rule.get("CopyActions") or ():
            vault = action["DestinationBackupVaultArn"]
            if (place := vault.split(":")[_PLACE]) == here:
                continue
            jobs = self._jobs.get((store, plan, rule.get("RuleId"), vault), [])
            made = [one for one in jobs if one.get("State") == _MADE and one.get("CreationDate")]
            last = max(made, key=lambda one: one["CreationDate"], default=None)
            if last is None and jobs and all(one.get("State") == _CAME_TO_NOTHING for one in jobs):
                seen += jobs
                continue
            places.add(" of ".join(place))
            if last is not None:
                seen.append(last)
                # A copy is as old as its job: what was written after that began is not in it.
                newest = max(filter(None, (newest, last["CreationDate"])))
        return Copies(tuple(sorted(places)) if self._seen or not places else None, newest, tuple(seen))
