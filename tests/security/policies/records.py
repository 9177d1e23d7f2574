"""Logs and what failed: kept for a time that is set, without personal data, and not lost."""

from __future__ import annotations

from collections.abc import Iterator

from platform_policy import PlatformPolicy, Resource, block, listed, parsed


class LogRetention(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__(
            "PLATFORM_LOG_RETENTION", "Log groups end their events", ["aws_cloudwatch_log_group"]
        )

    def problems(self, resource: Resource) -> Iterator[str]:
        if not resource.values.get("retention_in_days"):
            yield "retention_in_days is not set: events stay for ever"


class OwnLogGroup(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__(
            "PLATFORM_LOG_GROUP",
            "Functions and state machines log to a group of this plan",
            ["aws_lambda_function", "aws_sfn_state_machine"],
        )

    def problems(self, resource: Resource) -> Iterator[str]:
        groups = {group.get("name") for group in resource.peers("aws_cloudwatch_log_group")}
        if resource.kind == "aws_lambda_function":
            chosen = block(resource.values.get("logging_config")).get("log_group")
            name = chosen or f"/aws/lambda/{resource.values.get('function_name')}"
        else:
            logging = block(resource.values.get("logging_configuration"))
            if logging.get("level", "OFF") == "OFF":
                yield "it logs nothing"
                return
            name = str(logging.get("log_destination", "")).partition(":log-group:")[2]
            name = name.removesuffix(":*")
        if name not in groups:
            yield f"log group {name or '(none)'} is not planned: AWS would make one without an end"


class PersonalDataInLogs(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__(
            "PLATFORM_LOG_PRIVACY",
            "What AWS logs by itself holds no bodies, inputs or addresses of people",
            ["aws_api_gateway_method_settings", "aws_api_gateway_stage", "aws_sfn_state_machine"],
        )

    def problems(self, resource: Resource) -> Iterator[str]:
        if resource.kind == "aws_sfn_state_machine":
            if block(resource.values.get("logging_configuration")).get("include_execution_data"):
                yield "include_execution_data writes inputs, with addresses and messages"
        elif resource.kind == "aws_api_gateway_method_settings":
            if block(resource.values.get("settings")).get("data_trace_enabled"):
                yield "data_trace_enabled writes bodies"
        else:
            form = str(block(resource.values.get("access_log_settings")).get("format", ""))
            for field in ("sourceIp", "userAgent", "identity.user", "requestOverride"):
                if field in form:
                    yield f"its access log holds $context.{field}"


class DeadLetters(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__(
            "PLATFORM_DEAD_LETTERS",
            "What runs out of retries is kept",
            [
                "aws_lambda_event_source_mapping",
                "aws_scheduler_schedule",
                "aws_cloudwatch_event_target",
                "aws_sns_topic_subscription",
            ],
        )

    def applies(self, resource: Resource) -> bool:
        # A queue keeps what its own redrive policy says, and mail has no dead letters.
        source = str(resource.values.get("event_source_arn", ""))
        protocol = resource.values.get("protocol")
        return ":sqs:" not in source and protocol in {None, "lambda", "sqs", "https", "firehose"}

    def problems(self, resource: Resource) -> Iterator[str]:
        values = resource.values
        kept = {
            "aws_lambda_event_source_mapping": lambda: block(
                block(values.get("destination_config")).get("on_failure")
            ).get("destination_arn"),
            "aws_scheduler_schedule": lambda: block(
                block(values.get("target")).get("dead_letter_config")
            ).get("arn"),
            "aws_cloudwatch_event_target": lambda: block(values.get("dead_letter_config")).get(
                "arn"
            ),
            "aws_sns_topic_subscription": lambda: (parsed(values.get("redrive_policy")) or {}).get(
                "deadLetterTargetArn"
            ),
        }[resource.kind]()
        if not listed(kept):
            yield "no dead-letter queue"


for policy in (LogRetention, OwnLogGroup, PersonalDataInLogs, DeadLetters):
    policy()
