// What scripts of families take from the page's script in place of copies of their own: build.js puts `window.lensdoc.shared` here.
export {address, load} from "./beside.js";
export {cursorIn} from "./cursor.js";
export {focusIn} from "./focus.js";
export {join, loaded} from "./families.js";
export {cellPins, placed, walk, walkPinned} from "./grid.js";
export {halfAt} from "./halves.js";
export {parsed, setAside} from "./later.js";
export {digits, exact, fixed, score, share} from "./numbers.js";
export {afterMove, dismiss} from "./moves.js";
export {PINNED, asPinned, pins, within} from "./pins.js";
export {readout, summaryIn} from "./readout.js";
export {roving} from "./roving.js";
export {label, ranked} from "./scores.js";
export {pathOf} from "./sparkline-path.js";
export {addressOf, decoded, followStates, keepState, samePage, showState, targetOf} from "./states.js";
export {followTools} from "./tools.js";
export {wake} from "./waiting.js";
export {forward, quoted} from "./words.js";
