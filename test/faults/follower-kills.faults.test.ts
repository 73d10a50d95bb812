/** A hundred kills over more events instead of a few. */
import './follower-kills.test.js';
