/**
 * Parts of a long text, of which only those in view are painted at once, and the others when they come near.
 * @param {HTMLElement[]} parts
 * @param {(part: number) => void} paint
 * @param {AbortSignal} signal
 * @returns {() => void} paints
 */
export function chunked(parts, paint, signal) {
  const near = new Set(parts.keys());
  /** @type {Set<number>} */
  const stale = new Set();
  if (parts.length > 1) {
    const index = new Map(parts.map((part, i) => [/** @type {Element} */ (part), i]));
    const observer = new IntersectionObserver((entries) => {
      for (const {target, isIntersecting} of entries) {
        const part = index.get(target) ?? 0;
        near[isIntersecting ? "add" : "delete"](part);
        if (isIntersecting && stale.delete(part)) paint(part);
      }
    }, {rootMargin: "200px"});
    for (const part of parts) observer.observe(part);
    signal.addEventListener("abort", () => {
      observer.disconnect();
      parts.forEach((_, part) => near.add(part)); // so that all of them get the first state back
    });
  }
  return () => parts.forEach((_, part) => {
    if (near.has(part)) paint(part);
    else stale.add(part);
  });
}
