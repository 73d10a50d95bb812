/** All forms of listening are read again by the line to paste. */
import './forms.test.js';
