"""What happens in the account over the year: people come and go, keys age, a bucket opens and closes, backups fail."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.events import Happening as Event
from tests.doubles.aws.estate.events import event_at
from tests.doubles.aws.estate.trails import BLOCK_ALL
from tests.doubles.aws.supplement.backup import JOBS, PROTECTED
from tests.doubles.aws.supplement.cloudtrail import EVENTS
from tests.doubles.aws.supplement.iam import CREDENTIALS, REPORT
from tests.doubles.year import almanac, aws_ground
from tests.doubles.year.almanac import at
from tests.doubles.year.part import Happening
from tests.doubles.year.staff import FOUNDERS, JOINERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.process import AwsDouble
    from tests.doubles.year.staff import Staff

_IAM, _SIGN_IN = "iam.amazonaws.com", "signin.amazonaws.com"
_EVENTS_IN = "us-east-1"
_PASSWORD = "Loopback-0nly-!"  # noqa: S105 - not a secret: nothing checks it
_FORGETFUL, _FORGOT_DAYS = "ines.duarte", 12
"""She had a password for so many days before she had a second factor."""
_REPORT_HOUR = timedelta(hours=1, minutes=20)
"""Somebody else has a credential report made every night: what the collector is given is older than its question."""
_JOB_HOUR = timedelta(hours=5)
_FAILED_NIGHTS = 5
_NIGHT = timedelta(days=1)


class Script:
    """All that is to happen, in order; and what the supplements are to hold at a moment."""

    def __init__(self, account: Account, double: AwsDouble, staff: Staff, chance: Random) -> None:
        self._account = account
        self._double = double
        self._staff = staff
        self._signed_in: dict[str, datetime] = {}
        self._events: list[dict[str, Any]] = []
        """That the double has not been told of yet."""
        self._jobs_until = at(-35)
        joined = {name: staff.joined[name] for name in JOINERS}
        self.facts: dict[str, Any] = {"joined": joined, "left": staff.left, "keys": [], "failed_nights": []}
        self._failing = set(chance.sample(range(5, almanac.STOPPED.first), _FAILED_NIGHTS))
        self._plot = sorted(
            [*self._people(), *self._keys(), *self._bucket(), *self._sign_ins(chance)], key=attrgetter("at")
        )

    def due(self, moment: datetime) -> Iterator[Happening]:
        """What is to happen up to this moment and has not happened yet."""
        while self._plot and self._plot[0].at <= moment:
            yield self._plot.pop(0)

    def standing(self, moment: datetime) -> list[dict[str, Any]]:
        """What is read anew each time: last night's report and jobs, and when everybody was last there."""
        report = moment.replace(hour=0, minute=0) + _REPORT_HOUR
        while report > moment:
            report -= timedelta(hours=4)
        rows = [aws_ground.root_row()]
        rows += [
            {"user": name, "password_last_used": f"{last:%Y-%m-%dT%H:%M:%S}+00:00"}
            for name, last in self._signed_in.items()
        ]
        home, events, self._events = aws_ground.HOME, self._events, []
        return [
            self._batch(EVENTS, _EVENTS_IN, events),
            self._batch(CREDENTIALS, "", rows, replace=True),
            self._batch(REPORT, "", [{"GeneratedTime": report.isoformat()}], replace=True),
            self._batch(JOBS, home, list(self._jobs(moment))),
            self._batch(PROTECTED, home, [self._protected(moment)], replace=True),
        ]

    def _people(self) -> Iterator[Happening]:
        for name in FOUNDERS:
            founded = self._staff.joined[name]
            yield Happening(founded, self._joins(name, founded))
            yield Happening(founded + timedelta(hours=1), self._enrols(name))
        for name in JOINERS:
            moment = self._staff.joined[name]
            yield Happening(moment, self._joins(name, moment))
            later = timedelta(days=_FORGOT_DAYS) if name == _FORGETFUL else timedelta(hours=3)
            yield Happening(moment + later, self._enrols(name))
        for name, moment in self._staff.left.items():
            yield Happening(moment, self._leaves(name, moment))

    def _keys(self) -> Iterator[Happening]:
        """One key is rotated now and then, too late once; another never. Both were there before."""
        yield Happening(at(-60), self._service("svc-deploy", at(-60)))
        yield Happening(at(-10), self._service("svc-report", at(-10)))
        for day in (47, 133, 215, 300):
            self.facts["keys"].append(at(day, 10))
            yield Happening(at(day, 10), self._rotates("svc-deploy", at(day, 10)))

    def _bucket(self) -> Iterator[Happening]:
        yield Happening(almanac.OPENED, self._opens)
        yield Happening(almanac.CLOSED, self._closes)
        deny = {"service": "s3", "operation": "ListBuckets"}
        yield Happening(almanac.DENIED.start, lambda: self._double.fault("deny", match=deny))
        yield Happening(almanac.DENIED.stop, self._double.clear_faults)

    def _sign_ins(self, chance: Random) -> Iterator[Happening]:
        for day in range(-20, almanac.DAYS):
            for name in chance.sample(FOUNDERS, 2):
                moment = at(day, chance.randrange(6, 18), chance.randrange(60))
                yield Happening(moment, self._signs_in(name, moment))
            for name in JOINERS:
                if chance.random() < 0.15:
                    moment = at(day, chance.randrange(6, 18), chance.randrange(60))
                    yield Happening(moment, self._signs_in(name, moment))
        root = at(222, 11)  # while nobody collected: only the source's own memory can still tell
        self.facts["root"] = root
        yield Happening(root, lambda: self._event(root, "ConsoleLogin", _SIGN_IN, "root", (("MFAUsed", "Yes"),)))

    def _joins(self, name: str, moment: datetime) -> Callable[[], None]:
        def do() -> None:
            iam = self._account.client("iam")
            iam.create_user(UserName=name)
            iam.create_login_profile(UserName=name, Password=_PASSWORD)
            self._signed_in[name] = moment + timedelta(minutes=30)
            self._event(moment, "CreateUser", _IAM, "anna.keller", (), name)

        return do

    def _enrols(self, name: str) -> Callable[[], None]:
        def do() -> None:
            iam = self._account.client("iam")
            device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
            codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
            iam.enable_mfa_device(UserName=name, SerialNumber=device, **codes)

        return do

    def _leaves(self, name: str, moment: datetime) -> Callable[[], None]:
        def do() -> None:
            iam = self._account.client("iam")
            for device in iam.list_mfa_devices(UserName=name)["MFADevices"]:
                iam.deactivate_mfa_device(UserName=name, SerialNumber=device["SerialNumber"])
                iam.delete_virtual_mfa_device(SerialNumber=device["SerialNumber"])
            iam.delete_login_profile(UserName=name)
            iam.delete_user(UserName=name)
            self._signed_in.pop(name, None)
            self._event(moment, "DeleteUser", _IAM, "anna.keller", (), name)

        return do

    def _service(self, name: str, moment: datetime) -> Callable[[], None]:
        def do() -> None:
            iam = self._account.client("iam")
            iam.create_user(UserName=name)
            iam.create_access_key(UserName=name)
            self._event(moment, "CreateAccessKey", _IAM, "anna.keller", (), name)

        return do

    def _rotates(self, name: str, moment: datetime) -> Callable[[], None]:
        def do() -> None:
            iam = self._account.client("iam")
            (old,) = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
            iam.create_access_key(UserName=name)
            iam.delete_access_key(UserName=name, AccessKeyId=old["AccessKeyId"])
            self._event(moment, "CreateAccessKey", _IAM, "anna.keller", (), name)

        return do

    def _opens(self) -> None:
        s3 = self._account.client("s3")
        s3.delete_public_access_block(Bucket=almanac.BUCKET)
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
        statement |= {"Resource": f"arn:aws:s3:::{almanac.BUCKET}/*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        s3.put_bucket_policy(Bucket=almanac.BUCKET, Policy=policy)

    def _closes(self) -> None:
        s3 = self._account.client("s3")
        s3.delete_bucket_policy(Bucket=almanac.BUCKET)
        s3.put_public_access_block(Bucket=almanac.BUCKET, PublicAccessBlockConfiguration=BLOCK_ALL)

    def _signs_in(self, name: str, moment: datetime) -> Callable[[], None]:
        def do() -> None:
            if name in self._signed_in:
                self._signed_in[name] = moment
                self._event(moment, "ConsoleLogin", _SIGN_IN, name, (("MFAUsed", "Yes"),))

        return do

    def _event(
        self, moment: datetime, name: str, source: str, user: str, extra: tuple[tuple[str, str], ...], target: str = ""
    ) -> None:
        event = Event(0, name, source, user, target, extra=extra)
        label = f"{moment.isoformat()}/{name}/{user}/{target}"
        found = event_at(moment.isoformat(), self._account.id, _EVENTS_IN, label, event)
        self._events.append(found)

    def _jobs(self, moment: datetime) -> Iterator[dict[str, Any]]:
        """Every night's job that has ended since the last look."""
        while self._jobs_until + _JOB_HOUR + timedelta(hours=1) <= moment:
            yield self._job(self._jobs_until + _JOB_HOUR)
            self._jobs_until += _NIGHT

    def _job(self, created: datetime) -> dict[str, Any]:
        failed = (created - almanac.START).days in self._failing and created >= almanac.START
        if failed:
            self.facts["failed_nights"].append(created)
        account, vault = self._account.id, aws_ground.VAULT
        job = {
            "AccountId": account,
            "BackupJobId": str(uuid.uuid5(uuid.NAMESPACE_URL, created.isoformat())).upper(),
            "BackupVaultName": vault,
            "BackupVaultArn": f"arn:aws:backup:{aws_ground.HOME}:{account}:backup-vault:{vault}",
            "ResourceArn": aws_ground.table_arn(account),
            "ResourceType": "DynamoDB",
            "CreationDate": created.isoformat(),
            "CompletionDate": (created + timedelta(minutes=25)).isoformat(),
            "State": "FAILED" if failed else "COMPLETED",
            "MessageCategory": "AccessDenied" if failed else "SUCCESS",
            "PercentDone": "0.0" if failed else "100.0",
            "BackupSizeInBytes": 50_000_000,
            "StartBy": (created + timedelta(hours=1)).isoformat(),
            "IsParent": False,
        }
        return job | ({"StatusMessage": "FAILED: AccessDenied"} if failed else {})

    def _protected(self, moment: datetime) -> dict[str, Any]:
        last = (moment - timedelta(hours=6)).replace(hour=5, minute=25)
        arn = aws_ground.table_arn(self._account.id)
        return {"ResourceArn": arn, "ResourceType": "DynamoDB", "LastBackupTime": last.isoformat()}

    def _batch(self, kind: str, region: str, items: list[dict[str, Any]], *, replace: bool = False) -> dict[str, Any]:
        return {"kind": kind, "account": self._account.id, "region": region, "items": items, "replace": replace}
