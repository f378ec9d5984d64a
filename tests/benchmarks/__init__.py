"""Benchmarks: `make bench`, or `python -m tests.benchmarks [names…]`. They measure and compare; they never fail.

Each compares things within one run and in processes of their own, so that its ratios hold on any machine.
"""
