"""What the main thread of a real Chromium works when a reader moves over a figure, in milliseconds of its own time."""

from __future__ import annotations

import statistics

WAIT = 170
"""Milliseconds after which a figure has shown and said what is pointed at: it says it after 120."""
STEPS = 6
"""Places of each sort over which the pointer goes, evenly from the first to the last that is in view."""
REST = 250
"""Milliseconds in which a figure that was brought into view comes to rest."""
SORTS = [
    ".ld-row",
    ".ld-token",
    ".ld-grid tbody td",
    ".ld-plot",
    ".ld-curve",
    "svg [data-told]",
    "[data-told]:not(svg *)",
    ".ld-nodes > g",
    ".ld-step",
    ".ld-bars tbody tr",
]
"""Parts of figures that answer to the pointer."""
KEYS = {"lines": ".ld-row[tabindex='0']", "tokens": ".ld-token[tabindex='0']", "cells": ".ld-grid td[tabindex='0']"}
"""Parts that answer to arrow keys."""

PLACES = """([figure, sorts, steps]) => {
  const shown = ({left, top, width, height}) => {
    const x = left + width / 2, y = top + height / 2;
    return width && height && x > 0 && x < innerWidth && y > 60 && y < innerHeight;
  };
  const each = (make) => Array.from({length: steps}, (_, i) => make(i));
  const spread = (all) => all.length <= steps ? all : each((i) => all[Math.round((i * (all.length - 1)) / (steps - 1))]);
  const found = {};
  for (const sort of sorts) {
    const parts = [...figure.querySelectorAll(sort)];
    const boxes = parts.map((part) => part.getClientRects()[0]).filter((box) => box && shown(box));
    if (!boxes.length) continue;
    const along = sort === ".ld-row"; // the pointer goes along it
    const all = along || boxes.length === 1 ? each((i) => boxes[i % boxes.length]) : spread(boxes);
    const at = ({left, top, width, height}, i) => [
      left + width * (along || width > 200 ? 0.25 + (0.7 * i) / steps : 0.5),
      top + height / 2
    ];
    found[sort] = all.map(at);
  }
  return found;
}"""
"""Points on the parts of a figure that are in view, by sort."""


MOVES = ["pointermove", "pointerover", "pointerout", "pointerenter", "pointerleave", "mouseover", "mousemove", "mouseout"]
DEAF = f"""for (const type of {MOVES}) addEventListener(type, (event) => window.deaf && event.stopImmediatePropagation(), true)"""
"""A script that runs before all others of a page: while `window.deaf` is true none of them hears of the pointer."""


def session_of(page):
    """A session that measures the work of a page."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return session


def work(session, name="TaskDuration"):
    """Milliseconds that the main thread has worked."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(metric["value"] for metric in metrics if metric["name"] == name)


def costs(page, session, places, act=None):
    """The work of each act of the reader but the first, a move of the pointer unless said, and of all that follows from it."""
    found = []
    for place in places:
        before = work(session)
        if act:
            act(place)
        else:
            page.mouse.move(*place)
        page.wait_for_timeout(WAIT)
        found.append(work(session) - before)
    return found[1:]


def bring(page, name):
    """Bring a figure into view and let it come to rest; the pointer is elsewhere."""
    page.mouse.move(2, 300)
    for _ in range(2):
        page.evaluate("id => document.getElementById(id).scrollIntoView({block: 'center', behavior: 'instant'})", name)
        page.wait_for_timeout(REST)


def hovered(page, session, name, sorts=None):
    """What a move of the pointer over a figure costs at the median, by the sort of what is pointed at; of some sorts, or all."""
    bring(page, name)
    places = page.evaluate(
        f"([id, sorts, steps]) => ({PLACES})([document.getElementById(id), sorts, steps])",
        [name, [sort for sort in SORTS if not sorts or sort in sorts], STEPS],
    )
    return {sort: statistics.median(costs(page, session, points)) for sort, points in places.items() if len(points) > 1}


def unheard(page, session, name, sorts=None):
    """What the same costs while no script hears of the pointer: what is the browser's own. The page has begun with `DEAF`."""
    page.evaluate("window.deaf = true")
    found = hovered(page, session, name, sorts)
    page.evaluate("window.deaf = false")
    return found


def pressed(page, session, name):
    """What an arrow key costs in a figure at the median, down and to the right, by the sort of what it moves along."""
    bring(page, name)
    found = {}
    for sort, selector in KEYS.items():
        part = page.locator(f"#{name} {selector}").first
        if not part.count():
            continue
        for key in ("ArrowRight", "ArrowDown"):
            part.evaluate("part => part.focus({ focusVisible: true })")
            page.wait_for_timeout(REST)
            found[f"{sort} {key}"] = statistics.median(costs(page, session, [key] * STEPS, act=page.keyboard.press))
        page.evaluate("document.activeElement.blur()")
    return found
