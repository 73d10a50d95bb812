/** Flags of the web page. */
import { optionValues } from '../../core/options/values.js';
import { inGroup, toggle, wholeNumber, withEnvironment } from './flag-kinds.js';

export const exploreFlags = inGroup(
  'SERVICE',
  withEnvironment({
    port: wholeNumber({ description: 'port to listen at; 0: any that is free', ...optionValues.explorePort }),
    write: toggle({ description: 'let the page keep likes, dislikes and bans as feedback' }),
    'no-open': toggle({ description: 'print the address, and open no browser' }),
  }),
);
