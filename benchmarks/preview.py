"""How long `onramp preview` takes, against the plain SDK registering the same resources under its mocks, in one run.

Both sides run in fresh processes, in turn, so that imports count and neither warms the other. Prints one ratio.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
ROUNDS: Final = 5
STACK: Final = "dev"
BAR: Final = 1.5


def seconds(command: list[str], output: Path) -> float:
    """How long `command` takes, in a process of its own; what it prints goes to the file `output`.

    Raises:
        subprocess.CalledProcessError: when it fails, because then there is nothing to compare.
    """
    with output.open("w", encoding="utf-8") as printed:
        started = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, stdout=printed)
        return time.perf_counter() - started


def main() -> None:
    """Run both sides in turn, and print the medians and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        previewed, nothing = Path(folder, "preview.json"), Path(folder, "nothing")
        ours = [sys.executable, "-m", "onramp", "preview", STACK, "--json"]
        plain = [sys.executable, "-m", "benchmarks.plain_sdk", STACK, str(previewed)]
        seconds(ours, previewed)
        seconds(plain, nothing)
        pairs = [(seconds(ours, previewed), seconds(plain, nothing)) for _ in range(ROUNDS)]
    medians = [statistics.median(side) for side in zip(*pairs, strict=True)]
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"onramp preview {STACK}: {medians[0]:.2f} s; the same resources under the plain SDK: {medians[1]:.2f} s")
    print(json.dumps({"ratio": round(ratio, 2), "bar": BAR, "rounds": ROUNDS}))


if __name__ == "__main__":
    main()
