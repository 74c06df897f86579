"""The explorer: the pages of `kg serve` for people, and what they read."""
