"""The module `cdn`: what it makes, who may read the bucket, what is kept, logged and refused, and
how the root stack uses it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.plan.conftest import (
    FIXTURES,
    UNPLACED,
    Plan,
    PlanError,
    Planner,
    Refusals,
    differences,
    inventory,
)
from tests.plan.test_root import SUFFIX, stack

MODULE = Path(__file__).resolve().parents[2] / "modules" / "cdn"
BUCKET = "arn:aws:s3:::shop-test-123456789012"
LOGS = "arn:aws:s3:::aws-waf-logs-shop-test-123456789012"
EVERY_METHOD = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
# As "Use managed cache policies" and "… origin request policies" list them.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


@pytest.fixture(scope="module")
def made(plan: Planner) -> Plan:
    return plan(FIXTURES / "cdn")


def only(made: Plan, kind: str, module: str) -> dict[str, Any]:
    (found,) = [v for a, v in made.resources(kind).items() if a.startswith(f"module.{module}.")]
    return found


def statements(made: Plan, document: str, module: str = "full") -> dict[str, dict[str, Any]]:
    found = made.statements()[f"module.{module}.data.aws_iam_policy_document.{document}"]
    return {statement["sid"]: statement for statement in found}


def test_inventory(made: Plan) -> None:
    assert differences(made, inventory("cdn")) == []


def test_only_the_distribution_reads_the_bucket_and_it_writes_nothing(made: Plan) -> None:
    found = statements(made, "site")
    allowed = {sid: s for sid, s in found.items() if s["effect"] != "Deny"}
    assert {sid: (s["actions"], s["resources"]) for sid, s in allowed.items()} == {
        "DistributionReads": (["s3:GetObject"], [f"{BUCKET}/*"]),
        "DistributionHearsWhatIsMissing": (["s3:ListBucket"], [BUCKET]),
    }
    for statement in allowed.values():
        assert statement["principals"] == [
            {"type": "Service", "identifiers": ["cloudfront.amazonaws.com"]}
        ]
        (condition,) = statement["condition"]
        assert (condition["test"], condition["variable"]) == ("StringEquals", "AWS:SourceArn")
    # The distribution's ARN is known once it is made; that it is this one, the sources say.
    assert (MODULE / "bucket.tf").read_text().count(
        "values   = [aws_cloudfront_distribution.this.arn]"
    ) == 2
    (refused,) = [s for s in found.values() if s["effect"] == "Deny"]
    assert refused["actions"] == ["s3:*"]
    assert refused["resources"] == [BUCKET, f"{BUCKET}/*"]
    assert set(statements(made, "site", "plain")) == set(allowed)


def test_files_of_earlier_builds_and_old_versions_go_in_time(made: Plan) -> None:
    address = "module.full.aws_s3_bucket_lifecycle_configuration.site"
    rules = made.resources()[address]["rule"]
    retired, versions = rules
    assert {rule["status"] for rule in rules} == {"Enabled"}
    assert retired["filter"][0]["tag"] == [{"key": "retired", "value": "true"}]
    assert retired["expiration"][0]["days"] == 30
    assert versions["filter"][0]["tag"] == []
    assert versions["expiration"][0]["expired_object_delete_marker"]
    assert versions["noncurrent_version_expiration"][0]["noncurrent_days"] == 30
    assert versions["abort_incomplete_multipart_upload"][0]["days_after_initiation"] == 1


def test_the_api_is_asked_uncached_but_for_what_is_named(made: Plan) -> None:
    behaviors = only(made, "aws_cloudfront_distribution", "full")["ordered_cache_behavior"]
    assert [behavior["path_pattern"] for behavior in behaviors] == [
        "/api/analytics", "/api/*", "/api",
    ]  # fmt: skip
    for behavior in behaviors:
        assert behavior["target_origin_id"] == "api"
        assert behavior["viewer_protocol_policy"] == "https-only"
        assert sorted(behavior["allowed_methods"]) == EVERY_METHOD
        assert sorted(behavior["cached_methods"]) == ["GET", "HEAD"]
    analytics, *others = behaviors
    assert "cache_policy_id" not in analytics  # its own, which has yet to be made
    for behavior in others:
        assert behavior["cache_policy_id"] == CACHING_DISABLED
        assert behavior["origin_request_policy_id"] == ALL_VIEWER_EXCEPT_HOST_HEADER


def test_no_error_is_replaced_and_none_is_kept(made: Plan) -> None:
    responses = only(made, "aws_cloudfront_distribution", "full")["custom_error_response"]
    assert {response["error_code"] for response in responses} >= {400, 403, 404, 500, 502, 503, 504}
    for response in responses:
        assert response["error_caching_min_ttl"] == 0
        assert not response["response_page_path"]
        assert not response["response_code"]


def test_origins(made: Plan) -> None:
    def api(module: str) -> dict[str, Any]:
        origins = only(made, "aws_cloudfront_distribution", module)["origin"]
        (found,) = [origin for origin in origins if origin["origin_id"] == "api"]
        (custom,) = found["custom_origin_config"]
        return {"domain_name": found["domain_name"], "origin_path": found["origin_path"], **custom}

    full = api("full")
    assert full["domain_name"] == "abcdef1234.execute-api.us-west-1.amazonaws.com"
    assert (full["origin_path"], full["https_port"]) == ("/prod", 443)
    assert full["origin_protocol_policy"] == "https-only"
    assert full["origin_ssl_protocols"] == ["TLSv1.2"]
    plain = api("plain")
    assert (plain["domain_name"], plain["http_port"]) == ("127.0.0.1", 4566)
    assert plain["origin_protocol_policy"] == "http-only"


def test_a_function_is_named_after_its_code(made: Plan) -> None:
    """A new version is a function of a new name, made before the old one goes."""
    found = {
        values["name"]: values["code"]
        for address, values in made.resources("aws_cloudfront_function").items()
        if address.startswith("module.full.")
    }
    assert len(found) == 2
    for name, code in found.items():
        match = re.fullmatch(r"shop-test-(pages|strip)-([0-9a-f]{8})", name)
        assert match
        assert code == (MODULE / "functions" / f"{match[1]}.js").read_text()
        assert match[2] == hashlib.sha256(code.encode()).hexdigest()[:8]
    assert "create_before_destroy = true" in (MODULE / "functions.tf").read_text()


PERSONAL = {
    "c-ip", "c-port", "x-forwarded-for", "cs(Cookie)", "cs-uri-query", "cs(Referer)",
    "cs(User-Agent)",
}  # fmt: skip


def test_access_logs_say_what_was_asked_for_and_not_by_whom(made: Plan) -> None:
    fields = set(only(made, "aws_cloudwatch_log_delivery", "full")["record_fields"])
    assert fields >= {"date", "time", "cs-method", "cs-uri-stem", "sc-status", "x-edge-request-id"}
    assert not fields & PERSONAL


def test_the_web_acl_counts_by_address_and_lets_people_write_what_they_want(made: Plan) -> None:
    rules = {rule["name"]: rule for rule in only(made, "aws_wafv2_web_acl", "full")["rule"]}
    assert sorted(rules, key=lambda name: rules[name]["priority"]) == [
        "rate-per-address",
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    ]
    (rate,) = rules["rate-per-address"]["statement"][0]["rate_based_statement"]
    assert (rate["limit"], rate["aggregate_key_type"]) == (1000, "IP")
    ((answer,),) = [
        block["custom_response"] for block in rules["rate-per-address"]["action"][0]["block"]
    ]
    assert answer["response_code"] == 429
    assert answer["response_header"] == [{"name": "Retry-After", "value": "300"}]
    (common,) = rules["AWSManagedRulesCommonRuleSet"]["statement"][0][
        "managed_rule_group_statement"
    ]
    overridden = {o["name"]: o["action_to_use"] for o in common["rule_action_override"]}
    assert {"SizeRestrictions_BODY", "CrossSiteScripting_BODY"} <= overridden.keys()
    assert {"RestrictedExtensions_QUERYARGUMENTS", "GenericLFI_QUERYARGUMENTS"} <= overridden.keys()
    assert all(name.endswith(("_BODY", "_QUERYARGUMENTS")) for name in overridden)
    assert all(action[0]["count"] and not action[0]["allow"] for action in overridden.values())
    for name in sorted(rules)[:3]:
        assert rules[name]["override_action"][0]["none"]
        assert not rules[name]["visibility_config"][0]["sampled_requests_enabled"]


def test_the_rate_limits_answer_is_the_apis(made: Plan) -> None:
    (body,) = only(made, "aws_wafv2_web_acl", "full")["custom_response_body"]
    answer = json.loads(body["content"])
    assert answer.keys() == {"error", "message", "details", "requestId"}
    assert answer["error"] == "TooManyRequests"


def test_the_web_acls_log_holds_what_was_refused_without_keys_and_searches(made: Plan) -> None:
    log = only(made, "aws_wafv2_web_acl_logging_configuration", "full")
    (keeping,) = log["logging_filter"]
    assert keeping["default_behavior"] == "DROP"
    kept = {c["action_condition"][0]["action"] for c in keeping["filter"][0]["condition"]}
    assert kept == {"BLOCK", "COUNT"}
    headers = {f["single_header"][0]["name"] for f in log["redacted_fields"] if f["single_header"]}
    assert headers == {"authorization", "cookie", "x-api-key"}
    assert any(field["query_string"] for field in log["redacted_fields"])


def test_logs_come_from_this_account_alone(made: Plan) -> None:
    found = statements(made, "logs")
    write, look = found["AWSLogDeliveryWrite"], found["AWSLogDeliveryAclCheck"]
    assert (write["actions"], write["resources"]) == (
        ["s3:PutObject"], [f"{LOGS}/AWSLogs/123456789012/*"],
    )  # fmt: skip
    assert (look["actions"], look["resources"]) == (["s3:GetBucketAcl"], [LOGS])
    for statement in (write, look):
        conditions = {c["variable"]: c["values"] for c in statement["condition"]}
        assert conditions["aws:SourceAccount"] == ["123456789012"]
        assert conditions["aws:SourceArn"] == ["arn:aws:logs:us-east-1:123456789012:*"]


def test_alarms_are_where_cloudfront_counts(made: Plan) -> None:
    configured = made.raw["configuration"]["root_module"]["module_calls"]["full"]["module"]
    elsewhere = {
        resource["address"]
        for resource in configured["resources"]
        if resource["mode"] == "managed" and resource["provider_config_key"].endswith("us_east_1")
    }
    assert elsewhere == {
        "aws_acm_certificate.this",
        "aws_acm_certificate_validation.this",
        "aws_cloudwatch_log_delivery.access",
        "aws_cloudwatch_log_delivery_destination.access",
        "aws_cloudwatch_log_delivery_source.access",
        "aws_cloudwatch_metric_alarm.this",
        "aws_s3_bucket.logs",
        "aws_s3_bucket_lifecycle_configuration.logs",
        "aws_s3_bucket_ownership_controls.logs",
        "aws_s3_bucket_policy.logs",
        "aws_s3_bucket_public_access_block.logs",
        "aws_s3_bucket_server_side_encryption_configuration.logs",
        "aws_s3_bucket_versioning.logs",
        "aws_sns_topic.alarms",
        "aws_sns_topic_policy.alarms",
        "aws_sns_topic_subscription.alarms",
        "aws_wafv2_web_acl.this",
        "aws_wafv2_web_acl_logging_configuration.this",
    }


GOOD: dict[str, Any] = {
    "name": "site-test",
    "names": {"bucket": "site-test", "log_bucket": "site-logs-test", "topic": "site-test"},
    "api": {"domain_name": "api.example.com"},
}
DOMAIN = {"name": "site.example.com", "hosted_zone_id": "Z1"}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "a b"}, "name must be 1 to 48"),
    "long_name": ({"name": "a" * 49}, "name must be 1 to 48"),
    "bucket": ({"names": GOOD["names"] | {"bucket": "a.b"}}, "names.bucket and names.log_bucket"),
    "log_bucket": ({"waf": {"enabled": True}}, "must begin with aws-waf-logs-"),
    "topic": ({"names": GOOD["names"] | {"topic": "a b"}}, "names.topic must be"),
    "protocol": ({"api": GOOD["api"] | {"protocol": "match-viewer"}}, "api.protocol must be"),
    "path": ({"api": GOOD["api"] | {"origin_path": "prod/"}}, "api.origin_path must be"),
    "port": ({"api": GOOD["api"] | {"port": 81}}, "api.port must be 80, 443"),
    "host": ({"api": {"domain_name": "https://x.example.com"}}, "a host name alone"),
    "cached": ({"cached_paths": {"/assets/*": 60}}, "cached_paths must begin with /api/"),
    "seconds": ({"cached_paths": {"/api/x": 0}}, "from 1 to 3600"),
    "inline": (
        {
            "headers": {
                "content_security_policy": {
                    "default-src": ["'none'"],
                    "style-src": ["'unsafe-inline'"],
                }
            }
        },
        "must not hold 'unsafe-inline'",
    ),
    "open": ({"headers": {"content_security_policy": {"img-src": ["'self'"]}}}, "a default-src"),
    "preload": (
        {"headers": {"hsts": {"preload": True, "max_age_seconds": 60}}},
        "headers.hsts.preload needs",
    ),
    "domain": ({"domain": DOMAIN | {"name": "Site"}}, "domain.name must be"),
    "certificate": ({"domain": DOMAIN | {"certificate_arn": "mine"}}, "a certificate of ACM's"),
    "unproven": ({"domain": {"name": "site.example.com"}}, "domain needs certificate_arn"),
    "geo": ({"geo_restriction": {"type": "none", "countries": ["DE"]}}, "geo_restriction needs"),
    "geo_type": (
        {"geo_restriction": {"type": "some", "countries": ["DE"]}},
        "geo_restriction.type must be",
    ),
    "country": (
        {"geo_restriction": {"type": "whitelist", "countries": ["Germany"]}},
        "codes of two capitals",
    ),
    "rate": ({"waf": {"requests_per_5_minutes": 9}}, "from 10 to 100000"),
    "retention": ({"logs": {"retention_days": 0}}, "logs.retention_days must be"),
    "fields": ({"logs": {"fields": ["date", "c-ip"]}}, "they tell who somebody is"),
    "percent": ({"alarms": {"server_error_percent": 0}}, "above 0 and at most 100"),
    "price_class": ({"price_class": "cheap"}, "price_class must be"),
    "retired": ({"retired_days": 0}, "retired_days must be"),
    "noncurrent": ({"noncurrent_version_days": 366}, "noncurrent_version_days must be"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_inputs_are_refused(case: str, refusals: Refusals) -> None:
    answers = refusals("cdn", GOOD, {name: wrong for name, (wrong, _) in WRONG.items()})
    (problem,) = answers[case]
    assert WRONG[case][1] in problem


def test_a_certificate_of_another_region_is_refused(refusals: Refusals) -> None:
    elsewhere = "arn:aws:acm:us-west-1:123456789012:certificate/x"
    domain = {"domain": {"name": "site.example.com", "certificate_arn": elsewhere}}
    (problem,) = refusals("cdn", GOOD, {"elsewhere": domain}, "preconditions")[UNPLACED]
    assert "must be a certificate in us-east-1" in problem


# --- the root stack


def test_the_site_is_productions_origin_unless_another_is_named(plan: Planner) -> None:
    def origins(**variables: Any) -> set[str]:
        found = stack(plan, "production", **variables).resources("aws_lambda_function").values()
        return {
            function["environment"][0]["variables"].get("CORS_ALLOW_ORIGIN", "after the apply")
            for function in found
            if "variables" in function["environment"][0]
        }

    own = {"waf": {"enabled": True}, "deletion_protection": True}
    domain = {"domain": {"name": "feedback.example.com", "hosted_zone_id": "Z1"}}
    named = stack(plan, "production", site=own | domain, api={})
    assert named.outputs()["site_url"] == "https://feedback.example.com"
    assert origins(site=own | domain, api={}) == {"https://feedback.example.com"}


def test_the_embedded_clouds_site_is_there(plan: Planner) -> None:
    made = stack(plan, "local", emulator_endpoint="http://127.0.0.1:4600")
    distribution = made.resources("aws_cloudfront_distribution")[
        "module.site.aws_cloudfront_distribution.this"
    ]
    (api,) = [origin for origin in distribution["origin"] if origin["origin_id"] == "api"]
    assert api["domain_name"] == "127.0.0.1"
    (custom,) = api["custom_origin_config"]
    assert (custom["http_port"], custom["origin_protocol_policy"]) == (4600, "http-only")
    behaviors = [
        *distribution["default_cache_behavior"], *distribution["ordered_cache_behavior"],
    ]  # fmt: skip
    assert {behavior["viewer_protocol_policy"] for behavior in behaviors} == {"allow-all"}
    # What is not there: see the environment's file.
    for kind in ("aws_wafv2_web_acl", "aws_cloudwatch_log_delivery"):
        assert made.resources(kind) == {}


@pytest.mark.parametrize("environment", ["preview", "production"])
def test_every_name_of_the_site_carries_the_suffix(environment: str, plan: Planner) -> None:
    named = {
        "aws_cloudfront_cache_policy": "name",
        "aws_cloudfront_distribution": "comment",
        "aws_cloudfront_function": "name",
        "aws_cloudfront_origin_access_control": "name",
        "aws_cloudfront_response_headers_policy": "name",
        "aws_cloudwatch_log_delivery_destination": "name",
        "aws_cloudwatch_log_delivery_source": "name",
        "aws_s3_bucket": "bucket",
        "aws_sns_topic": "name",
        "aws_wafv2_web_acl": "name",
    }
    made = stack(plan, environment)
    for kind, attribute in named.items():
        for address, values in made.resources(kind).items():
            assert re.search(rf"-{SUFFIX}(-|$)", values[attribute]), address


def test_who_hears_of_critical_alarms_hears_of_the_sites(plan: Planner) -> None:
    subscriptions = {
        "oncall": {"protocol": "email", "endpoint": "oncall@example.com"},
        "team": {"topics": ["warning"], "protocol": "email", "endpoint": "team@example.com"},
    }
    made = stack(plan, "production", monitoring={"subscriptions": subscriptions})
    found = {
        address: values["endpoint"]
        for address, values in made.resources("aws_sns_topic_subscription").items()
        if address.startswith("module.site.")
    }
    assert found == {
        'module.site.aws_sns_topic_subscription.alarms["oncall"]': "oncall@example.com"
    }


def test_production_keeps_its_web_acl_and_its_buckets(plan: Planner) -> None:
    with pytest.raises(PlanError) as refused:
        stack(plan, "production", site={}, cloudfront_region="moon")
    text = str(refused.value)
    assert "site.waf.enabled must be true in production" in text
    assert "site.deletion_protection must be true in production" in text
    assert "cloudfront_region must be the name of a region" in text
