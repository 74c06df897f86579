"""The page for people; minimal: a title, and where the data is."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from kg.serving.site import Site


def routes(site: Site) -> list[BaseRoute]:
    """Return the routes of the explorer."""
    return []


def page(site: Site, request: Request) -> Response:
    """Return the page that stands at the address of the request."""
    thing = escape(site.iri(request.url.path.lstrip("/")))
    turtle = escape(f"{request.url.path}?format=ttl")
    return HTMLResponse(
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{thing}</title></head>\n'
        f'<body><h1>{thing}</h1><p><a href="{turtle}">Turtle</a> <a href="/sparql">SPARQL</a></p></body></html>\n'
    )
