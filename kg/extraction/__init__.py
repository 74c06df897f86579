"""One paper becomes what is found in it: mentions, keyphrases, results, addresses."""
