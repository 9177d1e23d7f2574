"""What S3 tells CloudFront of an object that is not there.

AWS answers 404 to who may list the bucket, and 403 to who may only read: an answer must not tell
more than its reader is allowed to know. MiniStack 1.5.33 answers 403 to both
(`s3.serve_cloudfront_origin_fetch`): a site's missing file could not be told from a forbidden one.
"""

from __future__ import annotations

from typing import Any

from ministack.core.iam_evaluator import (  # type: ignore[import-not-found]
    EvalContext,
    evaluate_resource_policy,
)
from ministack.services import s3  # type: ignore[import-not-found]

type Answer = tuple[int, dict[str, Any], bytes]


def mend() -> None:
    """Let MiniStack's S3 tell the two apart."""
    serve = s3.serve_cloudfront_origin_fetch

    def serve_or_say_missing(
        bucket: str, key: str, *request: Any, source_arn: str = "", oai_id: str = ""
    ) -> Answer:
        answer: Answer = serve(bucket, key, *request, source_arn=source_arn, oai_id=oai_id)
        store = s3._ensure_bucket(bucket)
        if answer[0] != 403 or store is None or key in store["objects"]:
            return answer
        if not _may_list(bucket, source_arn):
            return answer
        missing: Answer = s3._error(
            "NoSuchKey", "The specified key does not exist.", 404, f"/{bucket}/{key}"
        )
        return missing

    s3.serve_cloudfront_origin_fetch = serve_or_say_missing


def _may_list(bucket: str, source_arn: str) -> bool:
    owner = s3._bucket_owner_account(bucket) or s3.get_account_id()
    policy = s3._bucket_policies.get_scoped(owner, None, bucket)
    if not policy or not source_arn:
        return False
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="s3:ListBucket",
        resource_arn=f"arn:aws:s3:::{bucket}",
        region=s3.get_region(),
        service_context={"aws:sourcearn": source_arn},
    )
    decision = evaluate_resource_policy(policy, context, service="cloudfront.amazonaws.com")
    return bool(decision.decision == "Allow")
