import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Watches how much memory a process holds. Returns a function that ends this and returns the most, in bytes. */
export const watchMemory = ({ pid = 0 }: ChildProcess): (() => number) => {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, peakMemory(pid));
  }, 20);
  return () => {
    clearInterval(timer);
    return peak;
  };
};

/** The most memory that a process has held, in bytes (proc(5), VmHWM); 0 if it has ended. */
function peakMemory(pid: number): number {
  const path = `/proc/${pid}/status`;
  const status = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
}
