package dev.toehold.ffi.linux;

/**
 * Who was at the other end of a Unix socket when it connected or began to listen (SO_PEERCRED): the kernel's word, which
 * the peer cannot forge.
 *
 * @param pid as this process sees it; 0 if the peer is in a PID namespace that this process does not see
 * @param uid effective user
 * @param gid effective group
 */
public record PeerCredentials(int pid, int uid, int gid) {}
