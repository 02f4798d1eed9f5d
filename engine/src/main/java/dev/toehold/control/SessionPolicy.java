package dev.toehold.control;

import dev.toehold.ffi.linux.PeerCredentials;

/** Who may attach and manage, and what each may use. Whoever may open the control socket is looked up here. */
@FunctionalInterface
public interface SessionPolicy {
    /** What a peer may do. Asked once for each connection of the control socket, on the control thread. */
    Grant grant(PeerCredentials peer);
}
