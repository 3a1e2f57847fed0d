/**
 * An application of Hono behind the files of a site. It needs hono and @hono/node-server beside it.
 *
 *     sudo fastpath serve ./site --handler ./hono.js
 *     curl http://10.77.0.2/api/users/7
 */
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';

const app = new Hono();
app.get('/api/users/:id', (c) => c.json({ id: c.req.param('id'), from: getConnInfo(c).remote.address }));
app.post('/api/users', async (c) => c.json(await c.req.json(), 201));

export default app;
