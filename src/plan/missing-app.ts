import type { Context } from '../context/context.ts';
import { DeployError } from '../errors.ts';

/** Returns the error for an environment whose app does not exist. */
export function missingAppError({ app, environment }: Pick<Context, 'app' | 'environment'>): DeployError {
  return new DeployError('host-refused', {
    message: `There is no app ${app} on the host.`,
    remedy: `Deploy to it first: dokku-deploy deploy${environment === undefined ? '' : ` ${environment}`}. If .dokku-deploy.yml gives the app another name, the job needs the checkout, or --app.`,
  });
}
