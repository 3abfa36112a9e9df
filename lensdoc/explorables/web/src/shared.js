// What scripts of families take from the page's script in place of copies of their own: build.js puts `window.lensdoc.shared` here.
export {join} from "./families.js";
export {cellPins, placed, walk, walkPinned} from "./grid.js";
export {digits, fixed, score, share} from "./numbers.js";
export {readout} from "./readout.js";
export {roving} from "./roving.js";
export {PINNED, asPinned, pins, within} from "./pins.js";
export {followStates, keepState, showState} from "./states.js";
export {forward, quoted} from "./words.js";
