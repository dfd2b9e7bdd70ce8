"""Who works for the company of the year, and until when: HR's list and the accounts follow from it, each in its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.doubles.year import almanac
from tests.doubles.year.almanac import at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from random import Random

FOUNDERS = ("anna.keller", "ben.ortiz", "carla.nunes", "eve.martin")
JOINERS = ("gina.rossi", "hugo.lindt", "ines.duarte", "jonas.vik", "katya.orlova", "liam.byrne", "mara.stein")
_LEAVERS = 4
FORGOTTEN, FORGOTTEN_DAYS = "ben.ortiz", 3
"""His user in AWS was removed so many days after his last one, and his login at GitHub never."""
FORGOTTEN_LOGIN = "farah"
SERVICES = {"svc-deploy": "anna.keller", "svc-report": "carla.nunes"}
"""Users of programs, and who answers for each."""


@dataclass(frozen=True, slots=True)
class Staff:
    """When each of them began, and when the accounts of those who left were removed."""

    joined: Mapping[str, datetime]
    left: Mapping[str, datetime]

    def last_day(self, name: str) -> date | None:
        """The last day of work, as HR has it; None for who stays."""
        if name not in self.left:
            return None
        late = timedelta(days=FORGOTTEN_DAYS) if name == FORGOTTEN else timedelta()
        return (self.left[name] - late).date()


def staff(chance: Random) -> Staff:
    """The people of one year."""
    starts = sorted(chance.sample(range(3, 190), len(JOINERS)))
    began = dict(zip(JOINERS, starts, strict=True))
    joined = {name: at(began[name], chance.randrange(7, 17), chance.randrange(60)) for name in JOINERS}
    left = {}
    for name in (*chance.sample(JOINERS, _LEAVERS - 1), FORGOTTEN):
        day = chance.randrange(began.get(name, 0) + 30, almanac.DAYS - 5)
        left[name] = at(day, chance.randrange(9, 18))
    return Staff({**dict.fromkeys(FOUNDERS, at(-120)), **joined}, left)
