"""The whole chain under load: a bad release is noticed, rolled back, and nothing accepted is lost.

Bad code, errors in its log, metric filter, alarm, SNS, orchestrator, alias, notification: each is
the deployed one, with IAM enforced. Only the pump plays a part that CloudWatch has on AWS.
"""

from __future__ import annotations

from customer_platform.deployments.ledger import Kind
from ops.demo.chain import ledger, run, target
from ops.demo.load import Load
from ops.deployed import Deployed
from tests.e2e.conftest import Deployment

LIMIT = 60


def test_a_bad_release_under_load_heals_itself_and_loses_nothing(deployment: Deployment) -> None:
    stack = Deployed(deployment.outputs)
    found = target(stack)
    before = [entry.hash for entry in ledger(stack).forwards(found.name)]
    load = Load(deployment.outputs["api_base_url"], threads=4, per_second=8)
    lines: list[str] = []

    def apply() -> None:
        # The broken version is the newest still, and the alias is not where Terraform made it.
        outputs = deployment.stack.apply(deployment.cloud)
        newest = outputs["functions"]["feedback_processor"]["version"]
        lines.append(f"applied: newest is {newest}, live is {found.alias()['FunctionVersion']}")
        assert newest != found.version
        assert found.is_back()

    outcome = run(found, load, LIMIT, lines.append, apply)

    print("\n".join(["", *lines]))
    assert outcome.healed_in is not None, lines
    print(f"from the first error to healed: {outcome.healed_in:.1f} s")
    assert outcome.moments.all, outcome.moments
    # The bug's own answer and nothing else: moving an alias cuts no request off.
    assert {answer.status for answer in outcome.answers} == {201, 500}
    assert outcome.unhealthy == 0
    assert outcome.lost == []
    assert outcome.miscounted == 0

    entries = [e for e in ledger(stack).forwards(found.name) if e.hash not in before]
    moved = [(entry.kind, entry.from_version, entry.to_version) for entry in entries]
    broken = moved[-1][1]
    # Before them, what is live may have been adopted.
    assert moved[-4:] == [
        (Kind.CANARY, found.version, broken),
        (Kind.RELEASED, found.version, broken),
        (Kind.ROLLBACK_STARTED, broken, found.version),
        (Kind.ROLLED_BACK, broken, found.version),
    ]
