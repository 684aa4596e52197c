import { appReport, appUrls } from '../dokku/apps.ts';
import { readDeployedRevision, readUrls } from '../dokku/reports.ts';
import { ask, type HostAccess } from './ask.ts';

/** Returns the revision of the app's last successful deploy; undefined if the host does not know one. Throws what `ask` throws. */
export async function askDeployedRevision(app: string, hostAccess: HostAccess): Promise<string | undefined> {
  const answer = await ask(appReport(app), hostAccess);
  return answer.kind === 'answered' ? readDeployedRevision(answer.stdout) : undefined;
}

/** Returns the URLs under which the host serves the app. Throws what `ask` throws. */
export async function askUrls(app: string, hostAccess: HostAccess): Promise<string[]> {
  const answer = await ask(appUrls(app), hostAccess);
  return answer.kind === 'answered' ? readUrls(answer.stdout) : [];
}
