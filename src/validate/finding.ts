/** One thing that is wrong, or worth a warning, in the project's files. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** The file; undefined for a variable or a flag of the run. */
  readonly path: string | undefined;
  /** From 1; undefined if the finding is about the whole file. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** The key or the variable, if the message does not name it. */
  readonly about: string | undefined;
  readonly message: string;
  /** What to do; undefined for most warnings. */
  readonly remedy: string | undefined;
}

/** What was found in the project's files. */
export interface Validation {
  /** In the order of files and lines. */
  readonly findings: readonly Finding[];
  /** The files that exist and were read. */
  readonly files: readonly string[];
  /** For what the configuration was checked: `review apps` and names of environments. */
  readonly checkedFor: readonly string[];
  /** The variables that the configuration file refers to, and that are not set here: the jobs are assumed to have them. */
  readonly assumed: readonly string[];
}
