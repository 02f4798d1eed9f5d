/**
 * The configuration file: TOML mapped onto records. A key is declared once, as a {@link
 * dev.toehold.engine.config.Setting} on a record component; reading, checking, `config print` and the reference page all
 * come from there.
 *
 * <p>Imports {@code dev.toehold.net} and {@code dev.toehold.tcp} for the types of values, {@code dev.toehold.ffi.linux} for the numbers of
 * users and groups, nothing else of Toehold.
 */
package dev.toehold.engine.config;
