// Retry-After as RFC 9110 has it: seconds, or a date, which is compared with the server's own clock. Pure.

/** A server may not send a device to sleep for longer. */
export const RETRY_AFTER_MAX_MS = 60 * 60 * 1_000;

/** @param date the answer's Date header @returns undefined when the header is missing or makes no sense */
export function retryAfterMs(header: string | undefined, date: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, RETRY_AFTER_MAX_MS);
  // Dates of HTTP begin with a weekday; the parser would take much else for a date.
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return undefined;
  const ms = Date.parse(text) - Date.parse(date ?? '');
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS) : undefined;
}
