/**
 * Make frames that scroll as large as their content, so that all of it has a position.
 * @param {HTMLElement} root
 * @returns {() => void} gives them back their size and place before the browser paints
 */
export function openFrames(root) {
  const frames = [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".ld-frame, .ld-window"))].map((frame) => {
    const {scrollLeft, scrollTop, scrollWidth, clientWidth} = frame;
    frame.style.maxHeight = "none";
    if (scrollWidth > clientWidth) frame.style.width = `${scrollWidth}px`;
    return {frame, scrollLeft, scrollTop};
  });
  return () => frames.forEach(({frame, scrollLeft, scrollTop}) => {
    frame.style.maxHeight = frame.style.width = "";
    frame.scrollTo({left: scrollLeft, top: scrollTop, behavior: "instant"});
  });
}
