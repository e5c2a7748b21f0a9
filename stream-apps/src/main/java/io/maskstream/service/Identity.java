package io.maskstream.service;

/**
 * Who sends a request.
 *
 * @param name from the token; {@code local} where no tokens are configured
 * @param role what they may do
 */
public record Identity(String name, Role role) {
    /** Everybody, where no tokens are configured. */
    public static final Identity LOCAL = new Identity("local", Role.OPERATOR);
}
