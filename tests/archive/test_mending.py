"""What `collector init` prints for a bucket is carried out to the letter; asked again, it finds nothing missing."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from collector.archive import bucket_policy
from collector.archive.places import bucket_at
from collector.archive.s3_lock import policy_of
from collector.archive.worm import State
from collector.cli.init import command as init

from . import rgw
from .buckets import store_in

if TYPE_CHECKING:
    from pathlib import Path

    from .buckets import Server


@pytest.fixture
def s3(moto: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Server:
    monkeypatch.chdir(tmp_path)
    return moto.use(monkeypatch)


@pytest.fixture
def ceph(gateway: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Server:
    monkeypatch.chdir(tmp_path)
    return gateway.use(monkeypatch)


def said(url: str) -> tuple[int, str]:
    """How `init` ends, and all that it says, its last error included."""
    outcome = CliRunner().invoke(init, ["--archive", url])
    return outcome.exit_code, outcome.output + str(outcome.exception or "")


def carry_out(printed: str, client: Any) -> list[str]:
    """Run each printed `aws s3api` command through boto3, its files being what was printed before it; their names."""
    done = []
    document = ""
    for line in re.findall(r"(?ms)^\{$.*?^\}$|^  aws s3api .*?$", printed):
        if line.startswith("{"):
            document = line
            continue
        aws, s3api, command, *arguments = shlex.split(line)
        assert (aws, s3api) == ("aws", "s3api")
        given = dict(zip(arguments[::2], arguments[1::2], strict=True))
        assert given.pop("--endpoint-url") == client.meta.endpoint_url
        assert given.pop("--region") == client.meta.region_name
        getattr(client, command.replace("-", "_"))(**dict(argument(*one, document) for one in given.items()))
        done.append(command)
    return done


def argument(option: str, value: str, document: str) -> tuple[str, Any]:
    """An option of the aws command as boto3 takes it: a JSON structure, its one-line shorthand, a file or a word."""
    name = "".join(word.capitalize() for word in option.strip("-").split("-"))
    if value.startswith("file://"):
        return name, document
    if value.startswith("{"):
        return name, json.loads(value)
    if "=" in value:
        return name, dict(part.split("=") for part in value.split(","))
    return name, value


def test_a_bare_bucket_is_mended_by_what_is_printed(s3: Server) -> None:
    url = s3.bucket(locked=False)
    code, printed = said(url)
    assert code == 1
    assert carry_out(printed, s3.client) == [
        "put-bucket-versioning",
        "put-object-lock-configuration",
        "put-bucket-policy",
    ]
    _, again = said(url)
    assert "missing" not in again
    assert "aws s3api" not in again
    assert "could not tell" not in again
    # moto reads no conditions and refuses every put now, as Ceph 16 does: here the archive can only be made without
    # the two denials that have one, and then these are all that is said to be missing.
    plain = [one for one in bucket_policy.denials(bucket_at(url), 730) if "Condition" not in one]
    name = bucket_at(url).name
    s3.client.put_bucket_policy(Bucket=name, Policy=json.dumps(bucket_policy.document(plain)))
    code, made = said(url)
    assert code == 0, made
    assert re.findall(r"(?m)^missing: (.*?)\.", made) == [
        f"NoPutOverAnything, NoShorterLock in the policy of bucket {name}"
    ]
    lock = store_in(url).lock()
    assert (lock.state, lock.facts["default_retention"], lock.findings) == (State.LOCKED, "COMPLIANCE 730 days", ())


@pytest.mark.parametrize("kept", ["", "NoDeletion", "NoShorterLock"])
def test_only_what_a_policy_lacks_is_asked_for(s3: Server, kept: str) -> None:
    """The printed words are to save the new statements with the old: so it is done, and nothing is missing then."""
    url = s3.bucket(locked=True)
    bucket = bucket_at(url)
    own = [one for one in bucket_policy.denials(bucket, 730) if one["Sid"] == kept]
    own.append({"Sid": "Mine", "Effect": "Deny", "Principal": "*", "Action": "s3:PutBucketAcl", "Resource": "*"})
    s3.client.put_bucket_policy(Bucket=bucket.name, Policy=json.dumps(bucket_policy.document(own)))
    store = store_in(url)
    lacking = bucket_policy.lacking(policy_of(store._calls), bucket_policy.denials(bucket, 730))
    _, printed = said(url)
    statement = re.search(r"(?m)^missing: (.*) in the policy of bucket", printed)
    assert statement is not None
    assert statement[1].split(", ") == [one["Sid"] for one in lacking]
    assert kept not in statement[1].split(", ")
    s3.client.put_bucket_policy(Bucket=bucket.name, Policy=json.dumps(bucket_policy.document([*own, *lacking])))
    assert bucket_policy.lacking(policy_of(store._calls), bucket_policy.denials(bucket, 730)) == []


@pytest.mark.rgw
@pytest.mark.skipif(bool(rgw.missing()), reason=rgw.missing())
def test_a_real_server_takes_what_is_printed(ceph: Server) -> None:
    """A real parser of policies and of lock settings reads each printed word, and gives back all that `init` looks for.

    That puts go through under the two conditional denials cannot be shown here: Ceph 16 does not know their keys.
    """
    url = ceph.bucket(locked=True)
    _, printed = said(url)
    (wanted,) = [one for one in re.findall(r"(?ms)^\{$.*?^\}$", printed) if '"Deny"' in one]
    assert carry_out(printed, ceph.client) == ["put-object-lock-configuration", "put-bucket-policy"]
    store = store_in(url)
    assert store.lock().facts["default_retention"] == "COMPLIANCE 730 days"
    denials = bucket_policy.denials(bucket_at(url), 730)
    assert json.loads(wanted)["Statement"] == denials
    assert bucket_policy.lacking(policy_of(store._calls), denials) == []
