"""Short links, kept in Redis."""

import hmac
import os
import secrets
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def redis(*words):
    """One command to Redis; answers of the simple and the bulk kind are enough here."""
    with socket.create_connection((os.environ.get("REDIS_HOST", "localhost"), 6379), timeout=5) as connection:
        encoded = [word.encode() for word in words]
        connection.sendall(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in encoded))
        answer = connection.makefile("rb")
        head = answer.readline().rstrip()
        if head[:1] == b"-":
            raise RuntimeError(head[1:].decode())
        if head[:1] != b"$":
            return head[1:].decode()
        size = int(head[1:])
        return None if size < 0 else answer.read(size).decode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        target = redis("GET", "link:" + self.path[1:])
        if not target:
            return self.send_error(404)
        self.send_response(302)
        self.send_header("Location", target)
        self.end_headers()

    def do_POST(self):
        expected = "Bearer " + os.environ.get("LINKSHORT_TOKEN", "")
        if not hmac.compare_digest(self.headers.get("Authorization", ""), expected):
            return self.send_error(401)
        target = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 2048)).decode().strip()
        if not target.startswith(("http://", "https://")) or any(c.isspace() for c in target):
            return self.send_error(400)
        code = secrets.token_urlsafe(5)
        redis("SET", "link:" + code, target)
        self.send_response(201)
        self.end_headers()
        self.wfile.write((code + "\n").encode())


if __name__ == "__main__":
    if sys.argv[1:] == ["check"]:
        print(redis("PING"))
    else:
        ThreadingHTTPServer(("", 8000), Handler).serve_forever()
