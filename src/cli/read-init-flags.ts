import { DeployError } from '../errors.ts';
import type { Answers } from '../init/answers.ts';
import { checkHost, checkNewEnvironment, checkPlainName, checkService } from '../init/checks.ts';
import { parseService, splitWords } from '../init/words.ts';
import type { InitFlags } from '../run/init.ts';
import type { CommandArguments } from './command.ts';

/** Reads the flags of `init`. Throws `usage`. */
export function readInitFlags({ flags }: Pick<CommandArguments, 'flags'>): InitFlags {
  const text = (name: string): string | undefined =>
    typeof flags[name] === 'string' ? flags[name].trim() : undefined;
  const { host, services, environments, component, image, keyFile } = {
    host: check('--host', text('host'), checkHost),
    services: checkList('--services', text('services'), checkService),
    environments: checkList('--environments', text('environments'), checkNewEnvironment),
    component: check('--component', text('component'), checkPlainName),
    image: check('--image', text('image'), checkPlainName),
    keyFile: text('keyFile'),
  };
  const pipeline = text('pipeline') as Answers['pipeline'] | undefined;
  return {
    yes: flags.yes === true,
    look: flags.look === true,
    given: {
      ...(host === undefined ? {} : { host }),
      ...(services === undefined ? {} : { services: services.map(parseService) }),
      ...(environments === undefined ? {} : { environments }),
      ...(flags.noReview === true ? { reviewApps: false } : {}),
      ...(pipeline === undefined ? {} : { pipeline }),
      ...(component === undefined ? {} : { component }),
      ...(image === undefined ? {} : { image }),
      ...(keyFile === undefined ? {} : { key: { kind: 'file', path: keyFile } }),
      ...(flags.routeMap === true ? { routeMap: true } : {}),
    },
  };
}

type Check = (text: string) => string | undefined;

function check(flag: string, text: string | undefined, find: Check): string | undefined {
  const wrong = text === undefined ? undefined : find(text);
  if (wrong === undefined) return text;
  throw new DeployError('usage', { message: `${flag}: ${JSON.stringify(text)} ${wrong}.` });
}

function checkList(flag: string, text: string | undefined, find: Check): string[] | undefined {
  if (text === undefined || text === 'none') return text === undefined ? undefined : [];
  return splitWords(text).map((word) => check(flag, word, find) ?? word);
}
