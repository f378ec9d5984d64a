"""The team's films: finding, counting, naming, packing and throwing away many at once."""
