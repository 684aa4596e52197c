import { type Form, settingForms } from './setting-forms.ts';

/** The value of a word in a rule, by the name that the rule gives to it: `APP`, `SERVICE` … */
export type ValueName = keyof typeof forms;

/** The forms of the values in the vocabulary. None begins with a dash, which Dokku would take for a flag, but OPTION. */
const forms = {
  APP: /^[a-z0-9][a-z0-9._-]{0,127}$/,
  SERVICE: /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
  IMAGE: /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,511}$/,
  VERSION: /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
  REVISION: /^[0-9a-f]{40}$/,
  FOLDER: /^\/[A-Za-z0-9._/-]{1,511}$/,
  KEY: /^[A-Za-z_][A-Za-z0-9_]{0,254}$/,
  PAIR: /^[A-Za-z_][A-Za-z0-9_]{0,254}=[A-Za-z0-9+/]*={0,2}$/,
  PAIRS: /^[A-Za-z_][A-Za-z0-9_]{0,254}=[^;]*(;[A-Za-z_][A-Za-z0-9_]{0,254}=[^;]*)*$/,
  ALIAS: /^[A-Z][A-Z0-9_]{0,62}$/,
  SIZE: /^\d{1,7}[kmg]?$/i,
  PASSWORD: /^[A-Za-z0-9][A-Za-z0-9._~-]{7,254}$/,
  SERVER: /^[A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?(\/[A-Za-z0-9._/-]*)?$/,
  SECONDS: /^\d{1,6}$/,
  CONTAINER: /^[a-z0-9][a-z0-9_-]{0,127}\.run\.\d{1,5}$/,
  // It decodes a program inside the container and starts it: what the program does there is up to the job.
  SCRIPT:
    /^\$\(f=\/tmp\/dokku-deploy-run-[0-9a-f]{16};echo [A-Za-z0-9+/]{1,29000}={0,2}\|base64 -d>\$f;chmod 755 \$f;test \$app_path&&e=exec\\\$\{IFS\}\\\$0\|\|e=exec;echo \$e \$f\)$/,
  USER: /^[A-Za-z0-9_$][A-Za-z0-9_.@+$|~-]{0,254}$/,
  ...settingForms,
} as const satisfies Readonly<Record<string, Form>>;

/** Whether a word has the form of a value. */
export function hasForm(name: ValueName, word: string): boolean {
  return forms[name].test(word);
}

/** Returns the name of the value that a word of a rule stands for; undefined for a word that stands for itself. */
export function readValueName(word: string): ValueName | undefined {
  return Object.hasOwn(forms, word) ? (word as ValueName) : undefined;
}

/** Returns a value as the audit shows it: secrets by their keys. */
export function hideSecrets(name: ValueName, word: string): string {
  if (name === 'PASSWORD' || name === 'LOGINPASSWORD') return '[secret]';
  if (name === 'SCRIPT') return '[script]';
  if (name !== 'PAIR' && name !== 'PAIRS') return word;
  const pairs = name === 'PAIR' ? [word] : word.split(';');
  return pairs.map((pair) => pair.replace(/=.*$/s, '=[secret]')).join(';');
}

/**
 * Whether an image is one that Dokku built for an app of the host: `dokku/APP`, under any of the names that Docker has for it. A job that
 * could deploy it would get the code of that app.
 */
export function isAppImage(image: string): boolean {
  return /^((index\.|registry-1\.)?docker\.io\/)?(library\/)?dokku\//i.test(image);
}
