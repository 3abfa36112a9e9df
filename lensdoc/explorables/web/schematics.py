"""Puts the letters of articles into drawings: `python schematics.py ../../../docs/*.svg` here, with fonttools and brotli.

A picture loads no font of the page around it. So each SVG carries those letters of Lensdoc Sans and Lensdoc Serif that it shows.
"""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from lxml import etree

FONTS = Path(__file__).parent.parent / "assets" / "fonts"
FACES = (
    ("sans", "font-family: Lensdoc Sans; font-weight: 400 700", False),
    ("serif-italic", "font-family: Lensdoc Serif; font-style: italic", True),
)
"""Name of the file, what a style sheet says of it, and whether it is that of the class `math`."""
OURS = re.compile(r'<style id="fonts">.*?</style>\n', re.DOTALL)


def shown(svg: str, *, math: bool) -> set[str]:
    """Letters of the texts that are formulas, or of those that are not."""
    texts = etree.fromstring(svg.encode()).iter("{http://www.w3.org/2000/svg}text")
    return {letter for text in texts if (text.get("class") == "math") == math for letter in "".join(text.itertext())}


def subset(name: str, letters: set[str]) -> str:
    """A font with these letters alone, in base64."""
    font = TTFont(FONTS / f"{name}.woff2")
    options = Options()
    options.layout_features = ["kern"]
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(letters))
    subsetter.subset(font)
    file = BytesIO()
    font.flavor = "woff2"
    font.save(file)
    return b64encode(file.getvalue()).decode()


def lettered(svg: str) -> str:
    """The drawing with the fonts that it needs, in front of its own style."""
    svg, faces = OURS.sub("", svg), []
    for name, said, math in FACES:
        if letters := shown(svg, math=math):
            faces.append(f'@font-face {{ {said}; src: url("data:font/woff2;base64,{subset(name, letters)}") }}\n')
    return svg.replace("<style>", f'<style id="fonts">\n{"".join(faces)}</style>\n<style>', 1)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(lettered(path.read_text(encoding="utf-8")), encoding="utf-8")
        sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")
