/**
 * What engine and client say to each other: the queue pair in shared memory, the messages on the control socket, codes
 * and versions. The Javadoc here is the specification; a client in another language is written from it alone
 * ({@code client/src/test/c/echo_client.c} is one).
 *
 * <p>All integers are little-endian. A field described as zero must be zero: a value there is answered INVALID, so that
 * a later version can give it a meaning. Everything that one side reads from memory that the other can write is read
 * once into a local, checked, then used.
 *
 * <p>A client's way, from nothing to an echo:
 *
 * <ol>
 *   <li>Connect to the control socket (AF_UNIX, SOCK_SEQPACKET). Send HELLO, read WELCOME: it tells the number of lcores and brings
 *       the wake-up socket. See {@link ControlMessage}.
 *   <li>Make a memfd (MFD_ALLOW_SEALING), fallocate it, seal it with F_SEAL_SHRINK, map it shared; send REGISTER with the descriptor
 *       and an id of your choice. Cut a part of it into equal buffers and send GROUP. Both are answered by REPLY.
 *   <li>For each lcore send QUEUE_PAIR. The answer brings the memory of the queue pair, to be mapped shared, and the lcore's
 *       doorbell. Check its header: {@link QueuePairDescriptor}.
 *   <li>Lend buffers by entries in the buffer ring ({@link BufferEntryDescriptor}). The buffers of one group may be dealt out to
 *       several queue pairs, each buffer to one.
 *   <li>Write a LISTEN into the submission ring of each lcore ({@link SubmissionDescriptor}, {@link Op#LISTEN}) and wait for its
 *       completion ({@link CompletionDescriptor}). Each lcore owns the connections that it accepts: everything about them goes
 *       through its queue pair.
 *   <li>An {@link Op#ACCEPT} brings a handle. What comes is told by {@link Op#PROVIDED}; {@link Op#SEND} may name those very bytes.
 *       When the SEND has completed, say CONSUMED, and lend the buffer again once its last PROVIDED (without MORE) has come.
 *       Grant the listener new credit for each connection taken ({@link Option#ACCEPT_CREDIT}).
 *   <li>At EOF or TERMINATED submit CLOSE; forget the connection at its completion.
 *   <li>After writing entries, and after taking completions, look whether the engine sleeps and ring its doorbell: an eight-byte
 *       write of the number 1 to the eventfd. With nothing to do, announce sleep and poll(2) the wake-up socket and the
 *       control socket; read the former empty. The control socket hangs up when the session ends.
 * </ol>
 *
 * <p>A full submission ring is announced by nothing when it has room again: look at sqHead, and go on taking completions meanwhile, as
 * the engine takes submissions only while there are places for their completions.
 *
 * <p>Imports nothing of Toehold.
 */
package dev.toehold.abi;
