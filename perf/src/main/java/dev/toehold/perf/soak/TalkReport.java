package dev.toehold.perf.soak;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a process of conversations has to say of them, as a line.
 *
 * @param messages questions with their answers
 * @param bytes compared
 * @param open conversations
 * @param broken conversations that ended otherwise than by their end, by tag
 */
public record TalkReport(long messages, long bytes, int open, Map<Long, Integer> broken) {
    static final String WORD = "talk";

    static TalkReport parse(String line) {
        String[] words = line.split(" ", -1);
        if (words.length < 4 || !words[0].equals(WORD)) {
            throw new IllegalArgumentException("line=" + line);
        }
        Map<Long, Integer> broken = new TreeMap<>();
        for (int i = 4; i < words.length; i++) {
            String[] pair = words[i].split("=", 2);
            broken.put(Long.valueOf(pair[0]), Integer.valueOf(pair[1]));
        }
        return new TalkReport(Long.parseLong(words[1]), Long.parseLong(words[2]), Integer.parseInt(words[3]), broken);
    }

    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(WORD + " " + messages + " " + bytes + " " + open);
        broken.forEach((tag, count) -> line.append(' ').append(tag).append('=').append(count));
        return line.toString();
    }
}
