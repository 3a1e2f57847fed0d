/**
 * An application of Fastify behind the files of a site.
 *
 *     sudo fastpath serve ./site --handler ./fastify.js
 *     curl http://10.77.0.2/api/users/7
 */
import fastify from 'fastify';

const app = fastify();
app.get<{ Params: { id: string } }>('/api/users/:id', async (request) => ({ id: request.params.id, from: request.ip }));
app.post('/api/users', async (request, reply) => reply.code(201).send(request.body));

export default app;
