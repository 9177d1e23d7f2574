"""A build, published to a stack: its bucket, and its distribution's memory."""

from __future__ import annotations

import uuid
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from ops import OperatorError
from ops.deployed import Deployed
from ops.site.publishing import Published, invalidate, publish


def publish_to(stack: Deployed, folder: Path, *, wait: bool = False) -> Published:
    """Publish the build in `folder` to `stack`, and have CloudFront forget what it changed; with
    `wait`, until it has. Raises OperatorError."""
    stack.require("site_url", "site_bucket_name", "site_distribution_id")
    outputs = stack.outputs
    try:
        done = publish(stack.client("s3"), outputs["site_bucket_name"], folder)
        if done.stale_paths:
            cloudfront, distribution = stack.client("cloudfront"), outputs["site_distribution_id"]
            id_ = invalidate(cloudfront, distribution, done.stale_paths, uuid.uuid4().hex)
            if wait:
                waiter = cloudfront.get_waiter("invalidation_completed")
                waiter.wait(
                    DistributionId=distribution, Id=id_,
                    WaiterConfig={"Delay": 5, "MaxAttempts": 120},
                )  # fmt: skip
    except WaiterError as error:
        raise OperatorError(
            f"published, but CloudFront has not forgotten the old pages after 10 minutes: {error}"
        ) from error
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(f"the site was not published: {error}") from error
    return done


def told(done: Published) -> str:
    """What was done, in a line."""
    if not (done.uploaded or done.retired):
        return "nothing changed"
    return f"{len(done.uploaded)} files uploaded, {len(done.retired)} retired"
