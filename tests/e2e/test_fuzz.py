"""schemathesis tries every operation of the OpenAPI document on the applied stack: examples,
the edges of every schema, random data that fits and that does not, and chains along the links.

`FUZZ_EXAMPLES=1000 make e2e` looks further, at random; `FUZZ_SEED=…` repeats what it prints.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ops import ROOT
from tests.e2e.conftest import Deployment

HERE = Path(__file__).parent
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))  # of each operation, and chains
SEED = os.environ.get("FUZZ_SEED", "" if "FUZZ_EXAMPLES" in os.environ else "20251001")


def test_every_answer_is_as_documented(deployment: Deployment, tmp_path: Path) -> None:
    report = tmp_path / "fuzz.json"
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "--config-file", str(HERE / "fuzz.toml"),
            "run", str(ROOT / "terraform" / "openapi.yaml"),
            "--checks", "all",
            "--max-examples", str(EXAMPLES),
            *(["--seed", SEED] if SEED else []),
            "--report", "json", "--report-json-path", str(report),
            "--no-color",
        ],
        env=os.environ | deployment.cloud.environment | {
            "FUZZ_HOOKS": str(HERE / "fuzz_hooks.py"),
            "FUZZ_URL": deployment.outputs["api_base_url"],
            "FUZZ_API_KEY": deployment.outputs["api_key_values"]["operator"],
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'lambda_src'}",
            "COLUMNS": "120",
        },
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(done.stdout)
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
    result = json.loads(report.read_text())
    assert result["operations"]["tested"] == result["operations"]["total"] == operations()
    assert {phase["status"] for phase in result["phases"].values()} == {"success"}
    links = re.search(r"API Links: +(\d+) covered / \d+ selected / (\d+) total", done.stdout)
    assert links
    # Which of them it follows is the generator's choice: of 19, 12 with 40 examples.
    assert int(links[1]) >= 8


def operations() -> int:
    document = yaml.safe_load((ROOT / "terraform" / "openapi.yaml").read_text())
    return sum(
        "operationId" in operation
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
    )
