// An HTTP request as the portal's handlers get it, with body, form fields and token.

import type { IncomingMessage } from 'node:http';
import type { ServerName } from '../switches.js';
import { parseMultipart, type Part } from './multipart.js';

export type TokenPlacement = 'none' | 'query' | 'form' | 'authorization' | 'x-esri-authorization';

export interface PortalRequest {
  readonly server: ServerName;
  readonly method: string;
  /** The request target as sent, for the log only. */
  readonly target: string;
  /** Percent-encoded path without a trailing slash. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Fields of an urlencoded body, or the fields without a file of a multipart body. */
  readonly form: URLSearchParams;
  /** Form and query together; form fields take precedence. */
  readonly params: URLSearchParams;
  readonly parts: readonly Part[];
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly cookies: ReadonlyMap<string, string>;
  readonly body: Buffer;
  readonly remoteAddress: string;
  readonly token: { readonly value: string; readonly placement: TokenPlacement } | undefined;
}

export class BodyTooLarge extends Error {}

/** Longest request body, in bytes. */
const largestBody = 256 * 1024 * 1024;

export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > largestBody) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function parseRequest(
  message: IncomingMessage,
  body: Buffer,
  serverAt: (path: string) => ServerName,
): PortalRequest {
  const target = message.url ?? '/';
  const cut = target.indexOf('?');
  const rawPath = cut === -1 ? target : target.slice(0, cut);
  const path = rawPath.length > 1 ? rawPath.replace(/\/+$/, '') : rawPath;
  const query = new URLSearchParams(cut === -1 ? '' : target.slice(cut + 1));
  const headers = singleHeaders(message);
  const contentType = headers['content-type'] ?? '';
  const parts = /^multipart\/form-data/i.test(contentType) ? parseMultipart(body, contentType) : [];
  const form = parseForm(body, contentType, parts);
  const params = new URLSearchParams(query);
  for (const name of new Set(form.keys())) {
    params.delete(name);
    for (const value of form.getAll(name)) params.append(name, value);
  }
  return {
    server: serverAt(path),
    method: message.method ?? 'GET',
    target,
    path,
    query,
    form,
    params,
    parts,
    headers,
    cookies: parseCookies(headers['cookie']),
    body,
    remoteAddress: message.socket.remoteAddress ?? '',
    token: findToken(query, form, headers),
  };
}

function singleHeaders(message: IncomingMessage): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

function parseForm(body: Buffer, contentType: string, parts: readonly Part[]): URLSearchParams {
  if (/^application\/x-www-form-urlencoded/i.test(contentType))
    return new URLSearchParams(body.toString('utf8'));
  const form = new URLSearchParams();
  for (const part of parts) {
    if (part.filename === undefined) form.append(part.name, Buffer.from(part.body).toString('utf8'));
  }
  return form;
}

function parseCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0) cookies.set(pair.slice(0, equals).trim(), pair.slice(equals + 1).trim());
  }
  return cookies;
}

/** The token of the request. As on ArcGIS, names are case-sensitive and the first of two `token` parameters counts. */
function findToken(
  query: URLSearchParams,
  form: URLSearchParams,
  headers: Readonly<Record<string, string | undefined>>,
): PortalRequest['token'] {
  const queryToken = query.get('token');
  if (queryToken) return { value: queryToken, placement: 'query' };
  const formToken = form.get('token');
  if (formToken) return { value: formToken, placement: 'form' };
  for (const placement of ['x-esri-authorization', 'authorization'] as const) {
    const bearer = /^Bearer (.+)$/i.exec(headers[placement] ?? '')?.[1];
    if (bearer) return { value: bearer, placement };
  }
  return undefined;
}
