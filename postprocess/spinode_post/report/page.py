"""A page of HTML that stands alone: sections, tables, and pictures with captions."""

import base64
import io
import re
from collections.abc import Iterable
from html import escape

import matplotlib.pyplot as plt

DPI = 200
STYLE = """
:root { color-scheme: light; }
body { margin: 2.5rem auto 4rem; padding: 0 1.25rem; max-width: 49rem; color: #1a1a1a; background: #fff;
  font: 1rem/1.5 Charter, "Bitstream Charter", "Source Serif 4", Georgia, serif; }
h1 { margin: 0 0 .25rem; font-size: 1.7rem; line-height: 1.2; text-wrap: balance; }
h2 { margin: 2.5rem 0 .75rem; padding-bottom: .2rem; border-bottom: 1px solid #bbb; font-size: 1.2rem; }
h3 { margin: 1.2rem 0 .2rem; font-size: 1rem; }
p { margin: .5rem 0; }
sub, sup { line-height: 0; }
.lead { color: #444; }
nav { margin: 1rem 0; font-size: .9rem; }
nav a { margin-right: 1rem; color: #0b5394; text-decoration: none; }
figure { margin: 1.5rem 0; break-inside: avoid; }
figure img { display: block; max-width: 100%; margin: 0 auto; }
figcaption { margin-top: .5rem; color: #333; font-size: .875rem; line-height: 1.45; }
figcaption b { color: #1a1a1a; }
.warning { padding: .5rem .9rem; border-left: 3px solid #d55e00; background: #fdf3ec; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
caption { padding: .2rem 0; font-weight: bold; text-align: left; }
th, td { padding: .18rem .6rem .18rem 0; border-bottom: 1px solid #e4e4e4; text-align: left; vertical-align: top; font-weight: normal; }
th { color: #555; width: 38%; }
.pair { columns: 2 20rem; column-gap: 2rem; }
.pair table { margin-bottom: 1rem; break-inside: avoid; }
.pair th { width: 62%; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .78rem; line-height: 1.4; }
@page { margin: 18mm 16mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 10pt; }
  nav { display: none; }
  h2, h3, caption { break-after: avoid; }
}
"""


def markup(text: str) -> str:
    """A text of a figure, with powers as "m$^{-1}$", as HTML."""
    text = re.sub(r"\$\^\{(-?\d+)\}\$", lambda m: f"<sup>{m[1]}</sup>", escape(text, quote=False))
    return re.sub(r"\$([A-Za-z])\$", r"<i>\1</i>", text).replace("<sup>-", "<sup>−")


def inline(figure: plt.Figure) -> str:
    """The figure as an <img> that holds its PNG, at its size on paper; closes the figure."""
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=DPI, bbox_inches="tight", pad_inches=0.04)
    plt.close(figure)
    data = buffer.getvalue()
    width = int.from_bytes(data[16:20], "big") * 96 // DPI  # the header of a PNG
    return f'<img width="{width}" alt="" src="data:image/png;base64,{base64.b64encode(data).decode()}">'


class Page:
    """Collects the parts of a page in order. Captions, leads and cells are HTML; titles and names are plain text."""

    def __init__(self, title: str, lead: str) -> None:
        self.title = title
        self.sections: list[str] = []
        self.parts = [f"<h1>{escape(title)}</h1>", f'<p class="lead">{lead}</p>', ""]
        self.figures = 0

    def section(self, name: str) -> None:
        """A heading, which the contents name."""
        self.sections.append(name)
        self.parts.append(f'<h2 id="{_anchor(name)}">{escape(name)}</h2>')

    def paragraph(self, text: str, *, warning: bool = False) -> None:
        self.parts.append(f'<p class="warning">{text}</p>' if warning else f"<p>{text}</p>")

    def figure(self, figure: plt.Figure, name: str, caption: str) -> None:
        """A numbered figure; `name` begins its caption in bold."""
        self.figures += 1
        text = f"<b>Figure {self.figures}. {escape(name)}.</b> {caption}"
        image = inline(figure).replace('alt=""', f'alt="{escape(name)}"')
        self.parts.append(f"<figure>{image}<figcaption>{text}</figcaption></figure>")

    def table(self, rows: Iterable[tuple[str, str]]) -> None:
        """Rows of name and value."""
        self.parts.append(_table(rows))

    def tables(self, named: Iterable[tuple[str, Iterable[tuple[str, str]]]]) -> None:
        """Small tables with titles, in two columns where the page is wide."""
        self.parts.append('<div class="pair">' + "".join(_table(rows, title) for title, rows in named) + "</div>")

    def listing(self, lines: Iterable[str]) -> None:
        self.parts.append("<pre>" + escape("\n".join(lines)) + "</pre>")

    def html(self) -> str:
        """The whole page."""
        links = "".join(f'<a href="#{_anchor(name)}">{escape(name)}</a> ' for name in self.sections)
        body = "\n".join([*self.parts[:2], f"<nav>{links}</nav>", *self.parts[3:]])
        head = '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n' + f"<title>{escape(self.title)}</title>\n<style>{STYLE}</style>"
        return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")


def _table(rows: Iterable[tuple[str, str]], title: str = "") -> str:
    body = "".join(f"<tr><th scope='row'>{name}</th><td>{value}</td></tr>" for name, value in rows)
    return f"<table>{f'<caption>{escape(title)}</caption>' if title else ''}{body}</table>"
