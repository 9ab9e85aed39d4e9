"""Benchmarks, run by hand: ratios against a floor in the same run, since machines differ."""
