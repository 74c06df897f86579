"""What several test modules share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with the real pages and corpora (`KG_SHARED`, or `shared` beside the repository), or skip."""
    given = os.environ.get("KG_SHARED")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "seeds").is_dir():
        pytest.skip("the shared pages are not here; set KG_SHARED to their folder")
    return folder
