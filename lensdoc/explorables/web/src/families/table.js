// The view of tables, which readers sort and save; the page's script loads it when a table of data is there.
import {join} from "../shared.js";
import {tableView} from "../table/table.js";

join("table", {"lens-table": tableView});
