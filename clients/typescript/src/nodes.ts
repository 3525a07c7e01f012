/** Where RabbitMQ is: one node or several of a cluster, which are tried in turn. */

/** A node, and how logs call it: without the account. */
export interface Node {
  readonly url: string;
  readonly name: string;
}

/** Seconds. Shorter than RabbitMQ's own, because another node may be there; what a URI says stays. */
const HEARTBEAT = '30';

/** In an order of its own, so that clients spread over them. Throws a TypeError if there is none or a URI is wrong. */
export function nodesOf(urls: string | readonly string[]): Node[] {
  const given = typeof urls === 'string' ? [urls] : [...urls];
  if (given.length === 0) throw new TypeError('urls names no RabbitMQ');
  return shuffled(given.map(nodeOf));
}

/** The nodes in turn: what has been tried is tried again behind the others. */
export function next(nodes: Node[]): Node {
  const [node] = nodes.splice(0, 1) as [Node];
  nodes.push(node);
  return node;
}

function nodeOf(text: string): Node {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Told below: its error holds the URI.
  }
  // Never with the URI: it has the password.
  if (!url || !['amqp:', 'amqps:'].includes(url.protocol) || !url.hostname) {
    throw new TypeError('urls: an AMQP URI such as amqp://user:password@host:5672/ is needed');
  }
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', HEARTBEAT);
  return { url: url.href, name: `${url.hostname}:${url.port || (url.protocol === 'amqps:' ? 5671 : 5672)}` };
}

function shuffled<T>(list: T[]): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}
