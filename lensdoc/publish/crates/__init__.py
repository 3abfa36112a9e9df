"""What an article was made from and what it made, packed as an RO-Crate."""
