// Errors of sockets in the words that Go's net package has for them, because people search for those words. Pure.

const CONNECT: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connect: connection refused',
  ECONNRESET: 'connect: connection reset by peer',
  EHOSTUNREACH: 'connect: no route to host',
  EHOSTDOWN: 'connect: host is down',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'connect: connection timed out',
  EADDRNOTAVAIL: 'connect: cannot assign requested address',
  EACCES: 'connect: permission denied',
  EPERM: 'connect: operation not permitted',
};

const EXCHANGE: { readonly [code: string]: string } = {
  ECONNRESET: 'read: connection reset by peer',
  EPIPE: 'write: broken pipe',
  HPE_HEADER_OVERFLOW: 'server response headers exceeded the limit',
};

/** @param address "host:port" */
export function describeNetError(error: Error, address: string): string {
  const { code, syscall } = error as NodeJS.ErrnoException;
  // Several addresses were tried: the last refusal speaks for all.
  const last = error instanceof AggregateError ? error.errors.at(-1) : undefined;
  if (last instanceof Error) return describeNetError(last, address);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `dial tcp: lookup ${address.replace(/:\d+$/, '')}: no such host`;
  }
  const connect = syscall === 'connect' ? CONNECT[code ?? ''] : undefined;
  if (connect !== undefined) return `dial tcp ${address}: ${connect}`;
  if (error.message === 'socket hang up') return 'EOF';
  if (code?.startsWith('HPE_') === true && EXCHANGE[code] === undefined) return 'malformed HTTP response';
  return EXCHANGE[code ?? ''] ?? error.message.trim();
}

/** True when TLS was spoken to a server that answered in something else, most likely plain HTTP. */
export function isPlainAnswer(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'EPROTO' && error.message.includes('wrong version number');
}
