"""The article as one archive for repositories such as Zenodo: site, data, crate, citation file and PDFs."""
