"""Compares the program with its own description: every answer to what Schemathesis makes up has to be described there."""

import os
import pathlib
import subprocess
import sys
import tempfile

from openapi_spec_validator import validate
from openapi_spec_validator.readers import read_from_filename
from stage import Stage

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PLACE = ROOT / "target" / "schemathesis"
SECONDS = "60"
# The same inputs each time, as far as the time allows; another seed can be given.
SEED = "1"


def main():
    description, _ = read_from_filename(str(ROOT / "src" / "web" / "openapi.json"))
    validate(description)
    binary = os.environ.get("HASJOINED_BIN", ROOT / "target" / "debug" / "hasjoined")
    with tempfile.TemporaryDirectory(prefix="hasjoined-schemathesis-") as folder, Stage(binary, folder) as stage:
        options = ["--max-time", SECONDS, "--seed", SEED, "--generation-database", "none"]
        options += ["--no-color", "--warnings", "off"]
        environment = {
            **os.environ,
            "LOGIN_API_URL": stage.url,
            "PYTHONPATH": str(HERE),
            "SCHEMATHESIS_HOOKS": "hooks",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(PLACE / "hypothesis"),
        }
        tool = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run"]
        command = [*tool, f"{stage.url}/openapi.json", *options, *sys.argv[1:]]
        return subprocess.run(command, cwd=PLACE, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
