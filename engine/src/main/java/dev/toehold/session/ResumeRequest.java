package dev.toehold.session;

import dev.toehold.abi.Handle;

/**
 * What a client says of a connection that it takes up; its positions are its word. For a listener all positions are 0.
 *
 * @param handle that an earlier engine gave
 * @param deliveredPosition end of the bytes that completions have named
 * @param consumedPosition end of those that the application has taken
 * @param submittedPosition end of the bytes that were submitted for sending
 */
public record ResumeRequest(long handle, long deliveredPosition, long consumedPosition, long submittedPosition) {
    boolean isOfListener(Listeners listeners) {
        return listeners.isIndex(Handle.index(handle));
    }
}
