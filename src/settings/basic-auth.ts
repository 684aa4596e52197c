import { z } from 'zod';
import type { Value } from '../dokku/command.ts';
import {
  addHttpUser,
  disableHttpAuth,
  enableHttpAuth,
  removeHttpUser,
  showHttpAuth,
} from '../dokku/http-auth.ts';
import {
  type AppAccess,
  askAccess,
  httpAuthPlugin,
  openAccess,
  readAccess,
  undoRules,
  writeRules,
} from './http-auth.ts';
import type { Change, Known, Setting, SettingResolver } from './setting.ts';

interface Login {
  readonly user: string;
  readonly password: Value;
  /** Whether `allowed_ips` lets some in without a password, maybe this job. */
  readonly isBypassed: boolean;
  readonly isOptional: boolean;
}

const text = z.string().trim().min(1);

const schema = z
  .strictObject({
    user: text.describe('The user’s name: letters, digits and . _ @ + -'),
    password: z
      .union([z.string(), z.number()])
      .describe('The password, as a $VARIABLE: it is a secret. A new value replaces the former one.'),
    optional: z
      .literal(true)
      .optional()
      .describe('For review apps: true leaves it out on a host without the http-auth plugin.'),
  })
  .describe(
    'Asks for a user name and a password in front of the app (the http-auth plugin). It is the only login: users that were added on the host are removed.',
  );

/** `basic_auth`: a login in front of an app. */
export const basicAuth: Setting<z.infer<typeof schema>, Login, AppAccess> = {
  key: 'basic_auth',
  schema,
  resolve,
  plugin: ({ isOptional }) => httpAuthPlugin(isOptional),
  questions: askAccess,
  read: readAccess,
  // The password cannot be read.
  declare: ({ asksForLogin, users: [user] }) =>
    asksForLogin && user !== undefined ? { user, password: '$BASIC_AUTH_PASSWORD' } : undefined,
  fresh: () => openAccess,
  changes: (app, current, declared, known) =>
    declared ? protect(app, { current, declared, known }) : open(app, current, known),
};

function resolve(entry: z.infer<typeof schema>, resolver: SettingResolver): Login {
  const user = resolver.text(entry.user, 'user');
  const password = resolver.secret(entry.password, 'password');
  if (!hasVariable(entry.password)) {
    const remedy = 'store it in a CI/CD variable, and write $BASIC_AUTH_PASSWORD';
    resolver.warn('password', `is a secret that everyone who can read the repository knows: ${remedy}`);
  }
  // The plugin puts the name into a pattern (facts-2, F43).
  if (!/^[A-Za-z0-9][\w.@+-]*$/.test(user) && !user.startsWith('$')) {
    const remedy = 'Use letters, digits and . _ @ + - only, a letter or a digit first.';
    resolver.problem(
      'user',
      `${JSON.stringify(user)} is not a name that the http-auth plugin can store`,
      remedy,
    );
  }
  const wrong = checkPassword(resolver.reveal(password));
  if (wrong !== undefined) resolver.problem('password', wrong, 'Use another password.');
  const isBypassed = resolver.declares('allowed_ips');
  return { user, password, isBypassed, isOptional: entry.optional === true };
}

/** Whether a text takes its value from a variable; `$$` is a dollar sign. */
function hasVariable(raw: string | number): boolean {
  return /\$\{?[A-Za-z_]/.test(String(raw).replaceAll('$$', ''));
}

/** Returns why the password would not arrive: it is an argument of a command. */
function checkPassword(password: string): string | undefined {
  if (password.trim() === '') return 'is empty';
  if (password.startsWith('-')) return 'begins with a dash, which the plugin takes for an option';
  return /[\n\r\0]/.test(password) ? 'has more than one line' : undefined;
}

interface LoginInput {
  readonly current: AppAccess;
  readonly declared: Login;
  readonly known: Pick<Known, 'isRecorded'>;
}

/**
 * Enabling alone leaves the app open, since the plugin writes the rules before it stores the user; and it changes no password that
 * is stored (facts-2, F42). So the user is stored first, and then the rules are written.
 */
function protect(app: string, { current, declared, known }: LoginInput): Change[] {
  const { user, password } = declared;
  const others = current.users.filter((name) => name !== user);
  const isStored = current.users.includes(user) && known.isRecorded;
  if (current.asksForLogin && isStored && others.length === 0) return [];
  return [
    {
      id: 'basic-auth',
      title: `Ask for a password in front of ${app}`,
      before: describeLogin(current),
      after: `user ${user}, password ${typeof password === 'string' ? '' : `[${password.secret}]`}`,
      commands: [
        ...(current.isEnabled ? [] : [enableHttpAuth(app)]),
        ...others.map((name) => removeHttpUser(app, name)),
        ...(isStored ? [] : [addHttpUser(app, user, password)]),
        ...(current.asksForLogin ? [] : writeRules(app)),
      ],
      // So that a new app is never open.
      phase: 'before-deploy',
      effect: 'at-once',
      undo: undoRules(app),
      repeat: 'the same user is stored again, and the rules are written again',
    },
    ...(declared.isBypassed ? [] : [checkAnswer(app)]),
  ];
}

/** Only a request to the deployed app shows that it asks. The command shows the rules in the log, beside the answer. */
function checkAnswer(app: string): Change {
  return {
    id: 'basic-auth-check',
    title: `Check that ${app} asks for the password`,
    before: 'not checked',
    after: 'a request without the password gets 401',
    commands: [showHttpAuth(app)],
    phase: 'after-deploy',
    effect: 'at-once',
    answersWith: 401,
    repeat: 'a request changes nothing',
  };
}

function describeLogin({ asksForLogin, users }: AppAccess): string {
  if (!asksForLogin) return 'open';
  return `user ${users.join(', ')}, password`;
}

function open(app: string, current: AppAccess, known: Pick<Known, 'isDeclared'>): Change[] {
  const { isEnabled, asksForLogin, users, addresses } = current;
  if (!isEnabled || (!asksForLogin && users.length === 0)) return [];
  const isRestricted = addresses.length > 0 || known.isDeclared('allowed_ips');
  return [
    {
      id: 'basic-auth',
      title: `Stop asking for a password in front of ${app}`,
      before: describeLogin(current),
      after: 'open',
      commands: [
        ...users.map((name) => removeHttpUser(app, name)),
        // Without rules, the addresses that have access would not be the only ones.
        ...(isRestricted ? writeRules(app) : [disableHttpAuth(app)]),
      ],
      phase: 'after-deploy',
      effect: 'at-once',
      repeat: 'a user that is gone is removed again without an error',
    },
  ];
}
