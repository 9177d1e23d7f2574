"""Static security: what a reviewer would scan, scanned on every commit. `make security`."""

from ops import BUILD, ROOT

FOLDER = BUILD / "security"
TOOLS = FOLDER / "venv" / "bin"
POLICIES = ROOT / "tests" / "security" / "policies"
REVIEWED = ROOT / "tests" / "security" / "reviewed.yaml"
CONTROLS = ROOT / "tests" / "security" / "controls.yaml"
