"""`lensdoc/tiny`, the bundled model: its training text, its training, its evaluation, its checkpoint."""
