"""crashhub: collects, processes and shows crash reports."""

__version__ = '1.4.2'
