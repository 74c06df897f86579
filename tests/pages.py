"""Two papers, files that hold them, and what was read of such files."""

from pathlib import Path

from kg.reading.read import Reading

OWLS = (
    "We study how owls hunt at night. They fly without a sound, and nobody hears them coming. Our model of their wings "
    "explains this. It needs two numbers, and it agrees with what we measured in four forests over ten years of work."
)
TREES = (
    "Trees grow slowly. This work counts their rings by a camera, which is faster than by hand. On three sets of owls "
    "it makes half the mistakes of earlier work. We publish the images, the program and all the counts we made."
)


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def pairs(reading: Reading) -> list[tuple[str, str]]:
    return [(paper.title, paper.abstract) for paper in reading.papers]


PAGES = {
    "bare": f"Wings of Night Owls\n\n{OWLS}\n\nCounting Rings of Trees\n\n{TREES}\n",
    "furniture": f"new\n\nGet the best papers in your inbox!\n\nSubscribe\n\nbyXY and friends\n\nMay 3\n\n"
    f"Wings of Night Owls\n\n{OWLS}\n\nCounting Rings of Trees\n\n{TREES}\n",
    "newsletter": "The Weekly Digest of Forest Research\n\nYou get this because you subscribed.\n\nView in browser\n\n"
    f"Wings of Night Owls\n\n{OWLS}\n\n12\n\n3 May 2024\n\nCounting Rings of Trees\n\n{TREES}\n\n"
    "© 2024 Forests. All rights reserved.\n\nUnsubscribe\n",
    "markdown": f"# Wings of Night Owls\n\n{OWLS}\n\n## Counting Rings of Trees\n\n{TREES}\n",
    "without blank lines": f"Wings of Night Owls\n{OWLS}\n\nCounting Rings of Trees\n{TREES}\n",
    "blanks and CR LF": f" \r\n Wings of  Night Owls \r\n \r\n{OWLS}\r\n \r\nCounting Rings of Trees\r\n\r\n{TREES}",
}
