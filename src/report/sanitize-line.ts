const colour = /\u001b\[[0-9;]*m/g;

// Colours come first, to be kept. Each other escape goes (ECMA-48, 5.4), one without an end too: what stands behind it could become one.
const control =
  /(\u001b\[[0-9;]*m)|\u001b(?:\[[0-?]*[ -/]*[@-~]|[^[\u001b])?|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * A line of the host's as it may stand in a job's log: whole, with its colours where they are wanted, and unable to move
 * the cursor or to forge one of GitLab's section marks.
 */
export function sanitizeLine(line: string, { colours }: { readonly colours: boolean }): string {
  const cleaned = line.replace(control, '$1');
  const coloured = colours ? cleaned : cleaned.replace(colour, '');
  const safe = coloured.replace(/section_(start|end):/g, 'section_$1 :');
  return safe.includes('\u001b[') ? `${safe}\u001b[0m` : safe;
}
