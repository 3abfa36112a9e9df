/** A figure alone in a frame tells the page around it how high it is, now and whenever that changes; `sized.js` listens there. */
export function tellHeight() {
  if (parent === window || !document.body.classList.contains("ld-embed")) return;
  const page = document.documentElement;
  new ResizeObserver(() => parent.postMessage({lensdocHeight: page.offsetHeight}, "*")).observe(page);
}
