"""Files become papers: listing pages, JSON, tables and BibTeX, each paper once."""
