"""What an author makes without a measure of lensdoc: figures of other libraries, and tables, as records."""
