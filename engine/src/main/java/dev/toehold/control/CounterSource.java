package dev.toehold.control;

import dev.toehold.session.LcoreSessions;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A group of counters that one lcore keeps in plain memory of its own.
 *
 * @param count how many
 * @param descriptor by index, the same for every lcore
 * @param value by index, read on the lcore's thread
 */
public record CounterSource(int count, IntFunction<CounterDescriptor> descriptor, IntToLongFunction value) {
    /** Counters of each lcore that are numbered and say their name and meaning, such as those of TCP and the stack. */
    public static CounterSource ofLcores(
            int count, IntFunction<String> name, IntFunction<String> meaning, IntToLongFunction value) {
        return new CounterSource(count, i -> CounterDescriptor.ofLcores(name.apply(i), meaning.apply(i)), value);
    }

    /** Sessions and placement of an lcore. */
    public static CounterSource of(LcoreSessions sessions) {
        EngineCounter[] all = EngineCounter.values();
        return new CounterSource(all.length, i -> all[i].descriptor(), i -> all[i].read(sessions));
    }

    Stream<CounterDescriptor> descriptors() {
        return IntStream.range(0, count).mapToObj(descriptor);
    }
}
