import { fail } from '../host/answers.ts';
import type { Service } from '../host/service.ts';
import { serviceRoot } from './info.ts';
import type { ServiceRequest } from './lookup.ts';
import { type Command, withService } from './with-service.ts';

interface BackupCommand {
  /** The error messages for missing arguments, in the order of the arguments after the service. */
  readonly needs: readonly string[];
  readonly run: (request: ServiceRequest, service: Service, words: readonly string[]) => number;
}

const backup: BackupCommand = {
  needs: ['Please specify an aws bucket for the backup'],
  run: ({ call }, service, [, flag]) => {
    if (flag === undefined) {
      if (!service.properties.has('backup.auth')) return fail(call, 'Missing AWS_ACCESS_KEY_ID file');
    } else if (!isIam(flag)) return fail(call, 'Provide AWS credentials or use the --use-iam flag');
    if (service.status === 'missing') return fail(call, 'Service container does not exist');
    if (service.status !== 'running') return fail(call, 'Service container is not running');
    return fail(call, 'The sandbox reaches no bucket: nothing was backed up');
  },
};

const auth: BackupCommand = {
  needs: ['Please specify an aws access key id', 'Please specify an aws secret access key'],
  run: ({ call }, service) => {
    if (service.properties.has('backup.auth')) {
      call.err(`mkdir: cannot create directory '${serviceRoot(service)}/backup': File exists\n`);
      return 1;
    }
    service.properties.set('backup.auth', 'set');
    return 0;
  },
};

const schedule: BackupCommand = {
  needs: ['Please specify a schedule for the backup', 'Please specify an aws bucket for the backup'],
  run: ({ call, type }, service, [when, bucket, flag]) => {
    if (flag !== undefined && !isIam(flag))
      return fail(call, "Invalid flag provided, only '--use-iam' allowed");
    const line = `${when} dokku /usr/bin/dokku ${type.plugin}:backup ${service.name} ${bucket} ${flag ?? ''}`;
    service.properties.set('backup.schedule', line);
    return 0;
  },
};

const scheduleCat: BackupCommand = {
  needs: [],
  run: ({ call }, service) => {
    const line = service.properties.get('backup.schedule');
    if (line === undefined) return fail(call, `There is no scheduled backup for ${service.name}.`);
    call.out(`${line}\n`);
    return 0;
  },
};

const commands: Readonly<Record<string, BackupCommand>> = {
  backup,
  'backup-auth': auth,
  'backup-deauth': unsetCommand('backup.auth'),
  'backup-schedule': schedule,
  'backup-schedule-cat': scheduleCat,
  'backup-unschedule': unsetCommand('backup.schedule'),
  'backup-set-encryption': setCommand('backup.key', 'Please specify a GPG backup passphrase'),
  'backup-set-public-key-encryption': setCommand(
    'backup.public-key',
    'Please specify a valid GPG Public Key ID (or fingerprint)',
  ),
  'backup-unset-encryption': unsetFileCommand('backup.key', 'ENCRYPTION_KEY'),
  'backup-unset-public-key-encryption': unsetFileCommand('backup.public-key', 'ENCRYPT_WITH_PUBLIC_KEY_ID'),
};

/** The `backup…` commands by the name after the colon. They store settings; nothing leaves the sandbox. */
export const backups: Readonly<Record<string, Command>> = Object.fromEntries(
  Object.entries(commands).map(([name, command]) => [name, createCommand(command)]),
);

function isIam(flag: string | undefined): boolean {
  return flag === '--use-iam' || flag === '-u';
}

function unsetCommand(property: string): BackupCommand {
  return {
    needs: [],
    run: (_, service) => {
      service.properties.delete(property);
      return 0;
    },
  };
}

function setCommand(property: string, missing: string): BackupCommand {
  return {
    needs: [missing],
    run: (_, service) => {
      service.properties.set(property, 'set');
      return 0;
    },
  };
}

/** Returns a command that removes a setting, and fails if the setting's file doesn't exist. */
function unsetFileCommand(property: string, file: string): BackupCommand {
  return {
    needs: [],
    run: ({ call }, service) => {
      if (service.properties.delete(property)) return 0;
      call.err(
        `rm: cannot remove '${serviceRoot(service)}/backup-encryption//${file}': No such file or directory\n`,
      );
      return 1;
    },
  };
}

function createCommand({ needs, run }: BackupCommand): Command {
  return (request) => {
    const [name = '', ...words] = request.call.words;
    const missing = needs.find((_, index) => !words[index]);
    if (name !== '' && missing !== undefined) return fail(request.call, missing);
    return withService(({ service }) => run(request, service, words))(request);
  };
}
