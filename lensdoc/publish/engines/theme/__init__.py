"""What depends on the HTML of the theme Material."""
