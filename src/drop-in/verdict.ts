/** How this tool treats something that dokku/ci-docker-image knows. docs/from-the-official-image.md lists it. */
export interface Treated {
  readonly name: string;
  /** `same`: as in the official image. `safer`: for the same purpose, without its risk. `refused`: the job ends with the reason. */
  readonly verdict: 'same' | 'safer' | 'refused';
  readonly about: string;
}
