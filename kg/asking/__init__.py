"""Questions to an open graph, and answers as tables, cards and words."""
