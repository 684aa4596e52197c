const colour = /\u001b\[[0-9;]*m/g;

// Colours come first: they are kept. All other escape sequences are removed (ECMA-48, 5.4), also unfinished ones: the text after one
// could complete it.
const control =
  /(\u001b\[[0-9;]*m)|\u001b(?:\[[0-?]*[ -/]*[@-~]|[^[\u001b])?|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

const needsWork = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|section_/;

/**
 * Makes a line of the host's output safe for a job's log: it keeps its text, and its colours if they are wanted, but cannot
 * move the cursor or forge one of GitLab's section marks.
 */
export function sanitizeLine(line: string, { colours }: { readonly colours: boolean }): string {
  if (!needsWork.test(line)) return line;
  const cleaned = line.replace(control, '$1');
  const coloured = colours ? cleaned : cleaned.replace(colour, '');
  const safe = coloured.replace(/section_(start|end):/g, 'section_$1 :');
  return safe.includes('\u001b[') ? `${safe}\u001b[0m` : safe;
}

/** Removes colours and control characters from a text, other than tabs and line breaks. */
export function sanitizeText(text: string): string {
  return sanitizeLine(text, { colours: false });
}
