package dev.toehold.ffi.linux;

import java.util.List;

/**
 * Who was at the other end of a Unix socket when it connected or began to listen (SO_PEERCRED, SO_PEERGROUPS): the kernel's word, which
 * the peer cannot forge. Ids are as this process's user namespace maps them: see {@link IdMap} for those that it does not.
 *
 * @param pid as this process sees it; 0 if the peer is in a PID namespace that this process does not see
 * @param uid effective user
 * @param gid effective group
 * @param groups supplementary groups
 */
public record PeerCredentials(int pid, int uid, int gid, List<Integer> groups) {
    public PeerCredentials {
        groups = List.copyOf(groups);
    }

    /** Without supplementary groups. */
    public PeerCredentials(int pid, int uid, int gid) {
        this(pid, uid, gid, List.of());
    }

    /** Whether the group is its effective one or one of the others. */
    public boolean isInGroup(int group) {
        return gid == group || groups.contains(group);
    }
}
