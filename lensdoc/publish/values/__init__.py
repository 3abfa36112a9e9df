"""Values in prose and in front matter: looked up in records, linked to their data, shown as numbers, sparklines or conditions."""
