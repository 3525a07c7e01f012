import type { ConnectionOptions } from 'node:tls';

/** For amqps: what a URI cannot say, such as a certificate authority of one's own. */
export type TlsOptions = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'pfx' | 'servername'>;
