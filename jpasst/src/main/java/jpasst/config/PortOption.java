// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import jpasst.flow.Pif;
import jpasst.forward.PortSpec;
import jpasst.wire.IpProtocol;

/**
 * One {@code -t}, {@code -u}, {@code -T} or {@code -U}.
 *
 * @param letter the option's letter
 * @param ports its value
 */
public record PortOption(char letter, PortSpec ports) {
    /** All letters there are, in the order of their defaults. */
    static final String LETTERS = "tuTU";

    /**
     * Where the ports are.
     *
     * @return {@link Pif#HOST} or {@link Pif#SPLICE}
     */
    public Pif pif() {
        return letter == 't' || letter == 'u' ? Pif.HOST : Pif.SPLICE;
    }

    /**
     * Which protocol they are of.
     *
     * @return IP protocol number
     */
    public int protocol() {
        return letter == 't' || letter == 'T' ? IpProtocol.TCP : IpProtocol.UDP;
    }
}
