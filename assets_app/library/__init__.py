"""The library: finding, counting and changing many assets at once, whatever their number."""
