/** The commands that docs/ print, which do what they say. */
import './readme.test.js';
