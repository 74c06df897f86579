"""The graph over HTTP: a SPARQL endpoint, linked data, and the pages of the explorer."""
