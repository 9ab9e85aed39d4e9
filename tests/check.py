"""Run every check of the repository and fail if one of them does."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# import-linter has no `python -m` form; this is what its `lint-imports` script does.
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as run; run(['--no-logo'])"

CHECKS = {
    "lint": ["-m", "ruff", "check"],
    "format": ["-m", "ruff", "format", "--check"],
    "types": ["-m", "mypy"],
    "imports": ["-c", LINT_IMPORTS],
    "tests": ["-m", "pytest", "-q", "-n", "2", "--dist", "worksteal"],
}


def passes(name: str, arguments: list[str]) -> bool:
    """Run one check with this interpreter, under a heading, and return whether it passed."""
    print(f"== {name}", flush=True)
    return subprocess.run([sys.executable, *arguments], cwd=ROOT).returncode == 0


def main() -> int:
    """Run all checks, however many fail, and return the exit code for the shell."""
    failed = [name for name, arguments in CHECKS.items() if not passes(name, arguments)]
    print(f"== failed: {', '.join(failed)}" if failed else "== all checks passed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
