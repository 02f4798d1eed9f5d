package dev.toehold.control;

import dev.toehold.ffi.linux.Credentials;
import dev.toehold.ffi.linux.PeerCredentials;

/** Who may attach, and what is trusted. Whoever may open the control socket gets this far. */
public interface SessionPolicy {
    /** Why this peer may neither attach nor manage; empty if it may. */
    String refusal(PeerCredentials peer);

    /**
     * Whether regions of this peer may lie in huge pages. Holes can be punched in those under any seal, and then the engine's
     * access faults: the session ends, but only a trusted peer should be able to cause that at all.
     */
    boolean mayUseHugePages(PeerCredentials peer);

    /** The user that the engine runs as, and root. */
    static SessionPolicy sameUserOrRoot() {
        int self = Credentials.effectiveUid();
        return new SessionPolicy() {
            @Override
            public String refusal(PeerCredentials peer) {
                return peer.uid() == self || peer.uid() == 0
                        ? ""
                        : "uid=" + peer.uid() + " may not attach: run the client as uid=" + self + " or as root";
            }

            @Override
            public boolean mayUseHugePages(PeerCredentials peer) {
                return false;
            }
        };
    }
}
