"""Make the picture of the README from a page that kg wrote.

    python docs/make_picture.py kg-out/graph.html docs/network.png [KEY OF A NODE]

A node ("method/speculative-decoding", as in the address of the page when it is selected) is shown with its card.
Needs the packages selenium and pillow, and the browser: `apt-get install chromium chromium-driver`.
"""

from __future__ import annotations

import base64
import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

SIZE = (1280, 800)
BYTES_MAX = 300_000
READY = "return 'ready' in document.documentElement.dataset"
SCALES = (2.0, 1.5, 1.0)
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--proxy-server=127.0.0.1:9",
)


def take_picture(page: Path, node: str = "") -> bytes:
    """Return a PNG of the page, as sharp as `BYTES_MAX` allows, with a node selected if one is given."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        try:
            picture = b""
            for scale in SCALES:
                size = {"width": SIZE[0], "height": SIZE[1], "deviceScaleFactor": scale, "mobile": False}
                driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
                light = {"features": [{"name": "prefers-color-scheme", "value": "light"}]}
                driver.execute_cdp_cmd("Emulation.setEmulatedMedia", light)
                driver.get("about:blank")
                driver.get(page.resolve().as_uri() + (f"#{node}" if node else ""))
                WebDriverWait(driver, 60).until(lambda d: d.execute_script(READY))
                driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
                taken = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
                picture = shrink(base64.b64decode(taken["data"]))
                if len(picture) <= BYTES_MAX:
                    break
        finally:
            driver.quit()
    return picture


def shrink(picture: bytes) -> bytes:
    """Return a PNG with at most 256 colours."""
    small = io.BytesIO()
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 4:
        sys.exit("usage: make_picture.py PAGE.html PICTURE.png [KEY OF A NODE]")
    made = take_picture(Path(sys.argv[1]), *sys.argv[3:])
    Path(sys.argv[2]).write_bytes(made)
    print(f"{sys.argv[2]}: {len(made) / 1000:.0f} kB")
