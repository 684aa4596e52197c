import manifest from '../package.json' with { type: 'json' };

/** The version in package.json. */
export const version: string = manifest.version;

/** The project's page in package.json. A binary that is built in a GitLab pipeline has the project of the pipeline. */
export const homepage: string | undefined = manifest.homepage;
