"""What `lensdoc.live` is made of: a model and its measures as one graph, its weights as files, and what holds both against PyTorch."""
