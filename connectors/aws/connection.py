"""Signs in to AWS, finds the accounts, and opens each account's regions."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from collector.connector import Per
from collector.errors import UnreadableError, UsageError
from collector.model import Cause, Gap, Scope
from collector.source.aws import refusals
from collector.source.aws.reads import Reads, Request
from collector.source.aws.session import DEFAULT_REGION, Sessions
from collector.source.aws.source import AwsSource
from collector.source.aws.wire import Wire
from connectors.aws.at_hand import session as ours

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.connector import EvidenceType, Outside, Surroundings
    from collector.model import Window
    from collector.source.aws.reads import Page
    from collector.source.aws.session import Session
    from collector.source.recorder import Recorder
    from connectors.aws.settings import AwsSettings

NO_ORGANISATION = "AWSOrganizationsNotInUseException"
SHARED = frozenset({"sts:GetCallerIdentity", "ec2:DescribeRegions", "organizations:ListAccounts"})
"""Calls of the connection itself, made once for each account whatever is planned."""


def sign_in(settings: AwsSettings, outside: Outside) -> Callable[[Surroundings], AwsConnection]:
    """Sign in with the credentials boto3 finds by itself; UsageError when there are none, or AWS refuses them."""
    del outside  # boto3 reads the environment and the clock by its own rules
    session = ours()
    if session.get_credentials() is None:
        raise UsageError(
            "no AWS credentials found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
            "or run where a role is attached"
        )
    patience = Config(connect_timeout=settings.timeout_seconds, read_timeout=settings.timeout_seconds)
    try:
        sts = session.client("sts", region_name=session.region_name or DEFAULT_REGION, config=patience)
        identity = sts.get_caller_identity()["Arn"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        _, advice = refusals.of_code(code, error.response["ResponseMetadata"].get("HTTPStatusCode"))
        raise UsageError(f"AWS did not accept the credentials ({code}): {advice}") from error
    except (BotoCoreError, ResponseParserError) as error:
        _, advice = refusals.of_error(error)
        raise UsageError(f"AWS could not be asked who we are ({type(error).__name__}): {advice}") from error
    _, partition, _, _, account, _ = identity.split(":", 5)
    return lambda around: AwsConnection(settings, around, partition=partition, account=account)


class AwsConnection:
    """One signed-in identity, and the roles it takes in other accounts."""

    def __init__(self, settings: AwsSettings, around: Surroundings, *, partition: str, account: str) -> None:
        """`account` is the id of the account signed in to; `partition` is `aws`, `aws-cn` or `aws-us-gov`."""
        self._settings = settings
        self._around = around
        self._partition = partition
        self._account = account
        threads = around.pool.threads
        wire = Wire(around.clock, connections=threads, timeout=settings.timeout_seconds)
        self._sessions = Sessions(
            wire, connections=threads, attempts=settings.attempts, timeout=settings.timeout_seconds
        )
        session = self._sessions.ambient()
        self._lock, self._finding = threading.Lock(), threading.Lock()
        self._opened = {account: (session, Reads(session, around, SHARED))}
        self._scopes: list[Scope] = []

    def home(self) -> Scope:
        """The account signed in to, where the organisation is read."""
        return next(scope for scope in self.scopes() if scope.unit_id == self._account)

    def scopes(self) -> Sequence[Scope]:
        """The account signed in to and, where a role is configured, every active account of the organisation."""
        with self._finding:
            if not self._scopes:
                self._scopes = self._find_scopes(*self._opened[self._account])
        return self._scopes

    def sources(
        self, evidence: EvidenceType, scope: Scope, window: Window | None, recorder: Recorder
    ) -> Sequence[AwsSource]:
        """One source for each enabled region, or one for the account."""
        session, reads = self._open(scope)
        identity = reads.identify()
        recorder.exchange(identity.exchange)
        if identity.gap is not None:
            raise UnreadableError(identity.gap)
        regions: tuple[str, ...] = ()
        if evidence.per is Per.PLACE or "ec2:DescribeRegions" in evidence.needs:
            regions = _enabled(_proved(reads, recorder, regions_request(session.region)))
        here = AwsSource(
            reads,
            recorder,
            self._around,
            scope=scope,
            place=session.region,
            caller=identity.fields["Arn"],
            regions=regions,
            settings=self._settings,
            in_scope=frozenset(unit.unit_id for unit in self.scopes()),
            window=window,
            needs=frozenset(evidence.needs) | SHARED,
        )
        return [here.at(region) for region in regions] if evidence.per is Per.PLACE else [here]

    def close(self) -> None:
        """Let go of every client and connection."""
        for session, _ in self._opened.values():
            session.close()
        self._sessions.close()

    def _find_scopes(self, session: Session, reads: Reads) -> list[Scope]:
        accounts = {self._account: Scope("aws", self._account)}
        for page in reads.pages(accounts_request(session.region)):
            if page.gap is not None and not page.absent((NO_ORGANISATION,)) and self._settings.role:
                raise UsageError(
                    f"[aws] role is set, but the accounts of the organisation cannot be listed ({page.gap.detail}): "
                    "sign in to the management account or a delegated administrator, or leave role empty"
                )
            accounts |= {
                account["Id"]: Scope("aws", account["Id"], account.get("Name") or "")
                for account in page.fields.get("Accounts", ())
                if _collected(account, self._settings, self._account)
            }
        return sorted(accounts.values())

    def _open(self, scope: Scope) -> tuple[Session, Reads]:
        with self._lock:
            if scope.unit_id not in self._opened:
                home, _ = self._opened[self._account]
                arn = f"arn:{self._partition}:iam::{scope.unit_id}:role/{self._settings.role}"
                session = self._sessions.assumed(home, arn, external_id=self._settings.external_id)
                self._opened[scope.unit_id] = (session, Reads(session, self._around, SHARED))
            return self._opened[scope.unit_id]


def accounts_request(region: str) -> Request:
    """The list of the organisation's accounts; an account outside any organisation has none."""
    return Request("organizations", "ListAccounts", region, ("Accounts",), {})


def regions_request(region: str) -> Request:
    """Every region there is, with its opt-in status."""
    return Request("ec2", "DescribeRegions", region, ("Regions",), {"AllRegions": True})


def _proved(reads: Reads, recorder: Recorder, request: Request) -> Page:
    (page,) = reads.pages(request)
    recorder.exchange(page.exchange)
    if page.gap is not None:
        raise UnreadableError(page.gap)
    return page


def _enabled(page: Page) -> tuple[str, ...]:
    """Regions that are on by default or were opted in to; one that is off holds nothing, and is no gap."""
    regions = page.fields["Regions"]
    enabled = tuple(sorted(region["RegionName"] for region in regions if region.get("OptInStatus") != "not-opted-in"))
    if not enabled:
        raise UnreadableError(Gap(Cause.TRUNCATED, "ec2:DescribeRegions", "no region is enabled, which cannot be"))
    return enabled


def _collected(account: dict[str, str], settings: AwsSettings, home: str) -> bool:
    if account["Id"] in settings.excluded_accounts:
        return False
    return account["Id"] == home or bool(settings.role and _active(account))


def _active(account: dict[str, str]) -> bool:
    """AWS is replacing `Status` by `State`; either may be missing."""
    return (account.get("State") or account.get("Status")) == "ACTIVE"
