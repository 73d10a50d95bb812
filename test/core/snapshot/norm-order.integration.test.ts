/** As many vectors as the order of items is kept for, for many queries. */
import './norm-order.test.js';
