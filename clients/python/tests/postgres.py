"""PostgreSQL for the tests, which POSTGRES_URL names as SQLAlchemy does."""
from __future__ import annotations

import os
import uuid

URL = os.environ.get("POSTGRES_URL", "")
if not URL:
    raise RuntimeError("POSTGRES_URL names no PostgreSQL: README.md, Test")


def new_name() -> str:
    """Of a schema that no other test has."""
    return f"client_{uuid.uuid4().hex[:12]}"
