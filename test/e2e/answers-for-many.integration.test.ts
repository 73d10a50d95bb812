/** The same, with every user. */
import './answers-for-many.test.js';
