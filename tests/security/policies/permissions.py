"""What roles may do, and who may do what to a resource."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from platform_policy import PlatformPolicy, Resource, account, block, listed, suffix

EXACT = re.compile(r"^arn:[a-z-]+:[a-z0-9-]+:[^:*]*:[^:*]*:[^*?]+$")
# Actions that set something else going, or hand a role on: never on a pattern.
EXACT_ONLY = {
    "lambda:invokefunction", "lambda:invokeasync", "lambda:invokefunctionurl",
    "states:startexecution", "states:startsyncexecution", "iam:passrole", "sts:assumerole",
}  # fmt: skip
# Services whose ARNs begin with a name; in others a type stands before it.
NAME_FIRST = {"s3", "sqs", "sns", "execute-api"}
# Services that never assume a role on behalf of another account.
SAFE_TRUST = {"lambda.amazonaws.com", "apigateway.amazonaws.com", "edgelambda.amazonaws.com"}
SOURCE_KEYS = {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid"}


def sid(statement: dict[str, Any]) -> str:
    return f'"{statement["Sid"]}"' if statement.get("Sid") else "a statement without Sid"


# Tests that hold a key to values. Others let in all but some, or what lacks the key.
BINDING = {"stringequals", "stringlike", "arnequals", "arnlike"}


def condition_keys(statement: dict[str, Any]) -> set[str]:
    """The keys that a statement holds to values; a value that begins with a wildcard is none."""
    return {
        key.lower()
        for test, keys in (statement.get("Condition") or {}).items()
        if test.lower() in BINDING
        for key, values in keys.items()
        if listed(values) and not any(str(value)[:1] in {"*", "?"} for value in listed(values))
    }


def foreign(names: list[Any]) -> list[str]:
    """Those of some account numbers and ARNs that are of another account than the plan's."""
    numbers = {str(name): re.search(r"(?:^|:)(\d{12})(?::|$)", str(name)) for name in names}
    return [name for name, found in numbers.items() if found and found[1] != account()]


def reviewed() -> dict[str, set[str]]:
    """Reviewed action => condition keys that it needs."""
    entries = yaml.safe_load(Path(os.environ["PLATFORM_REVIEWED"]).read_text())
    return {
        action.lower(): {key.lower() for key in entry.get("conditions", [])}
        for entry in entries
        for action in entry["actions"]
    }


class WildcardAction(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__("PLATFORM_WILDCARD_ACTION", "Allow names every action in full")

    def applies(self, resource: Resource) -> bool:
        return bool(resource.documents())

    def problems(self, resource: Resource) -> Iterator[str]:
        for document in resource.documents():
            for statement in document.allows:
                if "NotAction" in statement:
                    yield f"{sid(statement)} allows all but some actions (NotAction)"
                for action in listed(statement.get("Action")):
                    if "*" in action or "?" in action:
                        yield f"{sid(statement)} allows {action}"


class ReviewedResource(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__(
            "PLATFORM_REVIEWED_RESOURCE",
            "Resources are named; those actions that know none are on the reviewed list",
        )

    def applies(self, resource: Resource) -> bool:
        return any(document.kind == "identity" for document in resource.documents())

    def problems(self, resource: Resource) -> Iterator[str]:
        known = reviewed()
        for document in resource.documents():
            if document.kind != "identity":
                continue
            for statement in document.allows:
                if "NotResource" in statement:
                    yield f"{sid(statement)} allows all but some resources (NotResource)"
                for name in listed(statement.get("Resource")):
                    yield from self._of(statement, name, known)
                    if not resource.account_wide and reaches_others(name):
                        yield f"{sid(statement)} allows on {name}, which is other stacks' too"

    def _of(
        self, statement: dict[str, Any], name: str, known: dict[str, set[str]]
    ) -> Iterator[str]:
        if name != "*":
            if names_nothing(name):
                yield f"{sid(statement)} allows on {name}, which names no resource"
            return
        for action in listed(statement.get("Action")):
            needs = known.get(action.lower())
            if needs is None:
                yield f"{sid(statement)} allows {action} on *, which is not on the reviewed list"
            elif not needs <= condition_keys(statement):
                yield f"{sid(statement)} allows {action} on * without {', '.join(sorted(needs))}"


def names_nothing(arn: str) -> bool:
    """Whether an ARN has a wildcard where account or name belong."""
    parts = arn.replace("?", "*").split(":", 5)
    if len(parts) < 6 or "*" in parts[2] or "*" in parts[3] or "*" in parts[4]:
        return True
    segments = [part for part in re.split("[:/]", parts[5]) if part]
    if parts[2] in NAME_FIRST or len(segments) == 1:
        return not segments or segments[0].startswith("*")
    return "*" in segments[0] or segments[1].startswith("*")


def reaches_others(arn: str) -> bool:
    """Whether an ARN has a wildcard before the suffix: then it stands for other stacks' names."""
    before, *after = re.split(r"[*?]", arn, maxsplit=1)
    # A Glue database cannot have hyphens in its name.
    own = {suffix(), suffix().replace("-", "_")}
    return arn != "*" and bool(after) and not any(name in before for name in own)


class ExactTarget(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__(
            "PLATFORM_EXACT_TARGET",
            "Invoking, starting and passing a role name one target each; functions by their alias",
        )

    def applies(self, resource: Resource) -> bool:
        return any(
            action.lower() in EXACT_ONLY
            for document in resource.documents()
            if document.kind == "identity"
            for statement in document.allows
            for action in listed(statement.get("Action"))
        )

    def problems(self, resource: Resource) -> Iterator[str]:
        for document in resource.documents():
            moved = _aliases_moved(document.allows)
            for statement in document.allows if document.kind == "identity" else []:
                actions = {a.lower() for a in listed(statement.get("Action"))} & EXACT_ONLY
                for name in listed(statement.get("Resource")) if actions else []:
                    if actions == {"lambda:invokefunction"} and name in moved:
                        continue
                    if not EXACT.match(name):
                        yield f"{sid(statement)}: {', '.join(sorted(actions))} on {name}"
                    elif ":function:" in name and not name.endswith(":live"):
                        yield f"{sid(statement)} invokes {name} past its alias"
                if "iam:passrole" in actions and "iam:passedtoservice" not in condition_keys(
                    statement
                ):
                    yield f"{sid(statement)} passes a role to any service"


def _aliases_moved(statements: list[dict[str, Any]]) -> set[str]:
    """All versions of the functions whose aliases a policy lets move: who may point an alias at
    any version may as well ask any version for its health before."""
    return {
        f"{name}:*"
        for statement in statements
        if "lambda:UpdateAlias" in listed(statement.get("Action"))
        for name in listed(statement.get("Resource"))
        if "*" not in name
    }


class ManagedPolicy(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__(
            "PLATFORM_MANAGED_POLICY",
            "No role gets a policy that this project does not write",
            ["aws_iam_*_policy_attachment", "aws_iam_policy_attachment", "aws_iam_role"],
        )

    def applies(self, resource: Resource) -> bool:
        return resource.kind != "aws_iam_role" or bool(resource.values.get("managed_policy_arns"))

    def problems(self, resource: Resource) -> Iterator[str]:
        own = {policy["arn"] for policy in resource.peers("aws_iam_policy") if "arn" in policy}
        attached = [
            *listed(resource.values.get("policy_arn")),
            *listed(resource.values.get("managed_policy_arns")),
        ]
        for arn in attached:
            if arn not in own:
                yield f"{arn} is not written here: its permissions change without a review"


class ResourcePolicyPrincipal(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__(
            "PLATFORM_RESOURCE_POLICY",
            "Resource policies name principals; services act for this account only",
        )

    def applies(self, resource: Resource) -> bool:
        return any(document.kind == "resource" for document in resource.documents())

    def problems(self, resource: Resource) -> Iterator[str]:
        for document in resource.documents():
            for statement in document.allows if document.kind == "resource" else []:
                principal = statement.get("Principal")
                named = principal if isinstance(principal, dict) else {"AWS": principal}
                if "NotPrincipal" in statement or "*" in listed(named.get("AWS")):
                    yield f"{sid(statement)} lets anybody in"
                for name in foreign(listed(named.get("AWS"))):
                    yield f"{sid(statement)} lets {name} in, of another account"
                if not principal and "NotPrincipal" not in statement:
                    yield f"{sid(statement)} names no principal"
                keys = condition_keys(statement)
                bound = keys & SOURCE_KEYS or any("encryptioncontext" in key for key in keys)
                if named.get("Service") and not bound:
                    yield (
                        f"{sid(statement)} lets {named['Service']} act for any account: it needs "
                        "aws:SourceArn or aws:SourceAccount"
                    )


class Trust(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__(
            "PLATFORM_TRUST",
            "Roles are assumed by one named service, or by a workload identity that is pinned down",
            ["aws_iam_role"],
        )

    def problems(self, resource: Resource) -> Iterator[str]:
        trusts = [d for d in resource.documents() if d.kind == "trust"]
        if not trusts:
            yield "its trust policy cannot be read"
        for statement in (s for d in trusts for s in d.allows):
            principal = statement.get("Principal")
            named = principal if isinstance(principal, dict) else {"AWS": principal}
            keys = condition_keys(statement)
            for service in listed(named.get("Service")):
                if "*" in service:
                    yield f"{sid(statement)} trusts {service}"
                elif service not in SAFE_TRUST and not keys & SOURCE_KEYS:
                    yield f"{sid(statement)} lets {service} assume it for any account"
            if listed(named.get("AWS")):
                yield f"{sid(statement)} trusts {named['AWS']}: a function's role is a service's"
            if listed(named.get("Federated")):
                wanted = {"aud", "sub"} - {key.rpartition(":")[2] for key in keys}
                if wanted:
                    yield f"{sid(statement)} does not pin down {', '.join(sorted(wanted))}"
                yield from self._open_subjects(statement)

    def _open_subjects(self, statement: dict[str, Any]) -> Iterator[str]:
        for keys in (statement.get("Condition") or {}).values():
            for key, values in keys.items():
                for value in listed(values) if key.endswith(":sub") else []:
                    if re.fullmatch(r"(repo:)?\*.*", value):
                        yield f"{sid(statement)} takes any subject ({value})"


class LambdaPermission(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__(
            "PLATFORM_LAMBDA_PERMISSION",
            "A function is invoked by one source of this account, by its alias",
            ["aws_lambda_permission"],
        )

    def problems(self, resource: Resource) -> Iterator[str]:
        values = resource.values
        principal, source = values.get("principal", ""), values.get("source_arn") or ""
        if values.get("action") not in {"lambda:InvokeFunction", "lambda:InvokeFunctionUrl"}:
            yield f"it allows {values.get('action')}"
        if principal == "*":
            yield "it lets anybody in"
        for name in foreign([principal, source, values.get("source_account")]):
            yield f"{name} is of another account"
        if not source or names_nothing(source):
            yield f"source_arn {source or 'is missing'}: any resource of {principal} may invoke it"
        # Bucket names tell no account, and e-mail rules are the account's.
        account = source.split(":")[4] if source.count(":") >= 5 else ""
        if source and not account and not values.get("source_account"):
            yield "source_account is missing, and source_arn names none"
        if principal == "ses.amazonaws.com" and not values.get("source_account"):
            yield "source_account is missing, which SES asks for"
        if values.get("qualifier") != "live" and not str(values.get("function_name")).endswith(
            ":live"
        ):
            yield "it is not for the alias live"


class SecureTransport(PlatformPolicy):
    def __init__(self) -> None:
        super().__init__(
            "PLATFORM_SECURE_TRANSPORT",
            "Buckets, queues and topics refuse requests over plain HTTP",
            ["aws_s3_bucket", "aws_sqs_queue", "aws_sns_topic"],
        )

    BESIDE = {  # noqa: RUF012
        "aws_s3_bucket": ("aws_s3_bucket_policy", "bucket", ("bucket", "id")),
        "aws_sqs_queue": ("aws_sqs_queue_policy", "queue_url", ("url", "id")),
        "aws_sns_topic": ("aws_sns_topic_policy", "arn", ("arn",)),
    }

    def problems(self, resource: Resource) -> Iterator[str]:
        kind, key, own = self.BESIDE[resource.kind]
        names = {resource.values.get(name) for name in own} - {None}
        documents = [
            *resource.documents(),
            *(
                document
                for values in resource.peers(kind)
                if values.get(key) in names
                for document in Resource(kind, values, resource.plan, None).documents()
            ),
        ]
        service = kind.split("_")[1]
        if not any(
            _refuses_http(statement, service)
            for document in documents
            for statement in document.statements
        ):
            yield "no statement denies everything where aws:SecureTransport is false"


# A topic's policy takes no action that is not a topic's own, so AWS's form of this statement names
# the one action that carries a message.
_EVERYTHING = {
    "s3": {"*", "s3:*"},
    "sqs": {"*", "sqs:*"},
    "sns": {"*", "sns:*", "sns:Publish"},
}


def _refuses_http(statement: dict[str, Any], service: str) -> bool:
    value = block(block(statement.get("Condition")).get("Bool")).get("aws:SecureTransport")
    principal = statement.get("Principal")
    return (
        statement.get("Effect") == "Deny"
        and "false" in [str(v).lower() for v in listed(value)]
        and bool(_EVERYTHING[service] & set(listed(statement.get("Action"))))
        and _is_on_all(listed(statement.get("Resource")), service)
        and (principal == "*" or "*" in listed(block(principal).get("AWS")))
    )


def _is_on_all(names: list[str], service: str) -> bool:
    """Whether a policy's statement is about its resource whole: of a bucket, the objects too."""
    if service != "s3":
        return bool(names)
    return "*" in names or any(f"{name}/*" in names for name in names)


for policy in (
    WildcardAction, ReviewedResource, ExactTarget, ManagedPolicy, ResourcePolicyPrincipal, Trust,
    LambdaPermission, SecureTransport,
):  # fmt: skip
    policy()
