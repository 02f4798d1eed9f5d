package dev.toehold.control;

import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ControlEncoder;
import dev.toehold.abi.ControlMessage;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.SeqPacketSocket;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;

/**
 * The answers that one control socket is owed, in the order of its requests. An answer that has to wait for an lcore keeps its place;
 * one that the client does not read stays here, and when there are many no more requests are read.
 */
final class AnswerQueue {
    /** Bytes of text in one ADMIN_REPLY: fewer characters of four bytes each fit too. */
    private static final int PART_BYTES = ControlMessage.MAX_LENGTH - ControlMessage.BODY_OFFSET;

    private static final int MAX_CHAR_BYTES = 4;

    private final ArrayDeque<Answer> answers = new ArrayDeque<>();
    private final ControlEncoder encoder;
    private final MemorySegment buffer;
    private final int limit;

    /**
     * @param buffer of {@link ControlMessage#MAX_LENGTH} bytes; may be shared by all queues of a thread
     * @param limit of outstanding answers
     */
    AnswerQueue(MemorySegment buffer, int limit) {
        this.buffer = buffer;
        this.encoder = new ControlEncoder(buffer);
        this.limit = limit;
    }

    /** One request's answer: complete it once, at any time, on the control thread. */
    static final class Answer {
        private final long correlation;
        private ControlBody body;
        private List<Fd> descriptors = List.of();
        private byte[] text;
        private int sent;
        private boolean isReady;

        private Answer(long correlation) {
            this.correlation = correlation;
        }

        void reply(int result, String reason) {
            complete(new ControlBody.Reply(result, cut(reason)), List.of());
        }

        /** The descriptors are closed once they are sent, or given up. */
        void complete(ControlBody answer, List<Fd> fds) {
            if (isReady) {
                throw new IllegalStateException("answered twice, correlation=" + correlation);
            }
            body = answer;
            descriptors = fds;
            isReady = true;
        }

        /** Text for ADMIN_REPLY, in as many parts as it needs. */
        void text(String value) {
            text = value.getBytes(StandardCharsets.UTF_8);
            isReady = true;
        }

        private static String cut(String reason) {
            return reason.length() * MAX_CHAR_BYTES <= ControlMessage.MAX_TEXT_LENGTH
                    ? reason
                    : reason.substring(0, ControlMessage.MAX_TEXT_LENGTH / MAX_CHAR_BYTES);
        }

        private void giveUp() {
            descriptors.forEach(Fd::close);
            descriptors = List.of();
        }
    }

    boolean isFull() {
        return answers.size() >= limit;
    }

    boolean isEmpty() {
        return answers.isEmpty();
    }

    /** Takes the next place. */
    Answer add(long correlation) {
        Answer answer = new Answer(correlation);
        answers.add(answer);
        return answer;
    }

    /** Whether the first answer is complete: then only the socket keeps it here. */
    boolean isBlockedBySocket() {
        Answer first = answers.peek();
        return first != null && first.isReady;
    }

    /**
     * Sends what is complete, in order.
     *
     * @return false if the client is gone
     */
    boolean flush(SeqPacketSocket socket) {
        Answer first;
        while ((first = answers.peek()) != null && first.isReady) {
            int result = first.text != null ? sendPart(socket, first) : send(socket, first);
            if (result == SeqPacketSocket.HANG_UP) {
                return false;
            }
            if (result == SeqPacketSocket.WOULD_BLOCK) {
                return true;
            }
            if (first.text == null || first.sent == first.text.length) {
                first.giveUp();
                answers.remove();
            }
        }
        return true;
    }

    /** Nobody is left to answer. */
    void clear() {
        answers.forEach(Answer::giveUp);
        answers.clear();
    }

    private int send(SeqPacketSocket socket, Answer answer) {
        int length = encoder.encode(answer.correlation, answer.body);
        return socket.send(buffer.asSlice(0, length), answer.descriptors.toArray(Fd[]::new));
    }

    private int sendPart(SeqPacketSocket socket, Answer answer) {
        int end = Math.min(answer.text.length, answer.sent + PART_BYTES);
        while (end < answer.text.length && (answer.text[end] & 0xc0) == 0x80) {
            end--; // a part ends between two characters
        }
        String part = new String(answer.text, answer.sent, end - answer.sent, StandardCharsets.UTF_8);
        boolean isMore = end < answer.text.length;
        int length = encoder.encode(answer.correlation, new ControlBody.AdminReply(part), isMore);
        int result = socket.send(buffer.asSlice(0, length));
        if (result > 0) {
            answer.sent = end;
        }
        return result;
    }
}
