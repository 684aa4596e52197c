/** A variable of the job that this tool reads. docs/variables.md is generated from these. */
export interface Variable {
  readonly name: string;
  /** Names that older GitLab versions use. */
  readonly older?: readonly string[];
  /** `file-or-text`: the path of a file (a file-type variable) or the content. */
  readonly kind: 'text' | 'number' | 'flag' | 'file-or-text';
  readonly secret?: true;
  /** Who sets it: the user as a CI/CD variable, or GitLab. */
  readonly by: 'user' | 'gitlab';
  readonly about: string;
}
