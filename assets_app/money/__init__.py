"""What films cost: added up, and held against what the provider says."""
