/**
 * What {@code toehold serve} serves, written against plain streams: RFC 862, 863, 864, 867 and files over HTTP/1.1 (RFC
 * 9110, 9112). Imports nothing of Toehold, so that every rule is tested without an engine.
 */
package dev.toehold.cli.serve;
