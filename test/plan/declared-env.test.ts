import { describe, expect, test } from 'vitest';
import type { DeclaredVariable } from '../../src/context/context.ts';
import { DeployError } from '../../src/errors.ts';
import { declaredSettings } from '../../src/plan/declared-env.ts';
import { emptyHostState } from '../../src/plan/host-state.ts';
import { planReviewStart } from '../../src/plan/review-start.ts';
import { stateOf } from '../support/app-state.ts';
import { aContext } from '../support/context.ts';

const variable = (key: string, more: Partial<DeclaredVariable> = {}): DeclaredVariable => ({
  key,
  value: undefined,
  generator: undefined,
  required: false,
  where: 'app.json:3:5',
  ...more,
});

const context = aContext({
  declaredEnv: [
    variable('COLOR', { value: 'blue' }),
    variable('TOKEN', { generator: 'secret' }),
    variable('EMPTY', { value: '' }),
    variable('OPTIONAL'),
  ],
});

describe('the variables that app.json declares', () => {
  test('get their defaults if the app lacks them; a generated secret is only named', () => {
    expect(declaredSettings(context, 'absent', [])).toEqual({
      COLOR: 'blue',
      TOKEN: { secret: 'generated.TOKEN' },
    });
  });

  test('keep the value that the app has, also one that was set by hand', () => {
    const app = stateOf('my-branch', { COLOR: 'red', TOKEN: 'mine' });
    expect(declaredSettings(context, app, [])).toEqual({});
  });

  test('get their default back if the key has left env, or is empty on the app', () => {
    const app = stateOf('my-branch', { COLOR: 'red', TOKEN: '' });
    expect(Object.keys(declaredSettings(context, app, ['COLOR']))).toEqual(['COLOR', 'TOKEN']);
  });

  test('are not confused with members of every object', () => {
    const odd = aContext({ declaredEnv: [variable('constructor', { value: 'x' })] });
    expect(declaredSettings(odd, stateOf('my-branch', {}), [])).toEqual({ constructor: 'x' });
  });

  test('stop the run before anything is created if required ones have no value, all at once', () => {
    const required = aContext({
      declaredEnv: [
        variable('ONE', { required: true }),
        variable('TWO', { required: true, where: 'app.json:4:5' }),
        variable('THREE', { required: true, value: 'default' }),
      ],
    });
    const error = (() => {
      try {
        return planReviewStart(required, emptyHostState(required));
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(DeployError);
    expect(error).toMatchObject({
      code: 'configuration',
      message: 'app.json requires ONE, TWO, and my-branch has no value for them.',
      said: ['app.json:3:5: ONE', 'app.json:4:5: TWO'],
    });
    const app = stateOf('my-branch', { ONE: '1', TWO: '2', THREE: '3' });
    expect(declaredSettings(required, app, [])).toEqual({});
  });
});
