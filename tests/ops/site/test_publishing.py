"""The publisher against moto's S3: what it writes, in which order, and what it leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ops import OperatorError
from ops.deployed import Deployed
from ops.site import deployment
from ops.site.publishing import publish

BUCKET = "feedback-site-test-123456789012"
FIRST = {
    "index.html": "<script src=/assets/app-1.js>",
    "assets/app-1.js": "one",
    "assets/style-1.css": "body{}",
    "assets/font-1.woff2": "font",
    "sw.js": "precache(1)",
    "manifest.webmanifest": "{}",
    "robots.txt": "User-agent: *",
    "icons/icon.svg": "<svg/>",
    "config.json": '{"apiBaseUrl": "http://somewhere.else"}',
}
SECOND = {
    **{key: text for key, text in FIRST.items() if not key.startswith("assets/app")},
    "index.html": "<script src=/assets/app-2.js>",
    "assets/app-2.js": "two",
    "sw.js": "precache(2)",
}


class Watched:
    """S3, with the keys of every write in order."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self.written: list[str] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._s3, name)
        if name not in {"put_object", "copy_object", "delete_object"}:
            return method

        def noted(**arguments: Any) -> Any:
            self.written.append(arguments["Key"])
            return method(**arguments)

        return noted


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-west-1")
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-1"}
        )
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        client.put_object(Bucket=BUCKET, Key="config.json", Body=b'{"apiBaseUrl": "/api"}')
        yield Watched(client)


def built(folder: Path, content: dict[str, str]) -> Path:
    for key, text in content.items():
        file = folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return built(tmp_path / "first", FIRST)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return built(tmp_path / "second", SECOND)


def tags(s3: Watched, key: str) -> dict[str, str]:
    found = s3.get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


def text(s3: Watched, key: str) -> str:
    return str(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode())


def test_every_file_gets_its_type_and_how_long_it_may_be_kept(s3: Watched, first: Path) -> None:
    publish(s3, BUCKET, first)
    heads = {key: s3.head_object(Bucket=BUCKET, Key=key) for key in FIRST if key != "config.json"}
    assert {key: (head["ContentType"], head["CacheControl"]) for key, head in heads.items()} == {
        "index.html": ("text/html; charset=utf-8", "no-store"),
        "assets/app-1.js": (
            "text/javascript; charset=utf-8", "public, max-age=31536000, immutable",
        ),
        "assets/style-1.css": ("text/css; charset=utf-8", "public, max-age=31536000, immutable"),
        "assets/font-1.woff2": ("font/woff2", "public, max-age=31536000, immutable"),
        "sw.js": ("text/javascript; charset=utf-8", "no-cache"),
        "manifest.webmanifest": ("application/manifest+json", "no-cache"),
        "robots.txt": ("text/plain; charset=utf-8", "no-cache"),
        "icons/icon.svg": ("image/svg+xml", "no-cache"),
    }  # fmt: skip


def test_assets_come_first_the_page_after_all_it_names_and_the_worker_last(
    s3: Watched, first: Path
) -> None:
    publish(s3, BUCKET, first)
    assets = [index for index, key in enumerate(s3.written) if key.startswith("assets/")]
    assert max(assets) == len(assets) - 1
    assert s3.written[-2:] == ["index.html", "sw.js"]
    assert len(s3.written) == len(FIRST) - 1


def test_the_settings_are_terraforms(s3: Watched, first: Path, second: Path) -> None:
    publish(s3, BUCKET, first)
    publish(s3, BUCKET, second)
    assert "config.json" not in s3.written
    assert json.loads(text(s3, "config.json")) == {"apiBaseUrl": "/api"}
    assert tags(s3, "config.json") == {}


def test_only_what_changed_is_written(s3: Watched, first: Path, second: Path) -> None:
    publish(s3, BUCKET, first)
    s3.written.clear()

    again = publish(s3, BUCKET, first)
    assert (again.uploaded, again.retired, again.stale_paths, s3.written) == ([], [], [], [])

    changed = publish(s3, BUCKET, second)
    assert changed.uploaded == ["assets/app-2.js", "index.html", "sw.js"]
    assert changed.retired == ["assets/app-1.js"]
    assert s3.written == [*changed.uploaded, *changed.retired]
    assert changed.stale_paths == ["/index.html", "/sw.js"]


@pytest.mark.parametrize(
    "headers",
    [
        {"ContentType": "text/plain; charset=utf-8"},
        {"ContentType": "text/plain", "CacheControl": "no-cache"},
    ],
)
def test_a_file_whose_headers_are_wrong_is_written_again(
    headers: dict[str, str], s3: Watched, first: Path
) -> None:
    publish(s3, BUCKET, first)
    s3.put_object(Bucket=BUCKET, Key="robots.txt", Body=FIRST["robots.txt"].encode(), **headers)
    assert publish(s3, BUCKET, first).uploaded == ["robots.txt"]


def test_files_of_an_earlier_build_stay_for_tabs_that_are_open(
    s3: Watched, first: Path, second: Path
) -> None:
    publish(s3, BUCKET, first)
    publish(s3, BUCKET, second)
    head = s3.head_object(Bucket=BUCKET, Key="assets/app-1.js")
    assert text(s3, "assets/app-1.js") == "one"
    assert tags(s3, "assets/app-1.js") == {"retired": "true"}
    assert head["ContentType"] == "text/javascript; charset=utf-8"
    assert head["CacheControl"] == "public, max-age=31536000, immutable"

    # Once: the rule counts its days from the last writing.
    assert publish(s3, BUCKET, second).retired == []
    assert s3.head_object(Bucket=BUCKET, Key="assets/app-1.js")["VersionId"] == head["VersionId"]


def test_a_rollback_brings_retired_files_back(s3: Watched, first: Path, second: Path) -> None:
    publish(s3, BUCKET, first)
    publish(s3, BUCKET, second)
    back = publish(s3, BUCKET, first)
    assert back.uploaded == ["assets/app-1.js", "index.html", "sw.js"]
    assert back.retired == ["assets/app-2.js"]
    assert tags(s3, "assets/app-1.js") == {}
    assert text(s3, "index.html") == FIRST["index.html"]


def test_a_page_that_is_gone_is_retired_and_forgotten(
    s3: Watched, first: Path, tmp_path: Path
) -> None:
    publish(s3, BUCKET, first)
    content = {key: text for key, text in FIRST.items() if key != "robots.txt"}
    done = publish(s3, BUCKET, built(tmp_path / "without", content))
    assert (done.uploaded, done.retired, done.stale_paths) == ([], ["robots.txt"], ["/robots.txt"])


def test_a_folder_that_is_no_site_changes_nothing(s3: Watched, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"has no index\.html"):
        publish(s3, BUCKET, built(tmp_path / "broken", {"assets/app-1.js": "one"}))
    assert s3.written == []


class CloudFront:
    """Notes invalidations, and says that they are done."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.waited: list[dict[str, Any]] = []

    def create_invalidation(self, **request: Any) -> dict[str, Any]:
        paths = request["InvalidationBatch"]["Paths"]
        assert request["DistributionId"] == "E1"
        assert paths["Quantity"] == len(paths["Items"])
        self.asked.append(paths["Items"])
        return {"Invalidation": {"Id": "I1"}}

    def get_waiter(self, name: str) -> CloudFront:
        assert name == "invalidation_completed"
        return self

    def wait(self, **request: Any) -> None:
        self.waited.append(request)


@dataclass(frozen=True)
class Site(Deployed):
    """A stack with a site, whose clients are given."""

    clients: Mapping[str, Any]

    def client(self, service: str) -> Any:
        return self.clients[service]


def site(**clients: Any) -> Site:
    outputs = {"site_url": "https://x", "site_bucket_name": BUCKET, "site_distribution_id": "E1"}
    return Site(outputs, clients)


def test_cloudfront_forgets_just_what_changed(s3: Watched, first: Path, second: Path) -> None:
    cloudfront = CloudFront()
    stack = site(s3=s3, cloudfront=cloudfront)
    for folder in (first, first, second):
        deployment.publish_to(stack, folder)
    assert cloudfront.asked == [
        ["/icons/icon.svg", "/index.html", "/manifest.webmanifest", "/robots.txt", "/sw.js"],
        ["/index.html", "/sw.js"],
    ]
    assert cloudfront.waited == []
    deployment.publish_to(stack, first, wait=True)
    assert [request["Id"] for request in cloudfront.waited] == ["I1"]


def test_a_stack_from_before_the_site_is_told_so(first: Path) -> None:
    with pytest.raises(OperatorError, match="site_bucket_name"):
        deployment.publish_to(Deployed({"aws_region": "us-west-1"}), first)


def test_what_aws_refuses_is_said_in_a_line(s3: Watched, first: Path) -> None:
    stack = site(s3=s3, cloudfront=CloudFront())
    stack.outputs["site_bucket_name"] = "no-such-bucket"
    with pytest.raises(OperatorError, match=r"the site was not published: .*NoSuchBucket"):
        deployment.publish_to(stack, first)
