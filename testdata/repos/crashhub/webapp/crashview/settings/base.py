"""Defaults that every installation shares."""

TITLE = 'Crash reports'
ROWS = 50
CACHE_SECONDS = 60
DATABASE = '/home/crashhub/crashhub.db'
DEBUG = False
