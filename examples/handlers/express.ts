/**
 * An application of Express behind the files of a site.
 *
 *     sudo fastpath serve ./site --handler ./express.js
 *     curl http://10.77.0.2/api/users/7
 */
import express from 'express';

const app = express();
app.use(express.json());
app.get('/api/users/:id', ({ params: { id }, ip }, response) => void response.json({ id, from: ip }));
app.post('/api/users', (request, response) => void response.status(201).json(request.body));

export default app;
