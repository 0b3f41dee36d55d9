// Numbers of bytes as people and Kubernetes read them.

const UNITS = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];

/** "0", "512", "4Ki", "1.5Gi". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(1))}${UNITS[unit]}`;
}
