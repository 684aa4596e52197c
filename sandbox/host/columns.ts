/** Formats rows as columns, by default two spaces apart as in Dokku's tables. The last column is not padded. */
export function formatColumns(rows: readonly (readonly string[])[], prefix = '', gap = '  '): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map(
    (row) =>
      prefix + row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join(gap),
  );
  return `${lines.join('\n')}\n`;
}
