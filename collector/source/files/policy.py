"""What must be granted for files: to read the folders and prefixes that are watched, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.connector import EvidenceType


def policy(types: Iterable[EvidenceType]) -> dict[str, Any]:
    """For a folder, the right to read it; for an S3 prefix, the policy with its bucket to be filled in."""
    return {
        "evidence": sorted(one.id for one in types),
        "folder": "read and list, for the user that the collector runs as",
        "s3": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["s3:ListBucket"],
                    "Resource": ["arn:aws:s3:::BUCKET"],
                    "Condition": {"StringLike": {"s3:prefix": ["PREFIX*"]}},
                },
                {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::BUCKET/PREFIX*"]},
            ],
        },
    }
