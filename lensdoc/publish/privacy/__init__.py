"""No page loads anything from another host, nor runs a script that the site did not bring: policy and check."""
