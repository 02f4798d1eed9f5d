/** JMH micro-benchmarks of single steps of a packet's way; {@code toehold bench micro} runs them. Imports the engine's packages. */
package dev.toehold.perf.micro;
