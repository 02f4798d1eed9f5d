/**
 * The {@code toehold} command: a class per subcommand, on picocli. Errors are one line on stderr; exit codes are 0, 1 (it
 * failed) and 2 (wrong usage).
 */
package dev.toehold.cli;
