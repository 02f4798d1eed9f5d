package dev.toehold.placement;

/**
 * Where completions go: the completion ring of a queue pair. Every outstanding operation and every lent buffer holds a promised
 * slot, so {@link #complete} with {@code promised} cannot fail; anything else first asks {@link #unpromised()}.
 *
 * <p>Nothing is visible to the client before the queue pair is published.
 */
public interface CompletionSink {
    /** Slots that are neither filled nor promised. */
    int unpromised();

    /** Promises a slot more; the caller has seen one in {@link #unpromised()}. */
    void promise();

    /** Takes a promise back unused. */
    void release();

    /**
     * Appends one completion; the fields are those of {@link dev.toehold.abi.CompletionDescriptor}.
     *
     * @param promised the slot is one that was promised before; the promise ends here
     */
    void complete(
            boolean promised,
            int op,
            long userData,
            long handle,
            long position,
            int result,
            int flags,
            int buffer,
            int bufferOffset,
            int length,
            int more,
            long arg0,
            long arg1);
}
