"""All benchmarks, or those named: python -m tests.benchmarks.run NAME...."""

import sys
from importlib import import_module

ALL = ("startup", "moves", "growth", "imports", "undo", "duplicates")


def main(names: list[str]) -> int:
    """Run the benchmarks and return 1 if one missed its target."""
    met = [import_module(f"tests.benchmarks.{name}").main() for name in names or ALL]
    print("\nall targets met" if all(met) else "\na target was missed")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
