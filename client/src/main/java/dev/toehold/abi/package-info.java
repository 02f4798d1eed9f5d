/**
 * What engine and client say to each other: the queue pair in shared memory, the messages on the control socket, codes
 * and versions. The Javadoc here is the specification; a client in another language is written from it alone.
 *
 * <p>All integers are little-endian. A field described as zero must be zero: a value there is answered INVALID, so that
 * a later version can give it a meaning. Everything that one side reads from memory that the other can write is read
 * once into a local, checked, then used.
 *
 * <p>Imports nothing of Toehold.
 */
package dev.toehold.abi;
