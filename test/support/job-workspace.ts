import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RecordedWorkspace } from './recorded-jobs.ts';
import type { TestRepository } from './repository.ts';

/** A job's folders, created from a recording in a folder of this machine. */
export interface JobWorkspace extends Disposable {
  /** Maps a path of the job to this machine. */
  readonly here: (path: string) => string;
  /** The arguments of `docker run` that mount it, and set the working directory. */
  readonly flags: readonly string[];
  /** `mode uid:gid type path` of the project’s files. */
  readonly files: () => string[];
  readonly git: (...words: string[]) => string;
}

/** `mode uid:gid (type (size))? path`. */
const parseEntry = (line: string) => {
  const [mode = '', owner = '', ...rest] = line.split(' ');
  const [uid = 0, gid = 0] = owner.split(':').map(Number);
  const isFolder = rest.length === 1 || rest[0] === 'd';
  return { mode: Number.parseInt(mode, 8), uid, gid, isFolder, path: rest.at(-1) ?? '' };
};

const applyOwnership = (path: string, { mode, uid, gid }: ReturnType<typeof parseEntry>): void => {
  chownSync(path, uid, gid);
  chmodSync(path, mode);
};

const isOfRunner = (setting: string): boolean => /^(http|transfer|url)\./.test(setting);
const isGits = (setting: string): boolean => setting.startsWith('core.');

const addSettings = (git: JobWorkspace['git'], file: string, settings: readonly string[]): void => {
  for (const setting of settings) {
    const at = setting.indexOf('=');
    git('config', '--file', file, '--add', setting.slice(0, at), setting.slice(at + 1));
  }
};

const ofOrigin = 'refs/remotes/origin/';

/** Fetches like a runner: no branches, a detached HEAD, the pipeline’s ref and possibly those of origin. */
const fetchLikeRunner = (
  git: JobWorkspace['git'],
  origin: TestRepository,
  record: RecordedWorkspace,
): void => {
  const refs = record.refs.map((line) => line.split(' ')[2] ?? '');
  const commit = origin.git('rev-parse', `${record.ref}^{commit}`);
  const specs = refs
    .filter((ref) => !ref.startsWith('refs/tags/'))
    .map(
      (ref) => `+${ref.startsWith(ofOrigin) ? `refs/heads/${ref.slice(ofOrigin.length)}` : commit}:${ref}`,
    );
  const how = record.shallow ? ['--depth=20'] : ['--tags'];
  git('init', '--quiet', '--template=');
  git('fetch', '--quiet', ...how, `file://${origin.folder}`, ...specs);
  git('checkout', '--quiet', '--detach', refs[0] ?? '');
};

const writeProjectTmp = (here: JobWorkspace['here'], record: RecordedWorkspace): void => {
  const contents = new Map(Object.values(record.file_variables).map(({ path, content }) => [path, content]));
  for (const line of record.project_tmp) {
    const { isFolder, path } = parseEntry(line);
    mkdirSync(isFolder ? here(path) : dirname(here(path)), { recursive: true });
    if (!isFolder) writeFileSync(here(path), contents.get(path) ?? '');
  }
};

const takeOwnership = (here: JobWorkspace['here'], record: RecordedWorkspace): void => {
  const project = parseEntry(record.parents[0] ?? '');
  execFileSync('chown', ['-R', `${project.uid}:${project.gid}`, here(record.cwd)]);
  for (const line of [...record.project_tmp, ...record.parents]) {
    const one = parseEntry(line);
    applyOwnership(here(one.path), one);
  }
};

/** Creates a workspace from a recording. Needs root, like a runner’s helper: the files belong to other users. */
export const aJobWorkspace = (origin: TestRepository, record: RecordedWorkspace): JobWorkspace => {
  const root = mkdtempSync(join(tmpdir(), 'job-'));
  chmodSync(root, 0o755);
  const here = (path: string): string => join(root, path);
  const cwd = here(record.cwd);
  mkdirSync(cwd, { recursive: true });
  const umask = record.executor === 'docker' ? '0000' : '0022';
  const git = (...words: string[]): string =>
    execFileSync('sh', ['-c', `umask ${umask}; exec git -c safe.directory=* "$@"`, 'sh', ...words], {
      cwd,
      env: { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  writeProjectTmp(here, record);
  if (record.refs.length > 0) {
    fetchLikeRunner(git, origin, record);
    const own = record.config.filter((setting) => !isOfRunner(setting) && !isGits(setting));
    addSettings(git, '.git/config', own);
    addSettings(git, here(`${record.cwd}.tmp/.gitlab-runner.ext.conf`), record.config.filter(isOfRunner));
  }
  takeOwnership(here, record);
  const top = record.executor === 'docker' ? '/builds' : record.HOME;
  const listed = ['.', '-path', './.git', '-prune', '-o', '-printf', '%m %U:%G %y %p\\n'];
  return {
    here,
    flags: ['--volume', `${here(top)}:${top}`, '--workdir', record.cwd],
    files: () => execFileSync('find', listed, { cwd, encoding: 'utf8' }).trim().split('\n').sort(),
    git,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
};
