import { z } from 'zod';
import { isProjectFolder } from '../environment/source-folders.ts';

// YAML's plain numbers arrive as numbers. Where text is expected (`app: 123`), they are converted back.
export const text = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  z.string().trim().min(1),
);

const folder = text.refine(isProjectFolder, 'expected a folder inside the project, without ..');

/** The key `source` of `.dokku-deploy.yml`. */
export const source = z
  .strictObject({
    root: folder
      .optional()
      .describe(
        'The folder of the commit that becomes the root of what is shipped, in a repository with several apps. app.json is read from it. Default: the folder where dokku-deploy runs.',
      ),
    dir: folder
      .optional()
      .describe(
        'The folder of the work tree that becomes the root of what is shipped, as it is in the job: the output of a build, with the files that git ignores. app.json is read from it. Replaces root.',
      ),
    history: z
      .enum(['snapshot', 'full'])
      .optional()
      .describe(
        'snapshot (the default): one commit without parents. full: the real commits; a shallow clone is deepened.',
      ),
    include: z
      .array(text)
      .optional()
      .describe(
        'Paths of the work tree to ship, too: build output, LFS files, submodules that Dokku cannot fetch (private ones). A path outside the shipped folder keeps its path in the project.',
      ),
    exclude: z
      .array(text.refine((pattern) => !pattern.startsWith('!'), 'a pattern cannot begin with !'))
      .optional()
      .describe(
        'Patterns of files not to ship, relative to the shipped folder. *, ** and ? mean what they mean in .gitignore: *.map matches in every folder, /docs and test/*.log in one.',
      ),
    submodules: z
      .enum(['check', 'host'])
      .optional()
      .describe(
        'check (the default): a submodule that Dokku cannot fetch and that include does not name is an error. host: Dokku’s server has access to all submodules and fetches them.',
      ),
    image: text
      .optional()
      .describe(
        'An image in a registry, which is deployed instead of the commit’s files. Can use the job’s $VARIABLES. Its tag is resolved to a digest: see sources.md.',
      ),
    image_archive: text
      .optional()
      .describe(
        'A file with an image (docker save, kaniko, buildah), which is deployed instead of the commit’s files and needs no registry. Can use the job’s $VARIABLES.',
      ),
  })
  .refine(({ root, dir }) => root === undefined || dir === undefined, 'root and dir exclude each other')
  .refine(
    (keys) => keys.image === undefined || keys.image_archive === undefined,
    'image and image_archive exclude each other',
  )
  .describe('What is shipped.');

export type SourceEntry = z.infer<typeof source>;
