"""The version of hpsearch, for whoever must not import the package itself in a circle."""

__version__ = "0.1.0"
