/** For `node --import`: whoever imports tuntap2 gets the stand-in. */
import { register } from 'node:module';

const standIn = new URL('./tuntap2.js', import.meta.url).href;
const hook = `
  export async function resolve(name, context, next) {
    return name === 'tuntap2' ? { url: ${JSON.stringify(standIn)}, shortCircuit: true } : next(name, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
