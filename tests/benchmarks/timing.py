"""Measuring by turns, and the table that tells the result."""

import gc
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Measured:
    """The seconds that one thing took, each time it was done."""

    seconds: list[float]

    @property
    def best(self) -> float:
        """The time with the least disturbance."""
        return min(self.seconds)

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.seconds)


def by_turns(
    actions: Mapping[str, Callable[[int], object]], repeats: int, *, warm: int = 1
) -> dict[str, Measured]:
    """Return the times of `actions`, done in turn `repeats` times, so that all share the noise.

    Each is given the number of the turn. The first `warm` turns are not counted.
    """
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(-warm, repeats):
        for name, action in actions.items():
            gc.collect()
            start = time.perf_counter()
            action(turn)
            if turn >= 0:
                taken[name].append(time.perf_counter() - start)
    return {name: Measured(seconds) for name, seconds in taken.items()}


def heading(title: str, repeats: int) -> None:
    """Print what is measured, and how."""
    print(f"\n{title}")
    print(f"{repeats} turns of each, {os.cpu_count()} cores; best and median in milliseconds")


def report(
    results: Mapping[str, Measured], floor: str, targets: Mapping[str, float] | None = None
) -> bool:
    """Print `results` as ratios to the one called `floor`; return whether `targets` were met."""
    print(f"{'':40} {'best':>8} {'median':>8} {'ratio':>6}  target")
    met = True
    for name, result in results.items():
        ratio = result.best / results[floor].best
        target = (targets or {}).get(name)
        met = met and (target is None or ratio <= target)
        verdict = "" if target is None else f"<= {target}{'' if ratio <= target else '  MISSED'}"
        print(
            f"{name:40} {result.best * 1000:8.1f} {result.middle * 1000:8.1f} {ratio:6.2f}"
            f"  {verdict}".rstrip()
        )
    return met
