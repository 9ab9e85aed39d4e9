"""Runs crmctl in a process of its own, with bounded memory, and measures it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.conftest import ROOT

_PROGRAM = """
import resource, sys
limit = int(sys.argv.pop(1)) << 20
if limit:
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
from crmctl.cli import main
code = main(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
below = resource.getrusage(resource.RUSAGE_CHILDREN)
peak = max(used.ru_maxrss, below.ru_maxrss) >> 10
spent = used.ru_utime + used.ru_stime + below.ru_utime + below.ru_stime
sys.stdout.flush()
sys.stderr.write(f"\\nmeasured {peak} {spent}\\n")
sys.exit(code)
"""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How a process ended: its code, what it said, its peak in MB, and its seconds of CPU.

    One that was killed or ran out of memory was not measured, and has zeros.
    """

    code: int
    stdout: str
    stderr: str
    megabytes: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        told = " ".join(self.stderr.split())[:300]
        return f"exit {self.code}, {self.megabytes} MB, {self.seconds:.1f} s: {told}"


def run_measured(
    url: str, arguments: Sequence[str], *, megabytes: int = 0, seconds: int = 60
) -> Measured:
    """Run crmctl in at most so much address space and time, and measure it."""
    environment = {**os.environ, "CRMCTL_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _PROGRAM, str(megabytes), *arguments]
    try:
        ran = subprocess.run(command, capture_output=True, env=environment, timeout=seconds)
    except subprocess.TimeoutExpired:
        return Measured(code=-1, stdout="", stderr=f"still running after {seconds} s")
    stderr, _, figures = ran.stderr.decode(errors="replace").rpartition("\nmeasured ")
    peak, spent = figures.split() if figures.count(" ") == 1 else ("0", "0")
    return Measured(
        code=ran.returncode,
        stdout=ran.stdout.decode(errors="replace"),
        stderr=stderr or ran.stderr.decode(errors="replace"),
        megabytes=int(peak),
        seconds=float(spent),
    )
