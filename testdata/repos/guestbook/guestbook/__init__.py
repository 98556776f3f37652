"""A guest book for small web sites."""

__version__ = "2.3.0"
