"""Run docs/notebook.ipynb and store its outputs: python docs/run_notebook.py (needs nbclient and ipykernel)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).with_name("notebook.ipynb")


def run_notebook(folder: Path) -> Any:
    """Return the notebook with fresh outputs, run in a folder beside `kg-out` or `seeds`.

    Frames with a page are left out of the outputs: each would hold the whole page.
    """
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            if "<iframe" in output.get("data", {}).get("text/html", ""):
                del output.data["text/html"]
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


if __name__ == "__main__":
    import nbformat

    nbformat.write(run_notebook(NOTEBOOK.parent), NOTEBOOK)
