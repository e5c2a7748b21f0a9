"""Prints which tests were skipped and why; exits with 1 if one of them could have run on this machine.

A test says in its message what it lacks. What the words stand for is looked up here; a message without known words
counts as a test that could have run, so that nobody can skip one without a reason.
"""

import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def has_chromium() -> bool:
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def has_engine() -> bool:
    docker = shutil.which("docker")
    return bool(docker) and subprocess.run([docker, "info"], capture_output=True, check=False).returncode == 0


def has_gpu() -> bool:
    smi = shutil.which("nvidia-smi")
    return bool(smi) and subprocess.run([smi], capture_output=True, check=False).returncode == 0


# Words in a skip message, and whether what they name is here.
NEEDS = [
    (("chromium", "browser"), has_chromium),
    (("docker", "container", "engine"), has_engine),
    (("cuda", "gpu"), has_gpu),
    (("promtool", "prometheus"), lambda: bool(shutil.which("promtool"))),
    (("maskstream.models", "shared/models", "pretrained", "no models"), lambda: (SHARED / "models").is_dir()),
    (("maskstream.datasets", "data set", "dataset", "camvid", "shared/datasets"), lambda: (SHARED / "datasets").is_dir()),
    (("linux", "/proc"), lambda: sys.platform == "linux"),
]


def could_have_run(reason: str) -> bool:
    words = reason.lower()
    for names, is_here in NEEDS:
        if any(name in words for name in names):
            return is_here()
    return True


def main() -> int:
    run = skipped = 0
    wrong = []
    for report in sorted(ROOT.glob("*/target/*-reports/TEST-*.xml")):
        for case in xml.parse(report).getroot().iter("testcase"):
            run += 1
            mark = case.find("skipped")
            if mark is None:
                continue
            skipped += 1
            reason = mark.get("message") or "no reason given"
            name = f"{case.get('classname')}.{case.get('name')}"
            print(f"skipped {name}: {reason}")
            if could_have_run(reason):
                wrong.append(name)
    print(f"{run} tests, {skipped} skipped")
    for name in wrong:
        print(f"could have run here: {name}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
