/** A variable of the job that this tool reads. Declared here once; the docs' table is made from it. */
export interface Variable {
  readonly name: string;
  /** Names that older GitLab versions use for it. */
  readonly older?: readonly string[];
  /** `file-or-text`: GitLab may hand over a path (a file-type variable) or the content. */
  readonly kind: 'text' | 'number' | 'flag' | 'file-or-text';
  readonly secret?: true;
  /** Who sets it: the user as a CI variable, or GitLab. */
  readonly by: 'user' | 'gitlab';
  readonly about: string;
}
