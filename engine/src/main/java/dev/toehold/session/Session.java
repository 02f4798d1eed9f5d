package dev.toehold.session;

import dev.toehold.ffi.linux.PeerCredentials;
import dev.toehold.ffi.linux.WakeSocket;

/**
 * Who a client is and what it may use; fixed at HELLO. The lcores read it, the control thread keeps what changes.
 *
 * @param id 1 or more, not used again while anything of the session is left
 * @param name what the client calls itself, for people
 * @param peer the kernel's word on who connected
 * @param wakeup wakes the client, which holds the other end; shared by all lcores
 * @param receiveCreditBytes default of {@link dev.toehold.abi.Option#RECEIVE_CREDIT}
 * @param limits what it may use
 */
public record Session(
        int id, String name, PeerCredentials peer, WakeSocket wakeup, long receiveCreditBytes, SessionLimits limits) {}
