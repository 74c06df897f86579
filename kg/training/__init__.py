"""How the models are made; needs the extra `kg[train]`."""
