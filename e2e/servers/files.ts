/** The files of the site in `site/`, as any server for static files gives them. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';

const site = new URL('./site/', import.meta.url);

/** Answers requests for files. */
export async function answerFile({ url }: Pick<Request, 'url'>): Promise<Response> {
  const { pathname } = new URL(url);
  const name = pathname === '/' ? 'index.html' : pathname.slice(1);
  const text = await readFile(new URL(name, site), 'utf8').catch(() => undefined);
  const type = name.endsWith('.js') ? 'text/javascript' : 'text/html';
  return text === undefined
    ? new Response('Not found', { status: 404 })
    : new Response(text, { headers: { 'content-type': type } });
}

/** The same for Node. */
export function serveFiles(request: IncomingMessage, response: ServerResponse): void {
  void answerFile({ url: `http://localhost${request.url}` }).then(async (answer) =>
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text()),
  );
}
