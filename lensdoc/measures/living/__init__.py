"""What `lensdoc.live` is made of: a model and its measures as a graph, its weights as files, and what holds both to PyTorch."""
