import { createServer } from 'node:http';
import { formPostResponse } from 'identity-worker/server';
import { toNodeListener } from 'identity-worker/server/node';

const callbackPage = process.env['CALLBACK_PAGE'] ?? 'https://app.example.org/signed-in.html';

export const server = createServer(toNodeListener(formPostResponse({ path: '/', callbackPage })));
server.listen(Number(process.env['PORT'] ?? 8081));
