"""Pictures and a page of a parameter study."""
