/** A hundred kills over a million events instead of a few. */
import './follower-kills.test.js';
