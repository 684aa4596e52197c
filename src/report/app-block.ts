import { stringify } from 'yaml';
import type { AppBlock } from '../plan/app-block.ts';

/** Where a block was read from, and what it is written for. */
export interface BlockSource {
  readonly app: string;
  readonly environment: string;
  readonly host: string;
}

/** Formats the block of an environment as YAML, with what is left to do as comments. */
export function formatAppBlock(block: AppBlock, { app, environment, host }: BlockSource): string {
  const variables = [...new Set(block.variables)];
  const comments = [
    `The app ${app} on ${host}, as it is there.`,
    ...(variables.length > 0
      ? [
          `Set these variables in GitLab, in the scope of the environment ${environment}: ${variables.join(', ')}`,
          `Their values are on the host (dokku config:show ${app}), except for a private key, which it does not show.`,
        ]
      : []),
    ...block.remarks,
  ];
  const head = comments.map((comment) => `# ${comment.replace(/\s+/g, ' ')}`);
  return `${head.join('\n')}\n${stringify({ environments: { [environment]: block.entries } }, { lineWidth: 0 })}`;
}
