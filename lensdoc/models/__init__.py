"""Language models: loading one, and tracing what it does with a text."""
