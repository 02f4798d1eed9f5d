package dev.toehold.control;

import java.util.function.LongSupplier;

/**
 * What the engine as a whole has now; looked up when somebody asks, on any thread.
 *
 * @param descriptor a gauge of the engine
 */
public record GaugeSource(CounterDescriptor descriptor, LongSupplier value) {}
