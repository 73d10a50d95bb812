/** FIFOs, sockets and devices too, each read by a process. */
import './planted-files.test.js';
