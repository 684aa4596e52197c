import { checkLogin, isLocalRegistry, RegistryError } from '../deploys/registry-client.ts';
import { fail, findApp, parseWords } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';
import type { SandboxHost } from '../host/state.ts';

/** The commands of Dokku's registry plugin that aren't `report` or `set`. The sandbox reaches registries on this machine only. */
export const registry: Plugin = {
  'registry:login': login,
  'registry:logout': logout,
};

/** `registry:login [--global] [--password-stdin] [APP] SERVER USER [PASSWORD]`. The number of words decides on the app. */
async function login(call: Call, host: SandboxHost): Promise<number> {
  const { positional, flags } = parseWords(call.words, { switches: ['--password-stdin', '--global'] });
  const fromStdin = flags.has('--password-stdin');
  const isGlobal = flags.has('--global');
  const perHost = fromStdin ? 2 : 3;
  if (!isGlobal && positional.length === perHost)
    fail(call, 'Deprecated: please use --global flag for global registry login');
  const isPerApp = !isGlobal && positional.length > perHost;
  const words = isGlobal || positional.length >= perHost ? positional : [];
  const [server = '', user = '', word = ''] = isPerApp ? words.slice(1) : words;
  const password = fromStdin ? (await call.read()).trim() : word;
  if (server === '') return fail(call, 'Missing server argument');
  if (user === '') return fail(call, 'Missing username argument');
  if (password === '') return fail(call, 'Missing password argument');
  const app = isPerApp ? findApp(call, host, words[0]) : undefined;
  if (typeof app === 'number') return app;
  if (app) setProperty(app, 'registry', 'login-folder', 'created');
  const basic = Buffer.from(`${user}:${password}`).toString('base64');
  const problem = await loginProblem(server, basic);
  if (problem === undefined) {
    setProperty(app ?? host.state.global, 'registry', `login-${server}`, basic);
    call.out('Login Succeeded\n');
    return 0;
  }
  call.err(` !     Unable to run docker login: Error response from daemon: ${problem}\n\n`);
  return 1;
}

/** Returns Docker's message if the registry does not take the login. */
async function loginProblem(server: string, basic: string): Promise<string | undefined> {
  if (!isLocalRegistry(server))
    return `Get "https://${server}/v2/": dial tcp: lookup ${server.split(':')[0]}: no such host`;
  try {
    await checkLogin({ server, basic });
    return undefined;
  } catch (error) {
    if (error instanceof RegistryError) return error.message;
    throw error;
  }
}

/** `registry:logout [--global] [APP] SERVER`. */
function logout(call: Call, host: SandboxHost): number {
  const { positional, flags } = parseWords(call.words, { switches: ['--global'] });
  const isPerApp = !flags.has('--global') && positional.length > 1;
  const server = isPerApp ? positional[1] : positional[0];
  if (!server) return fail(call, 'Missing server argument');
  if (!isPerApp) return 0;
  const app = findApp(call, host, positional[0]);
  if (typeof app === 'number') return app;
  return ownProperty(app, 'registry', 'login-folder') === ''
    ? fail(call, `No registry credentials found for app ${app.name}`)
    : 0;
}
