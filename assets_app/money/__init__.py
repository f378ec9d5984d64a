"""Credits: what films will cost and what they did, who may spend how much, and what the provider says of it."""
