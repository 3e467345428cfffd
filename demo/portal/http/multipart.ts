// Splits a multipart/form-data body into its parts (RFC 7578).

export interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly contentType?: string;
  readonly body: Uint8Array;
}

const lineBreak = Buffer.from('\r\n');
const headEnd = Buffer.from('\r\n\r\n');

/** @returns The parts; none where the body does not keep to its boundary. */
export function parseMultipart(body: Buffer, contentType: string): Part[] {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const marker = boundary?.[1] ?? boundary?.[2];
  if (marker === undefined) return [];
  const delimiter = Buffer.from(`--${marker}`);
  const parts: Part[] = [];
  let at = body.indexOf(delimiter);
  while (at !== -1) {
    const start = at + delimiter.length;
    const next = body.indexOf(Buffer.concat([lineBreak, delimiter]), start);
    if (next === -1) break;
    const part = parsePart(body.subarray(start + lineBreak.length, next));
    if (part) parts.push(part);
    at = next + lineBreak.length;
  }
  return parts;
}

function parsePart(bytes: Buffer): Part | undefined {
  const end = bytes.indexOf(headEnd);
  if (end === -1) return undefined;
  const head = bytes.subarray(0, end).toString('utf8');
  const name = /name="([^"]*)"/i.exec(head)?.[1];
  if (name === undefined) return undefined;
  const filename = /filename="([^"]*)"/i.exec(head)?.[1];
  const contentType = /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim();
  return {
    name,
    body: bytes.subarray(end + headEnd.length),
    ...(filename === undefined ? {} : { filename }),
    ...(contentType === undefined ? {} : { contentType }),
  };
}
