"""What an SVG on a page may hold: elements, attributes and functions of CSS that draw, and load and run nothing."""

from __future__ import annotations

_ELEMENTS = (
    "svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath title desc linearGradient "
    "radialGradient stop clipPath mask pattern marker image style switch filter feBlend feColorMatrix feComponentTransfer "
    "feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB "
    "feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight "
    "feTile feTurbulence"
)
ELEMENTS = frozenset(_ELEMENTS.split())
TEXTS = frozenset({"text", "tspan", "textPath", "title", "desc", "style"})
"""Elements whose text counts."""
SILENT = frozenset({"metadata"})
"""Elements that draw nothing and go without a word, as all of other namespaces do."""
UNWRAPPED = frozenset({"a"})
"""Elements whose content stays: in a picture no link can be followed."""

_GEOMETRY = (
    "x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy d points width height viewBox preserveAspectRatio transform pathLength offset "
    "gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits patternUnits patternContentUnits "
    "patternTransform markerUnits markerWidth markerHeight refX refY orient rotate textLength lengthAdjust startOffset method "
    "spacing side version"
)
_PRESENTATION = (
    "alignment-baseline baseline-shift clip clip-path clip-rule color color-interpolation color-interpolation-filters "
    "color-rendering direction display dominant-baseline fill fill-opacity fill-rule filter flood-color flood-opacity font "
    "font-family font-size font-size-adjust font-stretch font-style font-variant font-weight glyph-orientation-horizontal "
    "glyph-orientation-vertical image-rendering isolation letter-spacing lighting-color marker marker-end marker-mid "
    "marker-start mask mask-type mix-blend-mode opacity overflow paint-order shape-rendering stop-color stop-opacity stroke "
    "stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width style "
    "text-anchor text-decoration text-rendering transform-origin unicode-bidi vector-effect visibility white-space word-spacing "
    "writing-mode class id type media"
)
_FILTER = (
    "in in2 result mode operator k1 k2 k3 k4 values tableValues slope intercept amplitude exponent stdDeviation radius "
    "baseFrequency numOctaves seed stitchTiles surfaceScale specularConstant specularExponent diffuseConstant kernelUnitLength "
    "kernelMatrix order divisor bias targetX targetY edgeMode preserveAlpha xChannelSelector yChannelSelector scale azimuth "
    "elevation z pointsAtX pointsAtY pointsAtZ limitingConeAngle filterUnits primitiveUnits"
)
ATTRIBUTES = frozenset(f"{_GEOMETRY} {_PRESENTATION} {_FILTER}".split())
"""Attributes that stay; others draw nothing, or are told of in `svg.py`."""
_FUNCTIONS = (
    "rgb rgba hsl hsla matrix translate translatex translatey scale scalex scaley rotate skewx skewy blur brightness "
    "contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia inset circle ellipse polygon path not is where"
)
FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Functions of CSS that load nothing; `url(#id)` is read apart."""
