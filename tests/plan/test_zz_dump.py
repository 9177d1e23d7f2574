from tests.plan.conftest import *
import sys, json
def test_dump(plan):
    p = plan(FIXTURES / os.environ["DUMP"]) if "DUMP" in os.environ else plan(ROOT/"terraform/bootstrap", {"create_kms_key": True})
    print(json.dumps(p.counts(), indent=1)); print(json.dumps(p.resources(), indent=1)); print(json.dumps(p.statements(), indent=1)); print(json.dumps(p.outputs()))
