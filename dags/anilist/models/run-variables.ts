import { sql } from 'dagwright'

/** The run, under names that no table has: inside a statement a column hides the parameter of its name. */
export const runVariables = sql`
DECLARE today DATE DEFAULT reference_date;
DECLARE this_load STRING DEFAULT load_id;
DECLARE this_time TIMESTAMP DEFAULT run_time;`
