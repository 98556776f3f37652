"""The pages: newest reports, most frequent signatures, notes on signatures."""

import hashlib
import hmac
import html
import os
import sqlite3
import time
from urllib.parse import parse_qs

from crashview import settings

CACHE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'cache', 'index.html')

PAGE = '''<!DOCTYPE html>
<html><head><title>{title}</title><link rel="stylesheet" href="/static/style.css"></head>
<body><h1>{title}</h1>
<h2>Most frequent</h2><table>{top}</table>
<h2>Newest</h2><table>{newest}</table>
</body></html>
'''

NOTE = ('<form method="post" action="/note"><input type="hidden" name="signature" value="{signature}">'
        '<input type="hidden" name="token" value="{token}"><input name="note" value="{note}"></form>')

TOP = '''SELECT r.signature AS signature, count(*) AS reports, coalesce(n.note, '') AS note
FROM crash_reports r LEFT JOIN page_notes n ON n.signature = r.signature
GROUP BY r.signature ORDER BY reports DESC, r.signature LIMIT ?'''

NEWEST = 'SELECT received, product, release, signature FROM crash_reports ORDER BY received DESC LIMIT ?'


def connect():
    connection = sqlite3.connect(settings.DATABASE)
    connection.row_factory = sqlite3.Row
    return connection


def token(signature):
    """Proves that a form came from our page."""
    return hmac.new(settings.SECRET_KEY.encode(), signature.encode(), hashlib.sha256).hexdigest()


def row(*cells):
    return '<tr>%s</tr>\n' % ''.join('<td>%s</td>' % cell for cell in cells)


def top_row(found):
    signature, note = html.escape(found['signature']), html.escape(found['note'])
    form = NOTE.format(signature=signature, note=note, token=token(found['signature']))
    return row(signature, found['reports'], form)


def page():
    connection = connect()
    try:
        top = ''.join(top_row(found) for found in connection.execute(TOP, (settings.ROWS,)))
        newest = ''.join(row(*(html.escape(str(cell)) for cell in found))
                         for found in connection.execute(NEWEST, (settings.ROWS,)))
    finally:
        connection.close()
    return PAGE.format(title=html.escape(settings.TITLE), top=top, newest=newest)


def cached_page():
    """The page, rendered at most once in CACHE_SECONDS where the cache directory can be written."""
    try:
        if time.time() - os.path.getmtime(CACHE) < settings.CACHE_SECONDS:
            with open(CACHE) as kept:
                return kept.read()
    except OSError:
        pass
    text = page()
    try:
        with open(CACHE, 'w') as kept:
            kept.write(text)
    except OSError:
        pass
    return text


def save_note(environ):
    """Stores the note of a form; returns the status line."""
    size = min(int(environ.get('CONTENT_LENGTH') or 0), 65536)
    form = {name: values[0] for name, values in parse_qs(environ['wsgi.input'].read(size).decode()).items()}
    signature = form.get('signature', '')
    if not hmac.compare_digest(token(signature), form.get('token', '')):
        return '403 Forbidden'
    connection = connect()
    with connection:
        connection.execute('INSERT OR REPLACE INTO page_notes VALUES (?, ?)', (signature, form.get('note', '')))
    connection.close()
    return '303 See Other'


def application(environ, start_response):
    if environ['REQUEST_METHOD'] == 'POST':
        start_response(save_note(environ), [('Location', '/'), ('Content-Length', '0')])
        return [b'']
    body = cached_page().encode('utf-8')
    start_response('200 OK', [('Content-Type', 'text/html; charset=utf-8'), ('Content-Length', str(len(body)))])
    return [body]
