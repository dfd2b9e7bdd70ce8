"""What a Google Cloud Storage service holds: buckets and generations of objects, under the rules of its JSON API.

Every method takes the one lock, so a condition and what it guards are one step, as they are at Google.
"""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import TYPE_CHECKING, Any

import google_crc32c

if TYPE_CHECKING:
    from collections.abc import Iterator

WEEK_SECONDS = 604_800
PROJECT = "123456789012"
"""The number of the project that all buckets are in."""


class Refused(Exception):  # noqa: N818 - it is an answer
    """An error as Google words it: the status, its name for the reason, and a sentence."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message


@dataclass
class Generation:
    """One version of an object; `gone` since it is not the live one, `deleted` since it is kept as deleted only."""

    name: str
    number: int
    content: bytes
    fields: dict[str, Any]
    created: datetime
    gone: datetime | None = None
    deleted: datetime | None = None


@dataclass
class Bucket:
    """A bucket's metadata, and the generations in it."""

    name: str
    fields: dict[str, Any]
    metageneration: int = 1
    bindings: list[dict[str, Any]] | None = field(default_factory=list)
    """Of its policy; None: the caller may not see it."""
    generations: list[Generation] = field(default_factory=list)

    def live(self, name: str) -> Generation | None:
        return next((one for one in self.generations if one.name == name and not one.gone and not one.deleted), None)

    @property
    def period(self) -> int:
        return int(self.fields.get("retentionPolicy", {}).get("retentionPeriod", 0))


class Service:
    """All buckets. `ignores_conditions`: as a service that takes ifGenerationMatch and does not mind it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.buckets: dict[str, Bucket] = {}
        self.ignores_conditions = False
        self.project_policy: dict[str, Any] | None = {"version": 1, "etag": "BwXhqDVpn1I="}
        """What Resource Manager says of the project; None: the caller may not see it."""
        self.roles: dict[str, list[str] | None] = {}
        """What each role that IAM knows gives; None: the caller may not see it."""
        self._last = 1_700_000_000_000_000

    def create(self, name: str, fields: dict[str, Any], *, object_retention: bool = False) -> dict[str, Any]:
        with self.lock:
            if name in self.buckets:
                raise Refused(409, "conflict", "Your previous request to create the named bucket succeeded.")
            fields.setdefault("softDeletePolicy", {"retentionDurationSeconds": str(WEEK_SECONDS)})
            if object_retention:
                fields["objectRetention"] = {"mode": "Enabled"}
            self.buckets[name] = Bucket(name, fields)
            return self.described(name)

    def policy(self) -> dict[str, Any]:
        """Resource Manager's policy of the project that all buckets are in."""
        if self.project_policy is None:
            raise Refused(403, "forbidden", "The caller does not have permission")
        return self.project_policy

    def bucket_policy(self, name: str, version: int) -> dict[str, Any]:
        """Google refuses a policy with conditions to whoever asks for an older version."""
        bucket = self.bucket(name)
        if bucket.bindings is None:
            raise Refused(403, "forbidden", f"Permission 'storage.buckets.getIamPolicy' denied on resource '{name}'")
        conditional = any("condition" in one for one in bucket.bindings)
        if conditional and version < 3:
            raise Refused(400, "invalid", "Requested policy version does not support the conditions of the policy.")
        told = {
            "kind": "storage#policy",
            "resourceId": f"projects/_/buckets/{name}",
            "version": 3 if conditional else 1,
        }
        return told | {"etag": "CAE=", **({"bindings": bucket.bindings} if bucket.bindings else {})}

    def role(self, name: str) -> dict[str, Any]:
        """IAM's definition of a role."""
        if name not in self.roles:
            raise Refused(404, "notFound", f"The role named {name} was not found.")
        given = self.roles[name]
        if given is None:
            raise Refused(403, "forbidden", f"You don't have permission to get the role at {name}.")
        return {"name": name, "title": name, "stage": "GA", "etag": "AA==", "includedPermissions": given}

    def bucket(self, name: str) -> Bucket:
        if name not in self.buckets:
            raise Refused(404, "notFound", "The specified bucket does not exist.")
        return self.buckets[name]

    def described(self, name: str) -> dict[str, Any]:
        bucket = self.bucket(name)
        told = {
            "kind": "storage#bucket",
            "id": name,
            "name": name,
            "projectNumber": PROJECT,
            "metageneration": str(bucket.metageneration),
        }
        return told | {key: value for key, value in bucket.fields.items() if key not in told}

    def change(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            bucket = self.bucket(name)
            held = bucket.fields.get("retentionPolicy", {})
            if held.get("isLocked") and "retentionPolicy" in fields:
                wanted = int((fields["retentionPolicy"] or {}).get("retentionPeriod", 0))
                if wanted < bucket.period:
                    raise Refused(403, "forbidden", f"Cannot reduce retention duration of a locked policy of '{name}'.")
                fields["retentionPolicy"] |= {"isLocked": True}
            bucket.fields |= fields
            bucket.fields = {key: value for key, value in bucket.fields.items() if value is not None}
            bucket.metageneration += 1
            return self.described(name)

    def lock_retention(self, name: str, metageneration: str) -> dict[str, Any]:
        with self.lock:
            bucket = self.bucket(name)
            if str(bucket.metageneration) != metageneration:
                raise Refused(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
            if not bucket.period:
                raise Refused(400, "invalid", "There is no retention policy to lock.")
            bucket.fields["retentionPolicy"]["isLocked"] = True
            bucket.metageneration += 1
            return self.described(name)

    def put(self, bucket_name: str, name: str, content: bytes, fields: dict[str, Any], match: str | None) -> Generation:
        """A new live generation; `match` is ifGenerationMatch as it was sent."""
        with self.lock:
            bucket = self.bucket(bucket_name)
            there = bucket.live(name)
            if match is not None and not self.ignores_conditions and str(there.number if there else 0) != match:
                raise Refused(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
            self._check_sums(content, fields)
            if "retention" in fields and bucket.fields.get("objectRetention", {}).get("mode") != "Enabled":
                raise Refused(400, "invalid", "Object retention is not enabled on this bucket.")
            if there:
                self._replace(bucket, there)
            self._last += 1
            made = Generation(name, self._last, content, fields, datetime.now(UTC))
            bucket.generations.append(made)
            return made

    def get(self, bucket_name: str, name: str, number: str | None = None) -> Generation:
        with self.lock:
            bucket = self.bucket(bucket_name)
            kept = (one for one in bucket.generations if one.name == name and not one.deleted)
            found = (
                bucket.live(name) if number is None else next((one for one in kept if str(one.number) == number), None)
            )
            if found is None:
                raise Refused(404, "notFound", f"No such object: {bucket_name}/{name}")
            return found

    def delete(self, bucket_name: str, name: str) -> None:
        with self.lock:
            self._replace(self.bucket(bucket_name), self.get(bucket_name, name))

    def retain(self, bucket_name: str, name: str, fields: dict[str, Any]) -> Generation:
        """Change an object's metadata or its own retention, which is never shortened once it is locked."""
        with self.lock:
            found = self.get(bucket_name, name)
            held, wanted = found.fields.get("retention"), fields.get("retention", {})
            if "retention" in fields and held and held["mode"] == "Locked":
                sooner = not wanted or _time(wanted["retainUntilTime"]) < _time(held["retainUntilTime"])
                if sooner or wanted["mode"] != "Locked":
                    raise Refused(403, "forbidden", "The retention of this object is locked.")
            found.fields |= fields
            return found

    def list(self, bucket_name: str, prefix: str, *, versions: bool, deleted: bool) -> list[Generation]:
        with self.lock:
            chosen = (one for one in self.bucket(bucket_name).generations if one.name.startswith(prefix))
            if deleted:
                chosen = (one for one in chosen if one.deleted)
            else:
                chosen = (one for one in chosen if not one.deleted and (versions or not one.gone))
            return sorted(chosen, key=lambda one: (one.name.encode(), one.number))

    def shown(self, bucket_name: str, one: Generation) -> dict[str, Any]:
        """An object's metadata as JSON."""
        told = {
            "kind": "storage#object",
            "id": f"{bucket_name}/{one.name}/{one.number}",
            "name": one.name,
            "bucket": bucket_name,
            "generation": str(one.number),
            "metageneration": "1",
            "contentType": one.fields.get("contentType", "application/octet-stream"),
            "size": str(len(one.content)),
            "timeCreated": _written(one.created),
            "updated": _written(one.created),
            **sums(one.content),
        }
        for name in ("metadata", "retention", "temporaryHold", "eventBasedHold"):
            if one.fields.get(name):
                told[name] = one.fields[name]
        dates = [*self._held_until(self.bucket(bucket_name), one)]
        optional = {
            "timeDeleted": one.gone,
            "softDeleteTime": one.deleted,
            "retentionExpirationTime": max(dates) if dates else None,
        }
        return told | {name: _written(date) for name, date in optional.items() if date}

    def _held_until(self, bucket: Bucket, one: Generation) -> Iterator[datetime]:
        if bucket.period:
            yield one.created + timedelta(seconds=bucket.period)
        if own := one.fields.get("retention"):
            yield _time(own["retainUntilTime"])

    def _replace(self, bucket: Bucket, there: Generation) -> None:
        """With versions, what is retained is made noncurrent; without, it must stay."""
        now = datetime.now(UTC)
        if bucket.fields.get("versioning", {}).get("enabled"):
            there.gone = now
            return
        if any(date > now for date in self._held_until(bucket, there)):
            raise Refused(
                403,
                "retentionPolicyNotMet",
                f"Object '{bucket.name}/{there.name}' is subject to bucket's retention policy or object retention and "
                "cannot be deleted or overwritten.",
            )
        there.gone = there.deleted = now
        if not int(bucket.fields["softDeletePolicy"]["retentionDurationSeconds"]):
            bucket.generations.remove(there)

    def _check_sums(self, content: bytes, fields: dict[str, Any]) -> None:
        for name, computed in sums(content).items():
            if fields.get(name, computed) != computed:
                raise Refused(400, "invalid", f"Provided {name} hash doesn't match calculated {name} hash.")


def sums(content: bytes) -> dict[str, str]:
    """MD5 and CRC32C as the API writes them."""
    return {
        "md5Hash": base64.b64encode(md5(content, usedforsecurity=False).digest()).decode(),
        "crc32c": base64.b64encode(google_crc32c.value(content).to_bytes(4, "big")).decode(),
    }


def _written(date: datetime) -> str:
    return date.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
