"""What several test modules share."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

# where CI is set, properties are tried on the same examples every time; elsewhere on new ones
settings.register_profile("ci", derandomize=True, database=None, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")

# what tests run keeps nothing in the user's cache folder
_CACHE = tempfile.TemporaryDirectory(prefix="kg-test-cache-")
os.environ["KG_CACHE"] = _CACHE.name

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with the real pages and corpora (`KG_SHARED`, or `shared` beside the repository), or skip."""
    given = os.environ.get("KG_SHARED")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "seeds").is_dir():
        pytest.skip("the shared pages are not here; set KG_SHARED to their folder")
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `kg build` makes of the corpus that ships with kg; tests that use it share one worker.

    What the command printed stands beside it in `said.txt`.
    """
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "kg", "build", str(ROOT / "seeds"), "-o", "kg-out"]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    (folder / "said.txt").write_text(done.stderr, encoding="utf-8")
    return folder / "kg-out"
