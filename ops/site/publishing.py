"""What of a build the bucket lacks, and in which order it gets it.

A visitor may ask for anything at any moment, and a tab that was opened an hour ago still asks for
the files of then. So assets come before the pages that name them, the service worker, which fetches
the new pages, comes last, and what a build has no more is not deleted but retired: it stays until
the bucket's lifecycle rule takes it.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops import OperatorError

# Terraform's own: see aws_s3_object.settings in modules/cdn.
SETTINGS = "config.json"
INDEX = "index.html"
SERVICE_WORKER = "sw.js"

ASSETS = "assets/"
FOR_EVER = "public, max-age=31536000, immutable"  # the name carries the content
ASK_FIRST = "no-cache"
NEVER = "no-store"

# Of what mimetypes does not know on every machine, or not as browsers want it.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
RETIRED = (
    "retired"  # tag of the lifecycle rule, and a word in the metadata, which costs no right to read
)
WORKERS = 8


@dataclass(frozen=True)
class File:
    """A file of a build, as the bucket should have it."""

    key: str
    path: Path

    @property
    def content_type(self) -> str:
        suffix = self.path.suffix.lower()
        return TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")

    @property
    def cache_control(self) -> str:
        if self.key.startswith(ASSETS):
            return FOR_EVER
        return NEVER if self.key == INDEX else ASK_FIRST

    @property
    def order(self) -> tuple[int, str]:
        """Assets, the rest, the page that names them, the worker that fetches the page."""
        if self.key.startswith(ASSETS):
            return 0, self.key
        return {INDEX: 2, SERVICE_WORKER: 3}.get(self.key, 1), self.key


@dataclass
class Published:
    """What a publication changed, by key."""

    uploaded: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)

    @property
    def stale_paths(self) -> list[str]:
        """Paths of which CloudFront may hold something else: an asset's name is its content's."""
        changed = [*self.uploaded, *self.retired]
        return sorted(f"/{key}" for key in changed if not key.startswith(ASSETS))


def files(folder: Path) -> list[File]:
    """What a build is to have in the bucket, in the order of uploading. Raises OperatorError."""
    found = [
        File(path.relative_to(folder).as_posix(), path)
        for path in folder.rglob("*")
        if path.is_file()
    ]
    wanted = [file for file in found if file.key != SETTINGS]
    if INDEX not in {file.key for file in wanted}:
        raise OperatorError(f"{folder} has no {INDEX}: it is no site")
    return sorted(wanted, key=lambda file: file.order)


def publish(s3: Any, bucket: str, folder: Path) -> Published:
    """Make the bucket hold the build in `folder`, by as few changes as that takes."""
    wanted = files(folder)
    there = _contents(s3, bucket)
    done = Published()
    with ThreadPoolExecutor(WORKERS) as pool:
        current = dict(zip(there, pool.map(lambda key: _head(s3, bucket, key), there), strict=True))
        changed = [file for file in wanted if not _holds(current.get(file.key), file)]
        # Each step waits for the one before it.
        for step in sorted({file.order[0] for file in changed}):
            batch = [file for file in changed if file.order[0] == step]
            list(pool.map(lambda file: _upload(s3, bucket, file), batch))
            done.uploaded += [file.key for file in batch]
        keys = {file.key for file in wanted} | {SETTINGS}
        done.retired = [key for key in there if key not in keys and not _is_retired(current[key])]
        list(pool.map(lambda key: _retire(s3, bucket, key, current[key]), done.retired))
    return done


def invalidate(cloudfront: Any, distribution: str, paths: Iterable[str], reference: str) -> str:
    """Have CloudFront forget these paths; the ID of the invalidation. The same reference and paths
    are the same invalidation."""
    items = sorted(paths)
    answer = cloudfront.create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "Paths": {"Quantity": len(items), "Items": items},
            "CallerReference": reference,
        },
    )
    return str(answer["Invalidation"]["Id"])


def _contents(s3: Any, bucket: str) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def _head(s3: Any, bucket: str, key: str) -> dict[str, Any]:
    answer: dict[str, Any] = s3.head_object(Bucket=bucket, Key=key)
    return answer


def _is_retired(head: dict[str, Any]) -> bool:
    return RETIRED in head.get("Metadata", {})


def _holds(head: dict[str, Any] | None, file: File) -> bool:
    """Whether the bucket has this very file, and is to keep it. The ETag of what is put in one
    piece under S3's own keys is the content's MD5."""
    if head is None or _is_retired(head):
        return False
    content = hashlib.md5(file.path.read_bytes(), usedforsecurity=False).hexdigest()
    return (head["ETag"].strip('"'), head.get("ContentType"), head.get("CacheControl")) == (
        content,
        file.content_type,
        file.cache_control,
    )


def _upload(s3: Any, bucket: str, file: File) -> None:
    s3.put_object(
        Bucket=bucket,
        Key=file.key,
        Body=file.path.read_bytes(),
        ContentType=file.content_type,
        CacheControl=file.cache_control,
    )


def _retire(s3: Any, bucket: str, key: str, head: dict[str, Any]) -> None:
    """Copied onto itself: the lifecycle rule counts the days from when an object was written."""
    s3.copy_object(
        Bucket=bucket,
        Key=key,
        CopySource={"Bucket": bucket, "Key": key},
        MetadataDirective="REPLACE",
        Metadata={RETIRED: "true"},
        ContentType=head["ContentType"],
        CacheControl=head.get("CacheControl", ASK_FIRST),
        TaggingDirective="REPLACE",
        Tagging=f"{RETIRED}=true",
    )
