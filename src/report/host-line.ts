const colour = /\u001b\[[0-9;]*m/g;
const control = /\u001b\[[0-9;?]*[A-Za-ln-z]|\u001b[^[]|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g;

/**
 * A line of the host's as it may stand in a job's log: whole, with its colours where they are wanted, and unable to move
 * the cursor or to forge one of GitLab's section marks.
 */
export const hostLine = (line: string, { colours }: { readonly colours: boolean }): string => {
  const safe = line.replace(control, '').replace(/section_(start|end):/g, 'section_$1 :');
  if (!colours) return safe.replace(colour, '');
  return safe.includes('\u001b[') ? `${safe}\u001b[0m` : safe;
};
