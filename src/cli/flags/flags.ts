/** The flags of every command. */
import { catalogue } from '../../core/options/catalogue.js';
import { pick } from '../../core/options/option.js';
import { flagsOfOptions, type Flag } from './flags-of.js';

export const globalFlags: Record<'root' | 'json' | 'quiet' | 'verbose', Flag> = flagsOfOptions(
  pick(catalogue, 'root', 'json', 'quiet', 'verbose'),
);
globalFlags.quiet.exclusive = ['verbose'];
