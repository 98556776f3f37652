"""The collector as a WSGI application."""

import json
import time
from urllib.parse import parse_qs

from crashhub import configuration, store


class Collector(object):
    def __init__(self, path=None):
        settings = configuration.read(path or configuration.default_path('collector'))['collector']
        self.store = settings['store']
        self.fallback = settings['fallback']
        self.products = settings.get('products', '').split()
        self.max_size = settings.getint('max_size', 20 * 1024 * 1024)

    def __call__(self, environ, start_response):
        if environ['REQUEST_METHOD'] != 'POST':
            return self.answer(start_response, '405 Method Not Allowed', 'send a report with POST\n')
        size = int(environ.get('CONTENT_LENGTH') or 0)
        if not 0 < size <= self.max_size:
            return self.answer(start_response, '413 Request Entity Too Large', 'empty or too large\n')
        try:
            report = self.read_report(environ, size)
        except ValueError as problem:
            return self.answer(start_response, '400 Bad Request', '%s\n' % problem)
        if self.products and report.get('product') not in self.products:
            return self.answer(start_response, '403 Forbidden', 'unknown product\n')
        return self.answer(start_response, '200 OK', 'CrashID=%s\n' % self.keep(report))

    def read_report(self, environ, size):
        body = environ['wsgi.input'].read(size).decode('utf-8')
        if environ.get('CONTENT_TYPE', '').startswith('application/json'):
            report = json.loads(body)
        else:
            report = {name: values[0] for name, values in parse_qs(body).items()}
        if not isinstance(report, dict) or 'product' not in report:
            raise ValueError('a report names its product')
        return report

    def keep(self, report):
        crash_id = store.new_id()
        report['received'] = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        try:
            store.save(self.store, crash_id, report)
        except OSError:
            store.save(self.fallback, crash_id, report)
        return crash_id

    @staticmethod
    def answer(start_response, status, text):
        body = text.encode('utf-8')
        start_response(status, [('Content-Type', 'text/plain; charset=utf-8'), ('Content-Length', str(len(body)))])
        return [body]
