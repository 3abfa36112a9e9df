/**
 * What has the focus beside an element: in a widget that is in a tree of its own, of which the document knows the root alone.
 * @param {Element} element
 */
export const focusIn = (element) => /** @type {Document | ShadowRoot} */ (element.getRootNode()).activeElement;
