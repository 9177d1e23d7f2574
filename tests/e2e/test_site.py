"""The site on the applied stack, over HTTP through the embedded CDN: whom the bucket answers, what
paths mean, headers, the API under /api, what a publication changes. In a browser: tests/browser."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from ops import emulator
from ops.deployed import Deployed
from ops.site.building import build
from ops.site.deployment import publish_to
from tests.e2e.conftest import Deployment
from tests.lifecycle.plans import drift, exemptions, unexplained

HTML = "text/html; charset=utf-8"
POLICY = {
    "base-uri": "'none'",
    "connect-src": "'self'",
    "default-src": "'none'",
    "font-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "img-src": "'self' data:",
    "manifest-src": "'self'",
    "require-trusted-types-for": "'script'",
    "script-src": "'self'",
    "style-src": "'self'",
    "trusted-types": "site",
    "worker-src": "'self'",
}
EVERYWHERE = {
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.fixture(scope="module")
def site(deployment: Deployment) -> Iterator[httpx.Client]:
    """At the distribution. Its host name resolves in browsers and not in Python: the request goes
    to the loopback address with that name as its Host."""
    url = urlsplit(deployment.outputs["site_url"])
    with httpx.Client(
        base_url=f"http://127.0.0.1:{url.port}",
        headers={"Host": url.netloc},
        timeout=60,
        trust_env=False,
    ) as session:
        yield session


def raw(site: httpx.Client, path: str) -> tuple[int, str]:
    """Status and body of a GET of exactly this path: httpx resolves dot segments."""
    assert site.base_url.port
    connection = HTTPConnection("127.0.0.1", site.base_url.port, timeout=60)
    try:
        connection.request("GET", path, headers={"Host": site.headers["Host"]})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def policy(answer: httpx.Response) -> dict[str, str]:
    directives = answer.headers["content-security-policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in directives)


def test_the_site_opens(site: httpx.Client) -> None:
    answer = site.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, HTML)
    assert answer.headers["cache-control"] == "no-store"
    assert '<div id="root">' in answer.text


@pytest.mark.parametrize(
    "path", ["/dashboard", "/tasks", "/contact", "/nowhere", "/apiary", "/a/b/"]
)
def test_every_page_is_the_apps(path: str, site: httpx.Client) -> None:
    answer = site.get(path)
    assert (answer.status_code, answer.text) == (200, site.get("/").text)


def test_a_file_is_itself_and_kept_as_long_as_its_name_allows(site: httpx.Client) -> None:
    page = site.get("/").text
    scripts = re.findall(r'src="(/assets/[^"]+\.js)"', page)
    assert scripts
    for path in scripts:
        answer = site.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    robots = site.get("/robots.txt")
    assert robots.headers["content-type"] == "text/plain; charset=utf-8"
    assert robots.headers["cache-control"] == "no-cache"
    assert "<html" not in robots.text


@pytest.mark.parametrize(
    "path", ["/assets/gone.js", "/assets/gone", "/gone.png", "/.well-known/gone.txt"]
)
def test_a_missing_file_is_missing(path: str, site: httpx.Client) -> None:
    answer = site.get(path)
    assert answer.status_code == 404
    assert "root" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["/assets/../index.html", "/assets/%2e%2e/index.html", "/a%2f..%2findex.html", "/."],
)
def test_a_path_that_climbs_is_refused(path: str, site: httpx.Client) -> None:
    status, body = raw(site, path)
    assert (status, body) == (400, "There is nothing at this path.")


def test_nobody_gets_a_list_of_the_bucket(site: httpx.Client) -> None:
    for path in ("/?list-type=2", "//?list-type=2", "/assets/?list-type=2"):
        _, body = raw(site, path)
        assert "ListBucketResult" not in body
        assert "sw.js" not in body


@pytest.mark.parametrize(
    "path", ["/", "/dashboard", "/robots.txt", "/config.json", "/assets/gone.js"]
)
def test_every_answer_of_the_site_has_its_headers(path: str, site: httpx.Client) -> None:
    answer = site.get(path)
    assert answer.headers.items() >= EVERYWHERE.items()
    assert policy(answer) == POLICY
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-embedder-policy"] == "require-corp"
    features = answer.headers["permissions-policy"].split(", ")
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(features)
    assert all(feature.endswith("=()") for feature in features)
    assert not [name for name in answer.headers if name.startswith("x-amz-server-side")]
    assert "x-amz-version-id" not in answer.headers


@pytest.mark.parametrize("path", ["/api/health", "/api/feedback/unknown", "/api/nowhere", "/api"])
def test_every_answer_of_the_api_has_its_headers(path: str, site: httpx.Client) -> None:
    answer = site.get(path)
    assert answer.headers.items() >= EVERYWHERE.items()
    assert policy(answer)["default-src"] == "'none'"
    assert "x-amzn-requestid" in answer.headers


def test_settings_are_this_stacks_and_never_kept(
    site: httpx.Client, deployment: Deployment
) -> None:
    answer = site.get("/config.json")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    settings = answer.json()
    assert settings.pop("version")
    assert settings == {
        "apiBaseUrl": "/api",
        "environment": "local",
        "suffix": deployment.stack.suffix,
    }


def test_the_api_answers_as_under_its_own_address(site: httpx.Client, api: httpx.Client) -> None:
    for path in ("/health", "/feedback?limit=2", "/analytics?days=7", "/tasks?limit=1"):
        through, direct = site.get(f"/api{path}"), api.get(path)
        assert through.status_code == direct.status_code == 200
        assert through.json().keys() == direct.json().keys() if path != "/tasks?limit=1" else True


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/feedback/00000000-0000-4000-8000-000000000000", 404),
        ("GET", "/feedback?limit=0", 400),
        ("GET", "/analytics?days=91", 400),
        ("POST", "/feedback", 400),
        ("PATCH", "/feedback", 405),
        ("POST", "/analytics", 405),
        ("GET", "/messages/x", 403),
        ("GET", "/nowhere", 404),
    ],
)
def test_errors_of_the_api_are_the_apis(
    method: str, path: str, status: int, site: httpx.Client, api: httpx.Client
) -> None:
    body = {"json": {"rating": 9}} if method == "POST" else {}
    through = site.request(method, f"/api{path}", **body)  # type: ignore[arg-type]
    direct = api.request(method, path, **body)  # type: ignore[arg-type]
    assert (through.status_code, direct.status_code) == (status, status)
    answer, own = through.json(), direct.json()
    assert answer.pop("requestId")
    assert own.pop("requestId")
    assert answer == own


def test_a_path_that_climbs_does_not_reach_the_api(site: httpx.Client) -> None:
    for path in ("/api/../restapis", "/api/%2e%2e/%2e%2e/_ministack/health", "/api/x%2f..%2fy"):
        status, body = raw(site, path)
        assert (status, json.loads(body)["error"]) == (400, "ValidationError")


def test_what_is_written_through_the_site_is_there(site: httpx.Client, api: httpx.Client) -> None:
    """Body, key of idempotency and characters beyond ASCII arrive as they were sent."""
    body = {"name": "Zoë", "email": "zoe@example.com", "rating": 5, "message": "Größe & <b>😀</b>"}
    headers = {"Idempotency-Key": "site-0001"}
    first = site.post("/api/feedback", json=body, headers=headers)
    again = site.post("/api/feedback", json=body, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    stored = api.get(f"/feedback/{first.json()['feedbackId']}").json()
    assert (stored["name"], stored["message"]) == (body["name"], body["message"])


def test_headers_that_the_api_reads_pass(site: httpx.Client, deployment: Deployment) -> None:
    unknown = "/api/messages/00000000-0000-4000-8000-000000000000"
    assert site.get(unknown).status_code == 403
    assert site.get(unknown, headers={"x-api-key": "x" * 24}).status_code == 403
    assert site.get(unknown, headers=deployment.key("operator")).status_code == 404

    task = site.post("/api/tasks", json={"Title": "Through the site"}).json()
    place = f"/api/tasks/{task['TaskId']}"
    stale = {"If-Match": '"0"'}
    assert site.put(place, json={"Title": "x"}, headers=stale).status_code == 412
    assert site.delete(place).status_code == 204


def test_a_browser_of_another_origin_may_ask_first(site: httpx.Client) -> None:
    asks = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    for path in ("/api/feedback", "/api/analytics"):
        answer = site.options(path, headers=asks)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == "*"


def test_pages_are_for_reading(site: httpx.Client) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert site.request(method, "/").status_code == 403


def test_nobody_reads_the_bucket_but_the_distribution(deployment: Deployment) -> None:
    bucket = deployment.outputs["site_bucket_name"]
    anonymous = emulator.client("s3", deployment.cloud.endpoint, Config(signature_version=UNSIGNED))
    asks: list[Callable[[], object]] = [
        lambda: anonymous.get_object(Bucket=bucket, Key="index.html"),
        lambda: anonymous.list_objects_v2(Bucket=bucket),
        lambda: anonymous.put_object(Bucket=bucket, Key="index.html", Body=b""),
    ]
    for ask in asks:
        with pytest.raises(anonymous.exceptions.ClientError, match="AccessDenied"):
            ask()


def test_without_the_buckets_policy_the_distribution_reads_nothing(
    site: httpx.Client, deployment: Deployment
) -> None:
    """What lets it in is the policy that names it, and not that it is CloudFront."""
    s3, bucket = deployment.client("s3"), deployment.outputs["site_bucket_name"]
    own = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    other = json.loads(own)
    for statement in other["Statement"]:
        (condition,) = statement["Condition"].values()
        condition["AWS:SourceArn"] += "X"
    try:
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(other))
        assert site.get("/").status_code == 403
        assert site.get("/assets/gone.js").status_code == 403
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=own)
    assert site.get("/").status_code == 200


def test_publishing_again_changes_nothing(deployment: Deployment) -> None:
    done = publish_to(Deployed(deployment.outputs), build())
    assert (done.uploaded, done.retired) == ([], [])


def test_a_page_that_changed_is_served_at_once_and_the_old_files_stay(
    site: httpx.Client, deployment: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stack, first = Deployed(deployment.outputs), build()
    page = site.get("/").text
    (script, *_) = re.findall(r'src="/(assets/[^"]+\.js)"', page)
    changed = tmp_path_factory.mktemp("site")
    for file in first.rglob("*"):
        if file.is_file():
            key = file.relative_to(first).as_posix().replace(script, "assets/app-changed.js")
            (changed / key).parent.mkdir(parents=True, exist_ok=True)
            content = file.read_bytes()
            if key == "index.html":
                content = content.replace(script.encode(), b"assets/app-changed.js")
            (changed / key).write_bytes(content)
    try:
        done = publish_to(stack, changed, wait=True)
        assert (done.uploaded, done.retired) == (["assets/app-changed.js", "index.html"], [script])
        assert "assets/app-changed.js" in site.get("/").text
        open_tab = site.get(f"/{script}")
        assert (open_tab.status_code, open_tab.headers["cache-control"]) == (
            200, "public, max-age=31536000, immutable",
        )  # fmt: skip
        settings = site.get("/config.json").json()
        assert settings["apiBaseUrl"] == "/api"
    finally:
        publish_to(stack, first)
    assert site.get("/").text == page
    tags = stack.client("s3").get_object_tagging(
        Bucket=deployment.outputs["site_bucket_name"], Key=script
    )
    assert tags["TagSet"] == []


def test_a_second_plan_has_nothing_to_do_for_the_site(deployment: Deployment) -> None:
    """Of what was published Terraform knows nothing, and config.json is as it wrote it."""
    plan = deployment.stack.plan(deployment.cloud)
    found = [change for change in drift(plan) if change.address.startswith("module.site.")]
    assert unexplained(found, exemptions("drift")) == []


def test_the_address_opens_as_it_is_printed(deployment: Deployment) -> None:
    """For curl and browsers, which take *.localhost for this machine."""
    url = urlsplit(deployment.outputs["site_url"])
    assert re.fullmatch(r"[a-z0-9]+\.cloudfront\.localhost", url.hostname or "")
    request = urllib.request.Request(
        f"{deployment.cloud.endpoint}/robots.txt", headers={"Host": url.netloc}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
