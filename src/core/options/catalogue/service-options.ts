/** Of what answers over HTTP. */
import { choice, flag, or, text, texts, wholeNumber } from '../kinds.js';
import { option } from '../option.js';

const ports = { min: 0, max: 65_535 };
const aboutPort = 'port to listen at; 0: any that is free';

export const serviceOptions = {
  host: option(or(text, '127.0.0.1'), { about: 'address to listen at', group: 'SERVICE', value: 'ADDRESS' }),
  port: option(or(wholeNumber(ports), 7341), { about: aboutPort, group: 'SERVICE' }),
  explorePort: option(or(wholeNumber(ports), 0), { about: aboutPort, group: 'SERVICE', variable: 'PORT' }),
  allowHost: option(or(texts, []), {
    about: 'name by which requests may call the service, besides its own',
    group: 'SERVICE',
    value: 'NAME',
  }),
  tokenFile: option(text, {
    about:
      'file with a token a line, after it rights (read,listeners,feedback,hide,forget) and names of roots; read again on SIGHUP',
    group: 'SERVICE',
    value: 'FILE',
    usually: 'a token is made, and printed once',
  }),
  requireToken: option(or(flag, false), {
    about: 'ask for a token for reading too, on a loopback address',
    group: 'SERVICE',
  }),
  workers: option(wholeNumber({ min: 0, max: 256 }), {
    about: 'threads that search',
    group: 'SERVICE',
    usually: 'one per core',
  }),
  timeout: option(or(text, '10s'), {
    about: 'longest that an answer may take',
    group: 'SERVICE',
    value: 'TIME',
  }),
  drain: option(or(text, '10s'), {
    about: 'on SIGTERM, how long answers go on while /readyz is 503 already',
    group: 'SERVICE',
    value: 'TIME',
  }),
  maxRequests: option(wholeNumber({ min: 1, max: 100_000 }), {
    about: 'answers under way at once, of 100 results each; more are refused with 503',
    group: 'SERVICE',
    usually: '64 per worker',
  }),
  servedFallback: option(or(text, 'popular'), {
    about: 'recipe that answers for a user whom nobody knows, or who was forgotten',
    group: 'RECIPE',
    value: 'NAME|FILE',
  }),
  mayWrite: option(or(flag, false), {
    about: 'let the page keep likes, dislikes and bans as feedback',
    group: 'SERVICE',
    flag: 'write',
  }),
  noOpen: option(or(flag, false), { about: 'print the address, and open no browser', group: 'SERVICE' }),
  logLevel: option(or(choice('silent', 'error', 'warn', 'info'), 'info'), {
    about: 'how much is logged; info has a line of JSON for each request',
    group: 'LOG',
  }),
  logFile: option(text, {
    about: 'file that lines are appended to',
    group: 'LOG',
    value: 'FILE',
    usually: 'standard error',
  }),
  logDetails: option(or(flag, false), {
    about: 'log addresses and callers, which may name users',
    group: 'LOG',
  }),
  roots: option(or(texts, []), {
    about: 'directory that holds the snapshots; NAME=DIR for each of several',
    group: 'GLOBAL',
    flag: 'root',
    value: 'DIR',
    usually: '.segue',
  }),
};
