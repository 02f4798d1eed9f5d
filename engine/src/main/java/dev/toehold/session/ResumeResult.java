package dev.toehold.session;

/**
 * The answer to a {@link ResumeRequest}.
 *
 * @param code OK, or why not
 * @param text why not, for people
 * @param rcvPosition end of the bytes that the client has or that lie in its RECEIVEs
 * @param sndUna what the peer has acknowledged; one more than the end of the stream if that is acknowledged too
 */
public record ResumeResult(int code, String text, long rcvPosition, long sndUna) {
    static ResumeResult refused(int code, String text) {
        return new ResumeResult(code, text, 0, 0);
    }
}
