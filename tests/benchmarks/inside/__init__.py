"""What runs in the measured processes; see `tests.benchmarks.inside.__main__` for how they are started."""
