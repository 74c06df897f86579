"""The graph as a network, and the network as one HTML page."""
