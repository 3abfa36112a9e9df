// The custom elements, defined once for the whole site; a page that arrives by instant navigation needs nothing more.
import {defineLens} from "./lens.js";
import {factorsView} from "./factors.js";

defineLens("lens-factors", factorsView);
