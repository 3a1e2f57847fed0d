/**
 * An application of Koa behind the files of a site.
 *
 *     sudo fastpath serve ./site --handler ./koa.js
 *     curl http://10.77.0.2/api/users/7
 */
import Koa from 'koa';

const app = new Koa();
app.use((context) => {
  const [, id] = /^\/api\/users\/([^/]+)$/.exec(context.path) ?? [];
  if (id === undefined) context.throw(404);
  context.body = { id, from: context.ip };
});

export default app;
