"""Reads the *.ini files."""

import argparse
import configparser
import os

APPLICATION = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class ConfigurationError(Exception):
    """A file or a setting is missing."""


def default_path(name):
    """The copy of a configuration file that the deployment put beside the code."""
    return os.path.join(APPLICATION, 'config', name + '.ini')


def read(path):
    """Parses one file; says which file it was when that does not work."""
    parser = configparser.ConfigParser(interpolation=None)
    if not parser.read(path):
        raise ConfigurationError('no configuration file %s' % path)
    return parser


def parser_for(name, description):
    """A command line with the option that all programs have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('--config', default=default_path(name), help='configuration file (default %(default)s)')
    return parser
