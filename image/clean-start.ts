// Node reads these variables before any code of ours. A job sets them for its project's own programs: here they would print requests
// with their tokens, write files into the project, or turn off the checks of TLS. So the binary starts again without them. NODE_OPTIONS,
// which could run code in this process, is ignored from the start (build.ts).
const projectSettings = [
  'NODE_DEBUG',
  'NODE_DEBUG_NATIVE',
  'NODE_PENDING_DEPRECATION',
  'NODE_REDIRECT_WARNINGS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_V8_COVERAGE',
];

if (projectSettings.some((name) => process.env[name] !== undefined)) {
  for (const name of projectSettings) delete process.env[name];
  process.execve?.(process.execPath, [process.execPath, ...process.argv.slice(2)]);
}
