package dev.toehold.cli.e2e.wire;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What must hold of every segment that the engine sends on a connection, whatever is being tried on it. */
final class FlowRules {
    /** What may lie between the least and the greatest content position that a test comes to. */
    private static final int MAX_CONTENT = 4 << 20;

    private final Flow flow;
    private final List<String> violations = new ArrayList<>();
    private final Set<Integer> sentTsVals = new HashSet<>();

    private byte[] content = new byte[1 << 16];
    private int contentEnd;

    /** Highest sequence number behind what we sent, and the rightmost edge that we advertised. */
    private int sndMax;

    private int peerEdge;
    private boolean hasPeerEdge;

    private int highestAck;
    private int rightEdge;
    private boolean hasAcked;
    private int lastTsVal;
    private boolean hasTsVal;

    FlowRules(Flow flow) {
        this.flow = flow;
        sndMax = flow.iss();
    }

    List<String> violations() {
        return violations;
    }

    void onSent(int end, int edge, boolean isEdge) {
        if (end - sndMax > 0) {
            sndMax = end;
        }
        if (isEdge && (!hasPeerEdge || edge - peerEdge > 0)) {
            peerEdge = edge;
            hasPeerEdge = true;
        }
    }

    void onSentTsVal(int tsVal) {
        sentTsVals.add(tsVal);
    }

    /** For a connection that begins anew on the same ports. */
    void allowNewConnection() {
        hasAcked = false;
        hasPeerEdge = false;
        hasTsVal = false;
        contentEnd = 0;
    }

    void check(Segment segment) {
        rule(segment.violation() == null, segment, segment.violation());
        rule(segment.hop() == 64 || segment.hop() == 255, segment, "hop limit " + segment.hop());
        rule(!segment.isFragmentable(), segment, "IPv4 without DF: path MTU discovery is off (RFC 1191 section 3)");
        rule(!segment.has(Segment.SYN) || !segment.has(Segment.FIN), segment, "SYN with FIN");
        if (flow.isSynAwaited() && segment.flags() == Segment.SYN) {
            return;
        }
        rule(segment.has(Segment.ACK) || segment.has(Segment.RST), segment, "neither ACK nor RST");
        if (segment.has(Segment.RST)) {
            return;
        }
        checkOptions(segment);
        checkAcknowledgment(segment);
        if (segment.has(Segment.SYN)) {
            return;
        }
        boolean isNew = segment.end() - flow.irs() - 1 > contentEnd;
        checkText(segment);
        checkCongestionMarks(segment, isNew);
    }

    private void checkOptions(Segment segment) {
        Options options = segment.options();
        boolean isSyn = segment.has(Segment.SYN);
        if (!isSyn) {
            rule(options.mss() < 0, segment, "MSS without SYN (MUST-65)");
            rule(options.scale() < 0, segment, "window scale without SYN (RFC 7323 section 2.2)");
            rule(!options.isSackPermitted(), segment, "SACK-permitted without SYN (RFC 2018 section 2)");
            rule(
                    options.hasTimestamps() == flow.timestampsAreOn(),
                    segment,
                    "timestamps differ from what was agreed on (RFC 7323 section 3.2)");
        }
        if (options.hasTimestamps()) {
            rule(!hasTsVal || options.tsVal() - lastTsVal >= 0, segment, "TSval goes back (RFC 7323 section 4.1)");
            lastTsVal = options.tsVal();
            hasTsVal = true;
            rule(sentTsVals.contains(options.tsEcr()), segment, "TSecr was never a TSval (RFC 7323 section 3.2)");
        }
        int[] blocks = options.sackBlocks();
        if (blocks != null) {
            rule(flow.sackIsOn(), segment, "SACK without permission (RFC 2018 section 3)");
            for (int i = 0; i < blocks.length; i += 2) {
                rule(blocks[i + 1] - blocks[i] > 0, segment, "an empty SACK block");
                rule(sndMax - blocks[i + 1] >= 0, segment, "SACK of what was never sent");
                rule(
                        i == 0 || blocks[i] - segment.ack() > 0,
                        segment,
                        "a SACK block behind the first that reaches to the cumulative ACK (RFC 2018 section 4)");
            }
        }
    }

    private void checkAcknowledgment(Segment segment) {
        rule(sndMax - segment.ack() >= 0, segment, "ACK of what was never sent");
        int shift = segment.has(Segment.SYN) ? 0 : flow.rcvScale();
        int edge = segment.ack() + (segment.window() << shift);
        if (hasAcked) {
            rule(segment.ack() - highestAck >= 0, segment, "the acknowledgment number goes back");
            // An edge that stays where it is gets rounded down to the unit of the scale (RFC 7323 section 2.4), each
            // time anew.
            rule(edge - rightEdge > -(1 << flow.rcvScale()), segment, "the window shrinks (SHLD-14)");
        }
        highestAck = segment.ack();
        rightEdge = hasAcked && rightEdge - edge > 0 ? rightEdge : edge;
        hasAcked = true;
    }

    private void checkText(Segment segment) {
        int from = segment.seq() - flow.irs() - 1;
        int to = from + segment.text().length;
        rule(
                segment.text().length + segment.optionBytes().length <= flow.sendMss(),
                segment,
                "longer than the MSS of " + flow.sendMss() + " (MUST-16)");
        if (segment.text().length == 0) {
            return;
        }
        rule(
                hasPeerEdge && (segment.seq() + segment.text().length - peerEdge <= 0 || segment.text().length == 1),
                segment,
                "text beyond the window");
        if (from < 0 || to > MAX_CONTENT) {
            rule(from >= 0, segment, "text before the first byte");
            return;
        }
        if (to > content.length) {
            byte[] longer = new byte[Math.max(content.length * 2, to)];
            System.arraycopy(content, 0, longer, 0, contentEnd);
            content = longer;
        }
        rule(from <= contentEnd, segment, "text behind a gap that was never sent");
        for (int i = from; i < to; i++) {
            byte value = segment.text()[i - from];
            if (i < contentEnd && content[i] != value) {
                rule(false, segment, "byte " + i + " is another one than before");
                break;
            }
            content[i] = value;
        }
        contentEnd = Math.max(contentEnd, to);
    }

    private void checkCongestionMarks(Segment segment, boolean isNew) {
        rule(segment.ecn() != 3, segment, "a sender sets CE itself");
        if (segment.ecn() != 0) {
            rule(flow.ecnIsOn(), segment, "ECT without agreement (RFC 3168 section 6.1.1)");
            rule(segment.text().length > 0, segment, "ECT without text (RFC 3168 section 6.1.4)");
            rule(isNew, segment, "ECT on a retransmission (RFC 3168 section 6.1.5)");
        }
        if (!flow.ecnIsOn()) {
            rule((segment.flags() & (Segment.ECE | Segment.CWR)) == 0, segment, "ECE or CWR without agreement");
        }
    }

    private void rule(boolean holds, Segment segment, String text) {
        if (!holds) {
            violations.add(text + ": " + segment);
        }
    }
}
