"""What the main thread of a real Chromium works when the pointer goes over a figure, in milliseconds of its own time."""

from __future__ import annotations

import statistics

WAIT = 220
"""Milliseconds after which a figure has shown and said what is pointed at: it says it after 120."""
STEPS = 8
"""Places of each sort over which the pointer goes."""
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

PLACES = """([figure, sorts, steps]) => {
  const shown = ({left, top, width, height}) => {
    const x = left + width / 2, y = top + height / 2;
    return width && height && x > 0 && x < innerWidth && y > 60 && y < innerHeight;
  };
  const each = (make) => Array.from({length: steps}, (_, i) => make(i));
  const spread = (all) => all.length <= steps ? all : each((i) => all[Math.floor((i * all.length) / steps)]);
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


def session_of(page):
    """A session that measures the work of a page."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return session


def work(session, name="TaskDuration"):
    """Milliseconds that the main thread has worked."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(metric["value"] for metric in metrics if metric["name"] == name)


def costs(page, session, points):
    """The work of each move of the pointer along some points, but the first, and of all that follows from it."""
    found = []
    for point in points:
        before = work(session)
        page.mouse.move(*point)
        page.wait_for_timeout(WAIT)
        found.append(work(session) - before)
    return found[1:]


def bring(page, name):
    """Bring a figure into view and let it come to rest; the pointer is elsewhere."""
    page.mouse.move(2, 300)
    page.evaluate("id => document.getElementById(id).scrollIntoView({block: 'center', behavior: 'instant'})", name)
    page.wait_for_timeout(400)
    page.evaluate("id => document.getElementById(id).scrollIntoView({block: 'center', behavior: 'instant'})", name)
    page.wait_for_timeout(400)


def hovered(page, session, name):
    """What a move over a figure costs at the median, by the sort of what is pointed at."""
    bring(page, name)
    places = page.evaluate(
        f"([id, sorts, steps]) => ({PLACES})([document.getElementById(id), sorts, steps])", [name, SORTS, STEPS]
    )
    found = {}
    for sort, points in places.items():
        found[sort] = statistics.median(costs(page, session, points)) if len(points) > 1 else 0.0
    return found
