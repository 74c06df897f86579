"""kg turns a pile of papers into a knowledge graph that can be trusted and queried."""

__version__ = "0.1.0"
