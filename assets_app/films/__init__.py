"""The team's films: finding, counting, comparing, naming and packing them, and throwing them away."""
