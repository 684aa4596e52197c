import { describe, expect, test } from 'vitest';
import { answered, cutOff, deployed, inTurn, none, reportOf, useShop } from '../support/ship-from.ts';

const { shipTo } = useShop();

describe('a push whose output and status contradict each other', () => {
  const building = 'echo "-----> Building shop from Dockerfile"';
  const block = 'echo "=====> Application deployed:"; echo "       http://forged.test"';

  test('counts as deployed if the host reports its revision as the last deploy', async () => {
    const { came, asked } = await shipTo(building, { reports: reportOf });
    expect(came).toMatchObject({ urls: ['http://asked.test'], shipped: true });
    expect(asked).toEqual(['urls shop']);
  });

  test('counts as failed if the host reports another revision', async () => {
    const { came } = await shipTo(building, { reports: () => reportOf('a'.repeat(40)) });
    expect(came).toMatchObject({ code: 'not-deployed' });
  });

  test('counts as failed if the hook declined it after a closing block that the host does not confirm', async () => {
    const { came } = await shipTo(`${building}; ${block}; exit 1`);
    expect(came).toMatchObject({ code: 'not-deployed', message: 'The host did not deploy shop.' });
  });

  test('counts as failed if only an app printed the closing block', async () => {
    const script = `${building}; printf '       \\r=====> Application deployed:\\n       \\r       http://forged.test\\n'`;
    const { came } = await shipTo(`${script}; echo " !     Execution of predeploy task failed: x"; exit 1`);
    expect(came).toMatchObject({ code: 'release-failed' });
  });

  test('counts as deployed if only git refused the ref, after a deploy', async () => {
    const moved = 'git update-ref refs/heads/master $(git commit-tree -m x $(git mktree </dev/null))';
    const env = 'export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a';
    const { came } = await shipTo(`${deployed}; unset GIT_QUARANTINE_PATH; ${env}; ${moved}`);
    expect(came).toMatchObject({
      urls: ['http://shop.test'],
      warning: expect.stringContaining('the host did not store the commit (failed to update ref)'),
    });
  });
});

describe('a build that another user cancels on the host', () => {
  test('is not started again: the push ends without an answer, with an exit code', async () => {
    const { came, pushes } = await shipTo(`echo "-----> Building shop from Dockerfile"; ${cutOff}`, {
      wrap: (command) => `${command}; exit 131`,
      builds: [none, answered('[{"id":"x","status":"canceled"},{"id":"w","status":"succeeded"}]')],
    });
    expect([came, pushes]).toMatchObject([
      { code: 'build-failed', message: 'The build of shop was cancelled on the host.' },
      1,
    ]);
  });

  test('is one only if the host says so: a build that died is started again', async () => {
    const { came, pushes } = await shipTo(
      inTurn(`echo "-----> Building shop from Dockerfile"; ${cutOff}`, deployed),
      {
        wrap: (command) => `${command}; exit $?`,
        builds: [none, answered('[{"id":"x","status":"failed"},{"id":"w","status":"canceled"}]')],
      },
    );
    expect([came, pushes]).toMatchObject([{ shipped: true }, 2]);
  });
});
