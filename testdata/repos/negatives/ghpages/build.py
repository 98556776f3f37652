#!/usr/bin/env python3
"""Turns posts/*.txt into pages under site/."""

import html
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent
TEMPLATE = (ROOT / "theme" / "page.html").read_text()


def paragraphs(text):
    blocks = [block.strip() for block in text.split("\n\n")]
    return "\n".join("<p>%s</p>" % html.escape(block) for block in blocks if block)


def page(title, body):
    return TEMPLATE.replace("{title}", html.escape(title)).replace("{body}", body)


def main():
    site = ROOT / "site"
    site.mkdir(exist_ok=True)
    links = []
    for post in sorted((ROOT / "posts").glob("*.txt"), reverse=True):
        title, _, text = post.read_text().partition("\n")
        (site / (post.stem + ".html")).write_text(page(title, paragraphs(text)))
        links.append('<li><a href="%s.html">%s</a></li>' % (post.stem, html.escape(title)))
    (site / "index.html").write_text(page("Notes", "<ul>%s</ul>" % "".join(links)))
    (site / "style.css").write_text((ROOT / "theme" / "style.css").read_text())


if __name__ == "__main__":
    main()
