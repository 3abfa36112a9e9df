"""Makes the fonts of articles: `npm ci; python fonts.py` here, with fonttools and brotli installed.

The families are Adobe's Source Serif 4 and Source Sans 3 under the SIL Open Font License. A subset is a modified version, which
must not carry the reserved name; so the fonts are called Lensdoc Serif and Lensdoc Sans.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

HERE = Path(__file__).parent
OUT = HERE.parent / "assets" / "fonts"
LATIN = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    0x192,
    0x218,
    0x219,
    0x21A,
    0x21B,
    0x2BC,
    *range(0x300, 0x305),
    0x308,
    0x30A,
    0x30C,
]
SIGNS = [
    0x2010,
    0x2011,
    0x2013,
    0x2014,
    0x2018,
    0x2019,
    0x201A,
    0x201C,
    0x201D,
    0x201E,
    0x2020,
    0x2021,
    0x2022,
    0x2026,
    0x2032,
    0x2033,
]
MORE = [0x2039, 0x203A, 0x2044, 0x20AC, 0x2122, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2215, 0x2248, 0x2260, 0x2264, 0x2265]
FONTS = {
    "serif": ("source-serif-4", "latin-wght-normal", "Lensdoc Serif"),
    "serif-italic": ("source-serif-4", "latin-wght-italic", "Lensdoc Serif"),
    "serif-more": ("source-serif-4", "latin-ext-wght-normal", "Lensdoc Serif"),
    "sans": ("source-sans-3", "latin-wght-normal", "Lensdoc Sans"),
    "sans-more": ("source-sans-3", "latin-ext-wght-normal", "Lensdoc Sans"),
}
"""Name of the file: its package, the file there, the name of the family."""
WEIGHTS = {"serif": (400, 700), "serif-italic": 400, "serif-more": 400, "sans": (400, 700), "sans-more": 400}


def _saved(font: TTFont) -> TTFont:
    """The font as it is read back: the instancer trips over a subset that was never written."""
    font.flavor = None
    file = BytesIO()
    font.save(file)
    return TTFont(BytesIO(file.getvalue()))


def make(name: str) -> bytes:
    """A subset with the weights that articles use."""
    package, file, family = FONTS[name]
    font = TTFont(HERE / "node_modules" / "@fontsource-variable" / package / "files" / f"{package}-{file}.woff2")
    options = Options()
    options.layout_features = ["ccmp", "kern", "liga", "locl", "mark", "mkmk", "pnum", "tnum"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[*LATIN, *SIGNS, *MORE])
    subsetter.subset(font)
    font = instantiateVariableFont(_saved(font), {"wght": WEIGHTS[name]})
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6):
            record.string = family if record.nameID != 6 else family.replace(" ", "")  # noqa: PLR2004 - the PostScript name
    font.flavor = "woff2"
    path = OUT / f"{name}.woff2"
    path.parent.mkdir(parents=True, exist_ok=True)
    font.save(path)
    return path.read_bytes()


if __name__ == "__main__":
    sizes = {name: len(make(name)) for name in FONTS}
    sys.stdout.write(f"{sizes}, together {sum(sizes.values()):,} bytes\n")
