import { setProperty } from './app-properties.ts';
import type { App } from './state.ts';

/** Records what a deploy that succeeded was made from: `apps:report` shows it. */
export function recordSource(app: App, source: string, metadata: string): void {
  app.properties.set('deploy-source', source);
  app.properties.set('deploy-source-metadata', metadata);
  if (source !== 'docker-image') setProperty(app, 'git', 'source-image', '');
}
