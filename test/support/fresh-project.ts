import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts';
import { aRepository, type TestRepository } from './repository.ts';

/** A project and its host, while the tests of a file run. */
export interface FreshProject {
  /** One for all tests. */
  readonly sandbox: Sandbox;
  /** A new one for each test. */
  readonly repository: TestRepository;
}

/** Starts a sandbox for the tests of a file, and makes a repository with these files, in a commit "Say hello", before each. */
export const aFreshProject = (
  files: Readonly<Record<string, string>>,
  options: SandboxOptions = {},
): FreshProject => {
  let sandbox: Sandbox;
  let repository: TestRepository;
  beforeAll(async () => {
    sandbox = await startSandbox(options);
  });
  beforeEach(() => {
    repository = aRepository('main');
    repository.commit(files, 'Say hello');
  });
  afterEach(() => repository[Symbol.dispose]());
  afterAll(() => sandbox[Symbol.asyncDispose]());
  return {
    get sandbox() {
      return sandbox;
    },
    get repository() {
      return repository;
    },
  };
};
