from __future__ import annotations

import re
from pathlib import Path

from fastapi.routing import APIRoute

from api.app import ROUTERS


def test_the_page_about_the_interface_names_every_address_and_no_other(root: Path) -> None:
    page = (root / "docs" / "api.md").read_text("utf-8")
    told = set(re.findall(r"^\| (GET|POST|PUT|PATCH|DELETE) \| `([^`?]+)", page, re.MULTILINE))
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    real = {(method, route.path) for route in routes for method in route.methods if method != "HEAD"}
    assert told == real
