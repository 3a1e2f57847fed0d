/** Required by .mocharc.json: in tests, what cannot happen is an error. In production it is only counted. */
import { onImpossibleEvent } from '../../src/net/tcp/block/transition.js';

onImpossibleEvent.throws = true;
