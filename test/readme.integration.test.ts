/** The commands that README.md and docs/ print, which do what they say. */
import './readme.test.js';
